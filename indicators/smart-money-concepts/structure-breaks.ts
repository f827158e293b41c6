import type { Bar } from '../indicator.ts';
import type { LegPivots } from './leg-pivots.ts';

/** A break in the direction of the bias (or the very first). */
export const BOS = 1;
/** A break against the bias, which it turns. */
export const CHOCH = 2;

/**
 * Breaks of structure of one pair of pivots: the close crosses a pivot level that is not broken
 * yet. `bull` and `bear` hold what happened on the last bar: 0, BOS or CHOCH.
 */
export class StructureBreaks {
  /** +1 after an upward break, -1 after a downward one, 0 before the first. */
  declare bias: number;
  declare bull: number;
  declare bear: number;
  declare private readonly confluenceFilter: boolean;
  declare private previousClose: number;

  /** @param options.confluenceFilter only bars whose upper wick agrees can break */
  constructor(options: { confluenceFilter?: boolean } = {}) {
    this.confluenceFilter = options.confluenceFilter ?? false;
    this.bias = 0;
    this.bull = 0;
    this.bear = 0;
    this.previousClose = Number.NaN;
  }

  /**
   * Returns true when the bar broke something. `outer` are the pivots of a larger structure: a
   * level that is also theirs (or while they have none) cannot be broken here, and a cross made
   * while it is so is lost.
   */
  update(pivots: LegPivots, bar: Bar, outer: LegPivots | null): boolean {
    const { close } = bar;
    const before = this.previousClose;
    this.previousClose = close;
    this.bull = 0;
    this.bear = 0;
    // An unbroken level is rarely passed: asked in this order, the branches can be predicted.
    if (pivots.highBroken === 0 && close > pivots.highLevel && before <= pivots.highLevel) {
      if (outer === null || differ(pivots.highLevel, outer.highLevel)) this.breakUp(pivots, bar);
    }
    if (pivots.lowBroken === 0 && close < pivots.lowLevel && before >= pivots.lowLevel) {
      if (outer === null || differ(pivots.lowLevel, outer.lowLevel)) this.breakDown(pivots, bar);
    }
    return this.bull + this.bear !== 0;
  }

  private breakUp(pivots: LegPivots, bar: Bar): void {
    if (this.confluenceFilter && !(wick(bar) > wickLimit(bar))) return;
    this.bull = this.bias === -1 ? CHOCH : BOS;
    this.bias = 1;
    pivots.highBroken = 1;
  }

  private breakDown(pivots: LegPivots, bar: Bar): void {
    if (this.confluenceFilter && !(wick(bar) < wickLimit(bar))) return;
    this.bear = this.bias === 1 ? CHOCH : BOS;
    this.bias = -1;
    pivots.lowBroken = 1;
  }
}

/** Unequal and both known: a comparison with a missing level is false. */
function differ(a: number, b: number): boolean {
  return a < b || a > b;
}

function wick(bar: Bar): number {
  return bar.high - Math.max(bar.close, bar.open);
}

/** A price or a length, whichever is smaller: it makes little sense, but so it was published. */
function wickLimit(bar: Bar): number {
  return Math.min(bar.close, bar.open - bar.low);
}
