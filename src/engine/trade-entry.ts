import type { Kernel } from './kernel.ts';
import { prePlaceStop } from './protection.ts';
import { type SizeResult, sizeOrder } from './sizer.ts';
import { mainLeg, type Trade } from './trade.ts';
import type { Ticks } from './units.ts';

const BPS = 10_000;
/** Mid counts as "at the bid" within this distance. */
const TOUCH_BPS = 2;
/** A post-only order refused with -5022 is priced anew once; then the next stage begins. */
const REPRICES_MAX = 1;

export function makerTimer(trade: Trade): string {
  return `${trade.tradeId}:maker`;
}

/** The worst price at which the plan can be filled at all: what planned R and the gate count with. */
export function worstEntryPrice(trade: Pick<Trade, 'plan'>): number {
  const { entry, direction } = trade.plan;
  if (entry.mode === 'pullback') return entry.midPrice;
  if (entry.mode === 'makerOnly') return entry.decisionPrice;
  return entry.decisionPrice * (1 + (direction * entry.iocWorstBps) / BPS);
}

/** First order of an approved trade. False when no quantity is possible: nothing was sent. */
export function startEntry(kernel: Kernel, trade: Trade): boolean {
  if (trade.plan.entry.mode === 'taker') {
    trade.entry.stage = 'taker';
    return sendTaker(kernel, trade);
  }
  return sendMaker(kernel, trade);
}

function sendMaker(kernel: Kernel, trade: Trade): boolean {
  const { plan } = trade;
  const instrument = kernel.instrument(plan.symbol);
  const priceTicks = makerTicks(kernel, trade);
  const size = sizeRemainder(
    kernel,
    trade,
    instrument.price(priceTicks),
    kernel.makerFee(plan.symbol),
  );
  if (size.lots === 0) return false;
  trade.entry.stage = 'maker';
  prePlaceStop(kernel, trade, mainLeg(trade), size.lots);
  trade.entry.orderId = kernel.submit(trade, mainLeg(trade), {
    role: 'entry',
    type: 'limit',
    timeInForce: 'GTX',
    lots: size.lots,
    priceTicks,
  });
  const waitMs = plan.entry.mode === 'pullback' ? plan.entry.restMs : plan.entry.makerWaitMs;
  kernel.setTimer(makerTimer(trade), trade.decidedMs + waitMs);
  return true;
}

/** Passive price of the maker order, rounded away from the market. */
function makerTicks(kernel: Kernel, trade: Trade): Ticks {
  const { symbol, direction, entry } = trade.plan;
  const instrument = kernel.instrument(symbol);
  const rounding = direction === 1 ? 'down' : 'up';
  const market = kernel.market.of(symbol);
  const quoted = direction === 1 ? market.bid : market.ask;
  // Bars have no book: the decision price stands for the touch.
  const touch = quoted > 0 ? quoted : entry.decisionPrice;
  const restsAtMid = entry.mode === 'pullback' || entry.mode === 'documents';
  const midIsNear = Math.abs(entry.midPrice / touch - 1) * BPS <= TOUCH_BPS;
  const better =
    direction === 1 ? Math.min(entry.midPrice, touch) : Math.max(entry.midPrice, touch);
  const price = restsAtMid ? entry.midPrice : midIsNear ? better : touch;
  return instrument.toTicks(price, rounding) - direction * trade.entry.reprices;
}

function sendTaker(kernel: Kernel, trade: Trade): boolean {
  const { plan } = trade;
  const instrument = kernel.instrument(plan.symbol);
  const rounding = plan.direction === 1 ? 'down' : 'up';
  const worstTicks = instrument.toTicks(worstEntryPrice(trade), rounding);
  const size = sizeRemainder(
    kernel,
    trade,
    instrument.price(worstTicks),
    kernel.takerFee(plan.symbol),
  );
  if (size.lots === 0) return false;
  const isMarket = plan.entry.mode === 'documents';
  trade.entry.stage = 'taker';
  prePlaceStop(kernel, trade, mainLeg(trade), size.lots);
  trade.entry.orderId = kernel.submit(trade, mainLeg(trade), {
    role: 'entry',
    type: isMarket ? 'market' : 'limit',
    timeInForce: 'IOC',
    lots: size.lots,
    priceTicks: isMarket ? 0 : worstTicks,
  });
  return true;
}

/**
 * Quantity for what is left of the risk budget, at the worst price of the order to be sent. What
 * has been filled already uses up its own loss at the stop, costs included.
 */
export function sizeRemainder(
  kernel: Kernel,
  trade: Trade,
  worstPrice: number,
  entryFee: number,
): SizeResult {
  const { plan } = trade;
  const leg = mainLeg(trade);
  const instrument = kernel.instrument(plan.symbol);
  const exitFee = kernel.takerFee(plan.symbol);
  const stopPrice = instrument.price(leg.stopTicks);
  const notional = (trade.riskBudget * worstPrice) / Math.abs(worstPrice - stopPrice);
  const slippage = kernel.costs.slippageFraction(plan.symbol, notional);
  let used = 0;
  if (leg.filledLots > 0) {
    const quantity = instrument.quantity(leg.filledLots);
    const entry = (leg.filledTicksLots / leg.filledLots) * instrument.tick;
    const perUnit =
      Math.abs(entry - stopPrice) + entry * exitFee + stopPrice * (exitFee + slippage);
    used = quantity * perUnit;
  }
  return sizeOrder({
    instrument,
    direction: plan.direction,
    riskBudget: trade.riskBudget - used,
    worstPrice,
    stopPrice,
    entryFee,
    exitFee,
    slippage,
    leverage: kernel.leverage,
    freeMargin: kernel.portfolio.freeMargin(kernel.leverage),
    brackets: kernel.brackets.get(plan.symbol) ?? [],
  });
}

/** The maker phase is over: cancel what rests; the answer decides what comes next. */
export function onMakerTimer(kernel: Kernel, trade: Trade): void {
  if (trade.entry.stage !== 'maker') return;
  trade.entry.stage = 'cancelling';
  kernel.cancel(trade.entry.orderId);
}

/**
 * The entry order is terminal. Goes to the next stage; returns true when the whole entry is over
 * (filled as far as it goes).
 */
export function onEntryTerminal(kernel: Kernel, trade: Trade, rejectCode: number): boolean {
  const { entry, plan } = trade;
  const record = kernel.store.get(entry.orderId);
  const isFilled = record?.state === 'filled';
  kernel.clearTimer(makerTimer(trade));
  if (isFilled || entry.stage === 'taker' || entry.stage === 'done') return finish(trade);

  const canReprice = rejectCode === -5022 && entry.stage === 'maker';
  if (canReprice && entry.reprices < REPRICES_MAX) {
    entry.reprices++;
    if (sendMaker(kernel, trade)) return false;
  }
  // A refusal for any reason other than "would take" is not cured by taking.
  if (rejectCode !== 0 && rejectCode !== -5022) return finish(trade);
  if (plan.entry.mode === 'pullback' || plan.entry.mode === 'makerOnly') return finish(trade);
  if (trade.phase === 'closing') return finish(trade);
  if (sendTaker(kernel, trade)) return false;
  return finish(trade);
}

function finish(trade: Trade): boolean {
  trade.entry.stage = 'done';
  return true;
}
