import type { LegPivots } from './leg-pivots.ts';

/** A break in the direction of the bias (or the very first). */
export const BOS = 1;
/** A break against the bias, which it turns. */
export const CHOCH = 2;

/**
 * Breaks of structure of one pair of pivots: the close crosses a pivot level that is not broken
 * yet. Fields hold what happened on the last bar: 0, BOS or CHOCH.
 */
export class StructureBreaks {
  /** +1 after an upward break, -1 after a downward one, 0 before the first. */
  bias: number;
  bull: number;
  bear: number;

  constructor() {
    this.bias = 0;
    this.bull = 0;
    this.bear = 0;
  }

  /** Close above the pivot high, at or below it on the bar before. Returns 0, BOS or CHOCH. */
  breakUp(pivots: LegPivots, close: number, previousClose: number): number {
    const level = pivots.highLevel;
    if (pivots.highBroken !== 0 || !(close > level) || !(previousClose <= level)) {
      return (this.bull = 0);
    }
    this.bull = this.bias === -1 ? CHOCH : BOS;
    this.bias = 1;
    pivots.highBroken = 1;
    return this.bull;
  }

  /** Close below the pivot low, at or above it on the bar before. Returns 0, BOS or CHOCH. */
  breakDown(pivots: LegPivots, close: number, previousClose: number): number {
    const level = pivots.lowLevel;
    if (pivots.lowBroken !== 0 || !(close < level) || !(previousClose >= level)) {
      return (this.bear = 0);
    }
    this.bear = this.bias === 1 ? CHOCH : BOS;
    this.bias = -1;
    pivots.lowBroken = 1;
    return this.bear;
  }
}
