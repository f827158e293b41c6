import type { Kernel } from './kernel.ts';
import { averageEntryTicks, type Leg, type Trade } from './trade.ts';
import type { Ticks } from './units.ts';

/**
 * A position without an acknowledged stop for longer than this is closed at market: the exit has to
 * be there within two seconds.
 */
export const PROTECTION_DEADLINE_MS = 1_500;

export function protectTimer(trade: Trade, leg: Leg): string {
  return `${trade.tradeId}:protect:${trade.legs.indexOf(leg)}`;
}

/**
 * Makes the venue's working stop equal to what the leg needs: its open quantity at its stop price.
 * A stop is replaced new-before-old, so that the position is never naked: the replacement is sent,
 * and the old one is cancelled when the new one is acknowledged. Call after every change of
 * quantity or stop price; it does nothing when all is well or a replacement is already under way.
 */
export function protect(kernel: Kernel, trade: Trade, leg: Leg): void {
  if (leg.lots === 0) return;
  if (!kernel.isOpen(leg.stopId)) {
    leg.stopId = '';
    leg.stopIsAcked = false;
  }
  if (leg.stopId === '' && leg.nextStopId === '') {
    leg.stopId = submitStop(kernel, trade, leg);
  } else if (leg.nextStopId === '' && stopDiffers(kernel, trade, leg)) {
    if (leg.stopIsAcked) leg.nextStopId = submitStop(kernel, trade, leg);
    // Else the first stop is still unanswered: its acknowledgement calls `protect` again.
  }
  // Also when the old stop is used up and its replacement has not been answered yet.
  if (!leg.stopIsAcked) markUnprotected(kernel, trade, leg);
  if (leg.disasterId === '' || !kernel.isOpen(leg.disasterId)) placeDisaster(kernel, trade, leg);
}

/**
 * Sends the stop before the entry, so that no fill is ever without one. Only where a venue is real
 * and has not refused it yet: reports differ on whether a reduce-only stop is taken while flat.
 */
export function prePlaceStop(kernel: Kernel, trade: Trade, leg: Leg, lots: number): void {
  const isReal = kernel.mode === 'live' || kernel.mode === 'demo';
  if (!isReal || kernel.prePlace === 'off' || kernel.prePlaceIsRefused) return;
  if (leg.stopId !== '' || leg.filledLots > 0) return;
  leg.stopId = submitStop(kernel, trade, leg, lots);
  leg.prePlacedId = leg.stopId;
  leg.stopIsAcked = false;
}

/** The stop that went ahead of an entry that is still under way. */
function isPrePlaced(trade: Trade, leg: Leg, orderId: string): boolean {
  return orderId !== '' && orderId === leg.prePlacedId && trade.phase === 'entering';
}

function stopDiffers(kernel: Kernel, trade: Trade, leg: Leg): boolean {
  const working = kernel.store.get(leg.stopId)?.request;
  if (working === undefined || working.triggerTicks !== leg.stopTicks) return true;
  // It reduces only, so it may be larger than what is filled until the entry is over.
  if (isPrePlaced(trade, leg, leg.stopId)) return working.lots < leg.lots;
  return working.lots !== leg.lots;
}

function submitStop(kernel: Kernel, trade: Trade, leg: Leg, lots = leg.lots): string {
  return kernel.submit(trade, leg, {
    role: 'stop',
    type: 'stopMarket',
    timeInForce: 'GTC',
    lots,
    triggerTicks: leg.stopTicks,
    triggerSource: 'contract',
  });
}

function markUnprotected(kernel: Kernel, trade: Trade, leg: Leg): void {
  if (!Number.isNaN(leg.unprotectedSinceMs)) return;
  leg.unprotectedSinceMs = kernel.nowMs;
  kernel.setTimer(protectTimer(trade, leg), kernel.nowMs + PROTECTION_DEADLINE_MS);
}

/** A new process: the deadline of what waits for its stop counts from now. */
export function restartDeadlines(kernel: Kernel, trade: Trade): void {
  for (const leg of trade.legs) {
    if (leg.lots === 0 || Number.isNaN(leg.unprotectedSinceMs)) continue;
    kernel.setTimer(protectTimer(trade, leg), kernel.nowMs + PROTECTION_DEADLINE_MS);
  }
}

/** The wide closePosition stop on the mark price: it covers any quantity, whatever else fails. */
function placeDisaster(kernel: Kernel, trade: Trade, leg: Leg): void {
  const instrument = kernel.instrument(leg.symbol);
  const entry = averageEntryTicks(leg);
  const distance = Math.abs(entry - leg.initialStopTicks) * trade.plan.disasterMultiple;
  const liquidation = kernel.portfolio.liquidationPrice(leg.symbol, kernel.leverage);
  const toLiquidation = Number.isNaN(liquidation)
    ? Number.POSITIVE_INFINITY
    : Math.abs(entry * instrument.tick - liquidation) / instrument.tick;
  const allowed = Math.floor(Math.min(distance, 0.75 * toLiquidation));
  const trigger = Math.round(entry) - leg.direction * Math.max(1, allowed);
  // A leg that only a stranger's trade has opened has no entry price of its own.
  if (!(trigger > 0)) return;
  leg.disasterId = kernel.submit(trade, leg, {
    role: 'disaster',
    type: 'stopMarket',
    timeInForce: 'GTC',
    lots: 0,
    triggerTicks: trigger,
    triggerSource: 'mark',
    closePosition: true,
  });
}

/** The venue acknowledged a stop of this leg. */
export function onStopAccepted(kernel: Kernel, trade: Trade, leg: Leg, orderId: string): void {
  if (orderId === leg.nextStopId) {
    const old = leg.stopId;
    leg.stopId = orderId;
    leg.nextStopId = '';
    leg.stopIsAcked = true;
    kernel.cancel(old);
  } else if (orderId === leg.stopId) {
    leg.stopIsAcked = true;
  } else {
    // A late stop that nothing waits for any more must not rest on a flat symbol.
    if (leg.lots === 0) kernel.cancel(orderId);
    return;
  }
  leg.unprotectedSinceMs = Number.NaN;
  kernel.clearTimer(protectTimer(trade, leg));
  if (leg.lots === 0) {
    if (!isPrePlaced(trade, leg, orderId)) kernel.cancel(orderId);
  } else protect(kernel, trade, leg);
}

/**
 * A stop of this leg is gone without having closed the position (refused, cancelled, rejected at
 * its trigger). Returns true when the leg is now without a working stop and must be closed.
 */
export function onStopLost(kernel: Kernel, leg: Leg, orderId: string): boolean {
  if (orderId === leg.nextStopId) {
    leg.nextStopId = '';
    // The old one still works; it must cover the whole quantity to be enough.
    const working = kernel.store.get(leg.stopId)?.request;
    return leg.lots > 0 && (!kernel.isOpen(leg.stopId) || (working?.lots ?? 0) < leg.lots);
  }
  if (orderId !== leg.stopId) return false;
  leg.stopId = leg.nextStopId;
  leg.nextStopId = '';
  leg.stopIsAcked = false;
  return leg.lots > 0 && leg.stopId === '';
}

/** Tightens the stop; a looser price is ignored. Returns whether anything changed. */
export function tightenStop(kernel: Kernel, trade: Trade, leg: Leg, toTicks: Ticks): boolean {
  if ((toTicks - leg.stopTicks) * leg.direction <= 0) return false;
  leg.stopTicks = toTicks;
  protect(kernel, trade, leg);
  return true;
}
