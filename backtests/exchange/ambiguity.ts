import { actionTicks, isOpening, type VenueOrder } from './venue-order.ts';

interface Range {
  lowTicks: number;
  highTicks: number;
}

export function isInRange(order: VenueOrder, { lowTicks, highTicks }: Range): boolean {
  const level = actionTicks(order);
  return level >= lowTicks && level <= highTicks;
}

/**
 * A target whose bar also holds a stop or an entry of its trade: which came first is not told by
 * the bar.
 */
export function isContested(
  target: VenueOrder,
  resting: readonly VenueOrder[],
  range: Range,
): boolean {
  if (target.request.type !== 'limit' || !target.request.reduceOnly) return false;
  if (!isInRange(target, range)) return false;
  for (const other of resting) {
    const isRival = other.request.type === 'stopMarket' || isOpening(other);
    if (!isRival || other.request.tradeId !== target.request.tradeId) continue;
    if (isInRange(other, range)) return true;
  }
  return false;
}
