import type { Instrument } from '../../src/engine/instrument.ts';
import type { Side } from '../../src/engine/units.ts';
import { actionTicks, acts, type VenueOrder } from './venue-order.ts';

/** `triggerProtect` of the three perpetuals, as the venue publishes it. */
const TRIGGER_PROTECT = 0.05;

/** Whether price protection holds a stop back that would trigger at this last price. */
export function isHeldBack(order: VenueOrder, ticks: number, markTicks: number): boolean {
  if (order.request.priceProtect !== true) return false;
  return Math.abs(ticks / markTicks - 1) > TRIGGER_PROTECT;
}

/**
 * Whether a protected stop has no level of its own on the way from a price: it is held back where
 * it would trigger, or it has passed its trigger held back and waits for the next price.
 */
export function hasNoLevel(order: VenueOrder, fromTicks: number, markTicks: number): boolean {
  if (order.request.priceProtect !== true) return false;
  return acts(order, fromTicks) || isHeldBack(order, actionTicks(order), markTicks);
}

/**
 * -4131: the best price of the other side lies outside the percent-price band around the mark, or
 * there is none. Market orders and triggered stops are refused, whoever sent them.
 */
export function isOutsideBand(
  side: Side,
  best: number,
  { instrument, markTicks }: { instrument: Instrument; markTicks: number },
): boolean {
  if (!Number.isFinite(best)) return true;
  const { percentUp, percentDown } = instrument.spec;
  const ratio = best / markTicks;
  return side === 'buy' ? ratio > Number(percentUp) : ratio < Number(percentDown);
}
