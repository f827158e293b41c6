import type { Kernel } from './kernel.ts';
import type { Leg, Trade } from './trade.ts';
import type { Lots } from './units.ts';

/**
 * An exit of which nobody knows whether it arrived is followed by another one this long after it was
 * sent, by how many of the leg are in doubt. All of them only reduce, so that together they can do
 * no more than close the leg; but each is a request, and is asked about. After an outage the next one
 * has to be on its way within two seconds of the first answer, so the pause ends at one; ten are sent
 * within the time after which the first of them ends by itself, its window plus 2 s.
 */
const DOUBT_PAUSES_MS: readonly number[] = [250, 500];
const DOUBT_PAUSE_MAX_MS = 1_000;
const DOUBTS_MAX = 10;

export const exitTimer = (trade: Trade) => `${trade.tradeId}:exit`;

/** Main and hedge legs alike: a reduce-only market order, unless one is under way. */
export function reduceLeg(kernel: Kernel, trade: Trade, leg: Leg, lots: Lots): void {
  if (lots <= 0 || leg.lots === 0) return;
  const nextMs = nextExitMs(kernel, trade, leg);
  if (nextMs > kernel.nowMs) {
    if (nextMs !== Number.POSITIVE_INFINITY) retryExit(kernel, trade, nextMs);
    return;
  }
  leg.exitId = kernel.submit(trade, leg, {
    role: 'exit',
    type: 'market',
    timeInForce: 'IOC',
    lots: Math.min(lots, leg.lots),
  });
}

/** The timer serves all legs: what one of them waits for is never put off by another. */
export function retryExit(kernel: Kernel, trade: Trade, atMs: number): void {
  const dueMs = kernel.timers.dueMs(exitTimer(trade));
  if (dueMs === undefined || atMs < dueMs) kernel.setTimer(exitTimer(trade), atMs);
}

/** What is known of an exit has changed: a leg that must close may be due for another one. */
export function onExitDoubt(kernel: Kernel, trade: Trade, leg: Leg): void {
  if (kernel.isOpen(leg.exitId) && mustBeFlat(trade, leg)) {
    reduceLeg(kernel, trade, leg, leg.lots);
  }
}

export function mustBeFlat(trade: Trade, leg: Leg): boolean {
  return trade.phase === 'closing' || leg.mustClose;
}

/** Infinity while nothing but a fact can make room for another one. */
function nextExitMs(kernel: Kernel, trade: Trade, leg: Leg): number {
  if (!kernel.isOpen(leg.exitId)) return kernel.nowMs;
  const last = kernel.store.get(leg.exitId);
  // A part that was to be closed may have been: only a whole leg can be closed twice.
  if (last?.state !== 'unknown' || !mustBeFlat(trade, leg)) return Number.POSITIVE_INFINITY;
  let inDoubt = 0;
  for (const { request } of kernel.store.openOrdersOf(trade.tradeId)) {
    if (request.role === 'exit' && request.symbol === leg.symbol) inDoubt++;
  }
  if (inDoubt >= DOUBTS_MAX) return Number.POSITIVE_INFINITY;
  return last.submittedMs + (DOUBT_PAUSES_MS[inDoubt - 1] ?? DOUBT_PAUSE_MAX_MS);
}
