/** Price in whole ticks of its instrument. */
export type Ticks = number;
/** Quantity in whole lots (steps) of its instrument, never negative; the side says the direction. */
export type Lots = number;
/** Cash in 1e-8 of the asset, an integer; safe to 90 million. */
export type CashUnits = number;
/** +1 long, -1 short. */
export type Direction = 1 | -1;
export type Side = 'buy' | 'sell';

export const CASH_SCALE = 100_000_000;
/** Fee and funding rates are integers of 1e-8: 0.02 % = 20,000. */
export const RATE_SCALE = 100_000_000;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The order side that opens a position in this direction. */
export function openingSide(direction: Direction): Side {
  return direction === 1 ? 'buy' : 'sell';
}

/** The order side that closes a position in this direction. */
export function closingSide(direction: Direction): Side {
  return direction === 1 ? 'sell' : 'buy';
}
