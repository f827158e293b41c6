import type { Kernel } from './kernel.ts';
import { reduceLeg } from './leg-exit.ts';
import { nextPairState } from './pair-saga.ts';
import { averageEntryTicks, type HedgeState, type Leg, mainLeg, type Trade } from './trade.ts';
import type { Lots } from './units.ts';

const REPRICES_MAX = 1;

export function legTimer(trade: Trade, leg: Leg): string {
  return `${trade.tradeId}:leg:${trade.legs.indexOf(leg)}`;
}

/**
 * Brings every hedge leg to what the filled main leg asks for. Called after each main fill and when
 * the entry is over; a leg below its minimum notional waits, and is skipped once the entry is over.
 */
export function hedgeFills(kernel: Kernel, trade: Trade): void {
  for (const leg of trade.legs) {
    if (leg.hedge === undefined) continue;
    const { stage } = leg.hedge;
    if (stage === 'skipped' || stage === 'failed') continue;
    openLeg(kernel, trade, leg, leg.hedge);
  }
  settlePair(trade);
}

function openLeg(kernel: Kernel, trade: Trade, leg: Leg, hedge: HedgeState): void {
  // One entry order a leg at a time; when it is terminal this is called again.
  if (kernel.isOpen(hedge.orderId)) return;
  const missing = wantedLots(kernel, trade, leg, hedge) - leg.filledLots;
  const instrument = kernel.instrument(leg.symbol);
  const price = touchPrice(kernel, leg, hedge.planPrice);
  const ticks = instrument.toTicks(price, leg.direction === 1 ? 'down' : 'up');
  const entryIsOver = trade.entry.stage === 'done';
  if (missing <= 0 || !instrument.meetsMinNotional(ticks, missing)) {
    if (leg.filledLots > 0) hedge.stage = 'done';
    else if (entryIsOver) hedge.stage = 'skipped';
    return;
  }
  hedge.stage = 'maker';
  hedge.targetLots = leg.filledLots + missing;
  hedge.orderId = kernel.submit(trade, leg, {
    role: 'legEntry',
    type: 'limit',
    timeInForce: 'GTX',
    lots: missing,
    priceTicks: Math.max(1, ticks - leg.direction * hedge.reprices),
  });
  kernel.setTimer(legTimer(trade, leg), kernel.nowMs + (trade.plan.hedge?.makerWaitMs ?? 0));
}

/** Lots of the leg for the main quantity filled so far, at the prices of the plan. */
function wantedLots(kernel: Kernel, trade: Trade, leg: Leg, hedge: HedgeState): Lots {
  const main = mainLeg(trade);
  if (main.filledLots === 0) return 0;
  const instrument = kernel.instrument(main.symbol);
  const notional = instrument.quantity(main.filledLots) * averageEntryTicks(main) * instrument.tick;
  return kernel.instrument(leg.symbol).toLots((notional * hedge.ratio) / hedge.planPrice, 'down');
}

/** Our side of the book; the last price without one; the plan's before any bar of the leg. */
function touchPrice(kernel: Kernel, leg: Leg, planPrice: number): number {
  const market = kernel.market.of(leg.symbol);
  const quoted = leg.direction === 1 ? market.bid : market.ask;
  if (quoted > 0) return quoted;
  return market.last > 0 ? market.last : planPrice;
}

/** The maker phase of a leg is over: cancel; the rest is taken. */
export function onLegTimer(kernel: Kernel, trade: Trade, leg: Leg): void {
  const { hedge } = leg;
  if (hedge === undefined || hedge.stage !== 'maker' || trade.phase === 'closing') return;
  hedge.stage = 'cancelling';
  kernel.cancel(hedge.orderId);
}

/**
 * A leg's entry order is terminal. Returns false when the leg could not be opened and the plan
 * says what to do about that (`onFail`).
 */
export function onLegTerminal(kernel: Kernel, trade: Trade, leg: Leg, rejectCode: number): boolean {
  const hedge = leg.hedge;
  if (hedge === undefined || trade.phase === 'closing') return true;
  kernel.clearTimer(legTimer(trade, leg));
  const remaining = hedge.targetLots - leg.filledLots;
  if (remaining <= 0) {
    hedge.stage = 'done';
    // The main leg may have filled further meanwhile.
    hedgeFills(kernel, trade);
    return true;
  }
  if (rejectCode !== 0 && rejectCode !== -5022) return failLeg(trade, hedge);
  if (rejectCode === -5022 && hedge.reprices < REPRICES_MAX) {
    hedge.reprices++;
    openLeg(kernel, trade, leg, hedge);
    return true;
  }
  if (hedge.stage === 'taker') {
    // A market order that ended short: the book was empty. Not a hedge to rely on.
    return failLeg(trade, hedge);
  }
  hedge.stage = 'taker';
  hedge.orderId = kernel.submit(trade, leg, {
    role: 'legEntry',
    type: 'market',
    timeInForce: 'IOC',
    lots: remaining,
  });
  return true;
}

function failLeg(trade: Trade, hedge: HedgeState): boolean {
  hedge.stage = 'failed';
  trade.pair = nextPairState(trade.pair, 'legLost');
  return false;
}

/** Moves the saga on when no leg has anything left to do. */
export function settlePair(trade: Trade): void {
  if (trade.pair !== 'hedging') return;
  if (trade.entry.stage !== 'done') return;
  for (const leg of trade.legs) {
    const stage = leg.hedge?.stage;
    if (stage === 'waiting' || stage === 'maker' || stage === 'cancelling' || stage === 'taker') {
      return;
    }
  }
  trade.pair = nextPairState(trade.pair, 'legsComplete');
}

/** After a target of the main leg: each leg shrinks pro rata, by market reduce-only orders. */
export function shrinkLegs(kernel: Kernel, trade: Trade): void {
  const main = mainLeg(trade);
  if (main.filledLots === 0 || main.lots === 0) return;
  for (const leg of trade.legs) {
    if (leg.hedge === undefined || leg.lots === 0) continue;
    // A leg that was reduced by a rebalance keeps its smaller share.
    const share = Math.min(1, leg.hedge.ratio / leg.hedge.plannedRatio);
    const keep = Math.round((leg.filledLots * share * main.lots) / main.filledLots);
    reduceLeg(kernel, trade, leg, leg.lots - keep);
  }
}

/**
 * Sets a leg to a new ratio; more is opened maker-first, less is closed at market. Once a trade, and
 * not for less than the minimum notional (decision 33).
 */
export function rebalanceLeg(kernel: Kernel, trade: Trade, leg: Leg, ratio: number): void {
  const { hedge } = leg;
  if (hedge === undefined || trade.isRebalanced || trade.phase !== 'open') return;
  if (hedge.stage !== 'done' || kernel.isOpen(leg.exitId)) return;
  const main = mainLeg(trade);
  const openShare = main.lots / main.filledLots;
  const wanted = Math.round(wantedLots(kernel, trade, leg, { ...hedge, ratio }) * openShare);
  const change = wanted - leg.lots;
  const instrument = kernel.instrument(leg.symbol);
  const ticks = instrument.toTicks(touchPrice(kernel, leg, hedge.planPrice), 'down');
  if (!instrument.meetsMinNotional(ticks, Math.abs(change))) return;
  // After a target the package only shrinks.
  if (change > 0 && openShare < 1) return;
  trade.isRebalanced = true;
  kernel.record(trade, 'rebalance', [
    `${leg.symbol} ${hedge.ratio.toFixed(3)} -> ${ratio.toFixed(3)} of the main notional`,
  ]);
  hedge.ratio = ratio;
  if (change < 0) reduceLeg(kernel, trade, leg, -change);
  else openLeg(kernel, trade, leg, hedge);
}
