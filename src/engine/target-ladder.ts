import type { Kernel } from './kernel.ts';
import { tightenStop } from './protection.ts';
import { averageEntryTicks, mainLeg, type TargetState, type Trade } from './trade.ts';

/** The venue has never heard of the order: lost on its way, or with a crash. */
const NEVER_ARRIVED = -2013;
/** Each takes the window of a request plus 2 s before it counts as lost. */
const RESENT_MAX = 3;

/**
 * Places the targets of a complete entry as reduce-only limits: target n at average entry +/-
 * `atR` x |average entry - initial stop|, quantities rounded down to lots, never above the position
 * in sum. A target of zero lots is not sent; it counts as reached on the first close beyond it.
 */
export function placeLadder(kernel: Kernel, trade: Trade): void {
  const leg = mainLeg(trade);
  const entry = averageEntryTicks(leg);
  const r = Math.abs(entry - leg.initialStopTicks);
  let left = leg.lots;
  for (const plan of trade.plan.targets) {
    const raw = entry + leg.direction * plan.atR * r;
    // Rounded away from the entry, so that a target is never nearer than planned.
    const priceTicks = leg.direction === 1 ? Math.ceil(raw - 1e-9) : Math.floor(raw + 1e-9);
    const lots = Math.min(left, Math.floor(leg.filledLots * plan.fraction + 1e-9));
    left -= lots;
    const target = { orderId: '', priceTicks, lots, isReached: false };
    trade.targets.push(target);
    if (lots === 0 || priceTicks <= 0) continue;
    sendTarget(kernel, trade, target, lots);
  }
  if (trade.plan.trailFrom === 'entry') trade.isTrailing = true;
}

/**
 * Keeps the ladder within the position after something else reduced it: the farthest targets are
 * cancelled until the rest fits.
 */
export function fitLadder(kernel: Kernel, trade: Trade): void {
  let resting = 0;
  for (const target of trade.targets) {
    const record = kernel.isOpen(target.orderId) ? kernel.store.get(target.orderId) : undefined;
    if (record === undefined) continue;
    resting += target.lots - record.filledLots;
    if (resting > mainLeg(trade).lots) kernel.cancel(target.orderId);
  }
}

/** A target's order is terminal; only a full fill counts as reached. */
export function onTargetOver(kernel: Kernel, trade: Trade, orderId: string, code: number): void {
  const index = trade.targets.findIndex((target) => target.orderId === orderId);
  if (index < 0) return;
  if (kernel.store.get(orderId)?.state === 'filled') reach(kernel, trade, index);
  else if (code === NEVER_ARRIVED) resend(kernel, trade, trade.targets[index]);
}

/**
 * A target that was lost is sent anew, as large as the position allows beside the others. One that
 * was refused or taken away is not: the venue or a person meant it.
 */
function resend(kernel: Kernel, trade: Trade, target: TargetState): void {
  const resent = target.resent ?? 0;
  if (trade.phase !== 'open' || resent >= RESENT_MAX) return;
  let left = mainLeg(trade).lots;
  for (const other of trade.targets) {
    const record = kernel.isOpen(other.orderId) ? kernel.store.get(other.orderId) : undefined;
    if (record !== undefined) left -= other.lots - record.filledLots;
  }
  const lots = Math.min(target.lots, left);
  if (lots <= 0) return;
  target.resent = resent + 1;
  target.lots = lots;
  sendTarget(kernel, trade, target, lots);
  kernel.record(trade, 'target sent anew', [`${lots} lots at ${target.priceTicks} ticks`]);
}

function sendTarget(kernel: Kernel, trade: Trade, target: TargetState, lots: number): void {
  target.orderId = kernel.submit(trade, mainLeg(trade), {
    role: 'target',
    type: 'limit',
    timeInForce: 'GTC',
    lots,
    priceTicks: target.priceTicks,
  });
}

/** Targets without an order (zero lots) are reached by the close of a bar. */
export function reachSkippedTargets(kernel: Kernel, trade: Trade, close: number): void {
  if (trade.phase !== 'open') return;
  const leg = mainLeg(trade);
  const tick = kernel.instrument(leg.symbol).tick;
  for (let i = 0; i < trade.targets.length; i++) {
    const target = trade.targets[i];
    if (target.isReached || target.orderId !== '') continue;
    if ((close - target.priceTicks * tick) * leg.direction > 0) reach(kernel, trade, i);
  }
}

function reach(kernel: Kernel, trade: Trade, index: number): void {
  const target = trade.targets[index];
  if (target.isReached) return;
  target.isReached = true;
  trade.targetsFilled++;
  if (trade.phase !== 'open') return;
  if (index === trade.plan.breakEven.afterTarget) moveToBreakEven(kernel, trade);
  const from = trade.plan.trailFrom;
  if ((from === 'target1' && index >= 0) || (from === 'target2' && index >= 1)) {
    trade.isTrailing = true;
  }
}

/**
 * Break-even plus the costs of the whole round trip, at most `capR` beyond the entry; left alone
 * when the market is already beyond that price.
 */
function moveToBreakEven(kernel: Kernel, trade: Trade): void {
  const leg = mainLeg(trade);
  const instrument = kernel.instrument(leg.symbol);
  const entry = averageEntryTicks(leg);
  const quantity = instrument.quantity(leg.filledLots);
  const feePerUnit = leg.feeUnits / 1e8 / quantity;
  const exitPerUnit = entry * instrument.tick * kernel.takerFee(leg.symbol);
  const costTicks = Math.ceil((feePerUnit + exitPerUnit) / instrument.tick);
  const capTicks = trade.plan.breakEven.capR * Math.abs(entry - leg.initialStopTicks);
  const raw = entry + leg.direction * Math.min(costTicks, capTicks);
  const ticks = leg.direction === 1 ? Math.floor(raw) : Math.ceil(raw);
  const market = kernel.market.of(leg.symbol).last;
  if ((market - instrument.price(ticks)) * leg.direction <= 0) {
    kernel.record(trade, 'break-even skipped', ['the market is beyond it']);
    return;
  }
  if (tightenStop(kernel, trade, leg, ticks)) trade.stopReason = 'breakEven';
}
