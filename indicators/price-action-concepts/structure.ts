import type { Bar } from '../indicator.ts';
import type { BarRing } from '../smart-money-concepts/bar-ring.ts';
import { LegPivots } from '../smart-money-concepts/leg-pivots.ts';

/** Kinds of a break of structure. */
export const BREAK_NONE = 0;
/** Along the trend, or the very first. */
export const BREAK_BOS = 1;
/** Against the trend, which it turns. */
export const BREAK_CHOCH = 2;
/** A CHoCH after a higher low (bullish) or a lower high (bearish) was already made. */
export const BREAK_CHOCH_PLUS = 3;

/**
 * Market structure of one size: pivots by legs (`LegPivots`: a pivot is known `length` bars after
 * its bar) and breaks of them by the close. A bar whose close is beyond an unbroken pivot breaks it;
 * wicks never do. The break is a CHoCH when the trend was the other way, a CHoCH+ when the last two
 * pivots of the other side already had turned (two confirmed lows, the newer higher), else a BOS.
 *
 * Source: the documented behaviour of the "Price Action Concepts" toolkit; the pivot rule is our
 * equivalent. Known with the close of the breaking bar, drawn from the pivot's bar to it. O(1)
 * amortised.
 */
export class Structure {
  declare readonly pivots: LegPivots;
  /** +1 after a bullish break, -1 after a bearish one, 0 before the first. */
  declare trend: number;
  /** What the last bar broke upwards and downwards: one of the kinds above. */
  declare bull: number;
  declare bear: number;
  /** Kind of the newest break, and its bar. */
  declare lastKind: number;
  declare lastBreakBar: number;
  declare private readonly lowFirst: boolean;

  /**
   * @param options.lowFirst mirrors every order of steps: for the mirror test
   * @throws RangeError when `length` is not a positive whole number
   */
  constructor(length: number, options: { lowFirst: boolean }) {
    if (!Number.isInteger(length) || length < 1) throw new RangeError(`structure length ${length}`);
    this.pivots = new LegPivots(length, options);
    this.trend = 0;
    this.bull = BREAK_NONE;
    this.bear = BREAK_NONE;
    this.lastKind = BREAK_NONE;
    this.lastBreakBar = -1;
    this.lowFirst = options.lowFirst;
  }

  /** After the bar was pushed to the ring: finds the pivot that became known with it. */
  updatePivots(ring: BarRing): number {
    return this.pivots.update(ring);
  }

  /** After the pivots of the bar; true when it broke something. */
  updateBreaks(bar: Bar, barIndex: number): boolean {
    const { pivots } = this;
    const { close } = bar;
    this.bull = BREAK_NONE;
    this.bear = BREAK_NONE;
    const breaksHigh = pivots.highBroken === 0 && close > pivots.highLevel;
    const breaksLow = pivots.lowBroken === 0 && close < pivots.lowLevel;
    if (!breaksHigh && !breaksLow) return false;
    if (this.lowFirst && breaksLow) this.breakLow(barIndex);
    if (breaksHigh) this.breakHigh(barIndex);
    if (!this.lowFirst && breaksLow) this.breakLow(barIndex);
    return true;
  }

  private breakHigh(barIndex: number): void {
    const { pivots } = this;
    pivots.highBroken = 1;
    const hasHigherLow = pivots.lowLevel > pivots.lowPreviousLevel;
    this.bull = kindOf(this.trend === -1, hasHigherLow);
    this.trend = 1;
    this.lastKind = this.bull;
    this.lastBreakBar = barIndex;
  }

  private breakLow(barIndex: number): void {
    const { pivots } = this;
    pivots.lowBroken = 1;
    const hasLowerHigh = pivots.highLevel < pivots.highPreviousLevel;
    this.bear = kindOf(this.trend === 1, hasLowerHigh);
    this.trend = -1;
    this.lastKind = this.bear;
    this.lastBreakBar = barIndex;
  }
}

function kindOf(turnsTrend: boolean, isPrepared: boolean): number {
  if (!turnsTrend) return BREAK_BOS;
  return isPrepared ? BREAK_CHOCH_PLUS : BREAK_CHOCH;
}
