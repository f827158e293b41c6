import { mulDiv } from './money.ts';
import { type CashUnits, RATE_SCALE } from './units.ts';

/** Fee of a fill in cash units: notional x rate, rounded up, so that rounding never favours us. */
export function feeUnits(notionalUnits: CashUnits, rateE8: number): CashUnits {
  return mulDiv(Math.abs(notionalUnits), rateE8, RATE_SCALE, 'ceil');
}
