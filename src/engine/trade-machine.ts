import type { OrderFact, OrderFilled } from './event.ts';
import { hedgeFills, onLegTerminal, settlePair, shrinkLegs } from './hedge-legs.ts';
import type { Kernel } from './kernel.ts';
import { exitTimer, mustBeFlat, onExitDoubt, reduceLeg, retryExit } from './leg-exit.ts';
import type { OrderRequest } from './order.ts';
import { nextPairState } from './pair-saga.ts';
import { onStopAccepted, onStopLost, protect, protectTimer, tightenStop } from './protection.ts';
import { fitLadder, onTargetOver, placeLadder } from './target-ladder.ts';
import { isFlat, type Leg, mainLeg, type Trade } from './trade.ts';
import { makerTimer, onEntryTerminal } from './trade-entry.ts';
import { openingSide } from './units.ts';

/** An exit order that ended short is sent again after this long, and so on until flat. */
const EXIT_RETRY_MS = 250;
/** So many exits without a fill in quick order; then pauses double: the account has to be read. */
const QUICK_EXITS = 8;
/** A second at most: after a ban the position has to be closed within two. */
const EXIT_PAUSE_SHIFT_MAX = 2;
/** A stop that is taken away a second time within this is a reason to leave. */
const REPLACE_AGAIN_MS = 10_000;

export const timeoutTimer = (trade: Trade) => `${trade.tradeId}:timeout`;

/** Applies a fill of one of this trade's legs, ours or made by the venue. */
export function onFill(kernel: Kernel, trade: Trade, leg: Leg, fill: OrderFilled): void {
  const instrument = kernel.instrument(leg.symbol);
  const opens = fill.side === openingSide(leg.direction);
  const notional = instrument.notional(fill.priceTicks, fill.lots);
  leg.flowUnits += fill.side === 'sell' ? notional : -notional;
  // Fees in another asset (BNB) are booked there; they are no quote units.
  if (fill.feeAsset === kernel.portfolio.quote) leg.feeUnits += fill.feeUnits;
  if (fill.isMaker) leg.makerLots += fill.lots;
  const expected = expectedPrice(kernel, trade, leg, fill.orderId);
  const against = fill.side === 'buy' ? 1 : -1;
  const price = instrument.price(fill.priceTicks);
  if (!fill.isMaker && expected > 0) {
    trade.slippage += (price - expected) * against * instrument.quantity(fill.lots);
  }
  // A fill is the newest price there is; break-even and touch prices read it.
  kernel.market.of(leg.symbol).last = price;
  if (opens) {
    leg.lots += fill.lots;
    leg.filledLots += fill.lots;
    leg.filledTicksLots += fill.priceTicks * fill.lots;
  } else {
    leg.lots -= fill.lots;
    leg.exitLots += fill.lots;
    leg.exitTicksLots += fill.priceTicks * fill.lots;
  }
  noteTime(leg, fill.filledMs);
  if (leg.lots < 0) adoptFlip(kernel, trade, leg);
  if (leg.hedge === undefined) onMainFill(kernel, trade, leg, opens, fill);
  else onLegFill(kernel, trade, leg, opens, fill);
}

function noteTime(leg: Leg, filledMs: number | undefined): void {
  if (filledMs === undefined) return;
  leg.firstFillMs = Math.min(leg.firstFillMs ?? filledMs, filledMs);
  leg.lastFillMs = Math.max(leg.lastFillMs ?? filledMs, filledMs);
}

/** What a taker fill is measured against: decision, trigger or last price; NaN when unknown. */
function expectedPrice(kernel: Kernel, trade: Trade, leg: Leg, orderId: string): number {
  const request = kernel.store.get(orderId)?.request;
  if (request === undefined) return Number.NaN;
  if (request.role === 'entry') return trade.plan.entry.decisionPrice;
  if (request.triggerTicks > 0) return kernel.instrument(leg.symbol).price(request.triggerTicks);
  return kernel.market.of(leg.symbol).last;
}

/** More was closed than we held: the rest is a position against us, to be closed at once. */
function adoptFlip(kernel: Kernel, trade: Trade, leg: Leg): void {
  kernel.notify('alarm', 'POSITION_FLIPPED', `${leg.symbol} was closed beyond flat`);
  leg.direction = leg.direction === 1 ? -1 : 1;
  leg.lots = -leg.lots;
  exitTrade(kernel, trade, 'foreign');
}

function onMainFill(
  kernel: Kernel,
  trade: Trade,
  leg: Leg,
  opens: boolean,
  fill: OrderFilled,
): void {
  if (opens) {
    if (Number.isNaN(trade.firstFillMs)) {
      trade.firstFillMs = kernel.nowMs;
      trade.deadlineMs = kernel.nowMs + trade.plan.timeoutMs;
      kernel.setTimer(timeoutTimer(trade), trade.deadlineMs);
    }
    if (trade.phase === 'closing') {
      // A fill that beat its cancel: what it opened has to go as well.
      protect(kernel, trade, leg);
      sendExits(kernel, trade);
      return;
    }
    protect(kernel, trade, leg);
    trade.pair = nextPairState(trade.pair, 'mainFilled');
    hedgeFills(kernel, trade);
    return;
  }
  if (leg.lots === 0) {
    exitTrade(kernel, trade, flatReason(kernel, trade, fill));
    return;
  }
  if (trade.phase === 'open') shrinkLegs(kernel, trade);
  fitLadder(kernel, trade);
  protect(kernel, trade, leg);
}

/** Why the main leg is flat: told by the order that closed it. */
function flatReason(kernel: Kernel, trade: Trade, fill: OrderFilled): string {
  if (fill.origin === 'liquidation' || fill.origin === 'adl') return 'liquidated';
  const role = kernel.store.get(fill.orderId)?.request.role;
  if (role === 'target') return 'targets';
  if (role === 'disaster') return 'disaster';
  if (role === 'stop') return trade.stopReason;
  return trade.exitReason === '' ? 'foreign' : trade.exitReason;
}

function onLegFill(
  kernel: Kernel,
  trade: Trade,
  leg: Leg,
  opens: boolean,
  fill: OrderFilled,
): void {
  if (leg.lots > 0) {
    protect(kernel, trade, leg);
    if (trade.phase === 'closing') sendExits(kernel, trade);
    // A fill that beat the cancel of a leg being closed goes the same way.
    else if (leg.mustClose) reduceLeg(kernel, trade, leg, leg.lots);
    return;
  }
  if (opens || trade.phase === 'closing') return;
  const role = kernel.store.get(fill.orderId)?.request.role;
  if (role === 'exit') return;
  // The leg's own stop (or the venue) closed it while the main leg stays open.
  trade.pair = nextPairState(trade.pair, 'legLost');
  if (leg.hedge !== undefined) leg.hedge.stage = 'failed';
  kernel.record(trade, 'hedge leg lost', [leg.symbol]);
  cancelLeg(kernel, leg);
}

/** Applies what the venue said about an order of this trade, after the order table has. */
export function onOrderFact(
  kernel: Kernel,
  trade: Trade,
  leg: Leg,
  request: OrderRequest,
  fact: OrderFact,
): void {
  const isOver = !kernel.store.isOpen(request.orderId);
  const code = fact.kind === 'order.rejected' ? fact.code : 0;
  switch (request.role) {
    case 'entry':
      if (isOver) entryOver(kernel, trade, code);
      break;
    case 'legEntry':
      if (isOver && !onLegTerminal(kernel, trade, leg, code)) hedgeFailed(kernel, trade, leg);
      settlePair(trade);
      break;
    case 'stop':
      if (fact.kind === 'order.accepted') onStopAccepted(kernel, trade, leg, request.orderId);
      else if (isOver) stopOver(kernel, trade, leg, request, code);
      break;
    case 'disaster':
      if (isOver) leg.disasterId = leg.disasterId === request.orderId ? '' : leg.disasterId;
      break;
    case 'target':
      if (isOver) onTargetOver(kernel, trade, request.orderId, code);
      break;
    case 'exit':
      // Of several exits the last counts: those before were only doubted.
      if (isOver && request.orderId === leg.exitId) exitOver(kernel, trade, leg, request);
      else if (isOver && leg.lots === 0) cancelLeg(kernel, leg);
      else onExitDoubt(kernel, trade, leg);
      break;
  }
}

function entryOver(kernel: Kernel, trade: Trade, code: number): void {
  if (trade.entry.stage === 'done') return;
  if (!onEntryTerminal(kernel, trade, code)) return;
  const leg = mainLeg(trade);
  if (leg.filledLots === 0) {
    exitTrade(kernel, trade, 'notFilled');
    return;
  }
  if (trade.phase !== 'entering') return;
  trade.phase = 'open';
  // A stop that was placed before the entry still has the size of the order, not of the fills.
  if (leg.prePlacedId !== '') protect(kernel, trade, leg);
  placeLadder(kernel, trade);
  hedgeFills(kernel, trade);
}

function stopOver(
  kernel: Kernel,
  trade: Trade,
  leg: Leg,
  request: OrderRequest,
  code: number,
): void {
  const record = kernel.store.get(request.orderId);
  if (record !== undefined && record.filledLots > 0) {
    onStopLost(kernel, leg, request.orderId);
    if (leg.lots > 0 && trade.phase !== 'closing') protect(kernel, trade, leg);
    return;
  }
  const wasWanted = request.orderId === leg.stopId || request.orderId === leg.nextStopId;
  const isNaked = onStopLost(kernel, leg, request.orderId);
  if (request.orderId === leg.prePlacedId) {
    leg.prePlacedId = '';
    if (code === -2022 || code === -4509) refusePrePlaced(kernel, code);
    // Not naked by a refusal of what a position would have had accepted: it is sent anew.
    if (leg.lots > 0 && code !== -2021 && trade.phase !== 'closing') {
      protect(kernel, trade, leg);
      return;
    }
  }
  if (!wasWanted || leg.lots === 0 || trade.phase === 'closing') return;
  // -2021: the price is through the new stop already. Closing now is what the stop was for.
  if (code === -2021) closeLeg(kernel, trade, leg, trade.stopReason);
  else if (isNaked && mayReplace(kernel, leg, request.orderId)) {
    leg.replacedMs = kernel.nowMs;
    kernel.notify('warning', 'STOP_TAKEN', `${leg.symbol}: its stop was cancelled; placed anew`);
    protect(kernel, trade, leg);
  } else if (isNaked) closeLeg(kernel, trade, leg, 'unprotected');
  else if (!leg.stopIsAcked) protect(kernel, trade, leg);
  else kernel.notify('alarm', 'STOP_REPLACE_FAILED', `${leg.symbol}: the old stop still works`);
}

/**
 * A stop that somebody took away (the venue's timer, a person) is placed anew, one that was refused
 * is not; nor one that is taken away again and again.
 */
function mayReplace(kernel: Kernel, leg: Leg, orderId: string): boolean {
  const state = kernel.store.get(orderId)?.state;
  const isTaken = state === 'cancelled' || state === 'expired';
  return isTaken && !(kernel.nowMs - leg.replacedMs < REPLACE_AGAIN_MS);
}

function refusePrePlaced(kernel: Kernel, code: number): void {
  if (kernel.prePlaceIsRefused) return;
  kernel.prePlaceIsRefused = true;
  const text = `the venue takes no stop before the entry (${code}); stops follow the first fill`;
  kernel.notify('info', 'PRE_PLACE_REFUSED', text);
}

/** The main leg takes the package with it; a hedge leg goes alone. */
export function closeLeg(kernel: Kernel, trade: Trade, leg: Leg, reason: string): void {
  if (reason === 'unprotected') {
    kernel.notify('alarm', 'UNPROTECTED', `${leg.symbol} has no working stop and is closed`);
  }
  if (leg.hedge === undefined) {
    exitTrade(kernel, trade, reason);
    return;
  }
  leg.hedge.stage = 'failed';
  leg.mustClose = true;
  kernel.cancel(leg.hedge.orderId);
  trade.pair = nextPairState(trade.pair, 'legLost');
  reduceLeg(kernel, trade, leg, leg.lots);
}

function hedgeFailed(kernel: Kernel, trade: Trade, leg: Leg): void {
  kernel.record(trade, 'hedge leg failed', [leg.symbol]);
  if (trade.plan.hedge?.onFail === 'exitBtc') {
    exitTrade(kernel, trade, 'hedgeFailed');
    return;
  }
  const main = mainLeg(trade);
  reduceLeg(kernel, trade, main, Math.ceil(main.lots / 2));
  if (leg.lots > 0) protect(kernel, trade, leg);
}

/** No acknowledged stop within the deadline. */
export function onProtectTimer(kernel: Kernel, trade: Trade, leg: Leg): void {
  if (leg.lots === 0 || leg.stopIsAcked || Number.isNaN(leg.unprotectedSinceMs)) return;
  closeLeg(kernel, trade, leg, 'unprotected');
}

/**
 * Closes the whole package: entries and targets are cancelled, every open leg gets a reduce-only
 * market order in the same batch of effects, stops stay until flat. Safe to call again.
 */
export function exitTrade(kernel: Kernel, trade: Trade, reason: string): void {
  if (trade.exitReason === '') trade.exitReason = reason;
  if (trade.phase !== 'closing') {
    trade.phase = 'closing';
    trade.pair = nextPairState(trade.pair, 'exitOrdered');
    kernel.record(trade, 'exit', [trade.exitReason]);
  }
  trade.entry.stage = trade.entry.stage === 'done' ? 'done' : 'cancelling';
  kernel.clearTimer(makerTimer(trade));
  sendExits(kernel, trade);
  kernel.cancel(trade.entry.orderId);
  for (const leg of trade.legs) if (leg.hedge !== undefined) kernel.cancel(leg.hedge.orderId);
  for (const target of trade.targets) kernel.cancel(target.orderId);
  for (const leg of trade.legs) if (leg.lots === 0) cancelLeg(kernel, leg);
}

function sendExits(kernel: Kernel, trade: Trade): void {
  for (const leg of trade.legs) reduceLeg(kernel, trade, leg, leg.lots);
}

function exitOver(kernel: Kernel, trade: Trade, leg: Leg, { orderId }: OrderRequest): void {
  leg.exitId = '';
  if (!mustBeFlat(trade, leg)) {
    if (leg.lots > 0) protect(kernel, trade, leg);
    else cancelLeg(kernel, leg);
    // Refused without a fill, the next one would be, too: asked again at once it goes round for ever.
    if (kernel.store.get(orderId)?.filledLots === 0) {
      retryExit(kernel, trade, kernel.nowMs + EXIT_RETRY_MS);
    } else shrinkLegs(kernel, trade);
    return;
  }
  if (leg.lots === 0) {
    cancelLeg(kernel, leg);
    return;
  }
  trade.exitRetries++;
  // A venue that refuses exit after exit is flat, most likely: the reconciler has to get through.
  const isRefused = kernel.store.get(orderId)?.filledLots === 0;
  const shift = isRefused ? Math.min(trade.exitRetries - QUICK_EXITS, EXIT_PAUSE_SHIFT_MAX) : 0;
  retryExit(kernel, trade, kernel.nowMs + EXIT_RETRY_MS * (1 << Math.max(0, shift)));
}

/** An exit ended short; try again until flat. The stop keeps working meanwhile. */
export function onExitTimer(kernel: Kernel, trade: Trade): void {
  if (trade.phase === 'open') shrinkLegs(kernel, trade);
  for (const leg of trade.legs) {
    if (mustBeFlat(trade, leg)) reduceLeg(kernel, trade, leg, leg.lots);
  }
}

function cancelLeg(kernel: Kernel, leg: Leg): void {
  kernel.cancel(leg.stopId);
  kernel.cancel(leg.nextStopId);
  kernel.cancel(leg.disasterId);
}

/** Moves the stop of the main leg to a price, if that tightens it. */
export function trailStop(kernel: Kernel, trade: Trade, price: number): void {
  if (!trade.isTrailing || trade.phase !== 'open') return;
  const leg = mainLeg(trade);
  const rounding = leg.direction === 1 ? 'down' : 'up';
  const ticks = kernel.instrument(leg.symbol).toTicks(price, rounding);
  if (tightenStop(kernel, trade, leg, ticks)) trade.stopReason = 'trail';
}

/**
 * Sweeps up after every event of the trade: when all legs are flat everything that rests is
 * cancelled; when nothing rests any more the package is over. Returns true then.
 */
export function sweep(kernel: Kernel, trade: Trade): boolean {
  if (trade.phase === 'closed') return true;
  for (const leg of trade.legs) {
    if (leg.lots !== 0 || Number.isNaN(leg.unprotectedSinceMs)) continue;
    leg.unprotectedSinceMs = Number.NaN;
    kernel.clearTimer(protectTimer(trade, leg));
  }
  if (trade.phase !== 'closing' || !isFlat(trade)) return false;
  for (const leg of trade.legs) cancelLeg(kernel, leg);
  for (const target of trade.targets) kernel.cancel(target.orderId);
  if (kernel.store.openCountOf(trade.tradeId) > 0) return false;
  trade.phase = 'closed';
  trade.pair = nextPairState(trade.pair, 'allFlat');
  kernel.clearTimer(timeoutTimer(trade));
  kernel.clearTimer(exitTimer(trade));
  return true;
}
