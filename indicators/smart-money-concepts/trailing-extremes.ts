import type { Bar } from '../indicator.ts';
import type { LegPivots } from './leg-pivots.ts';

/**
 * Highest high and lowest low since the last swing pivot of each side, in price units, NaN until
 * that side has had a pivot; the range between them carries the premium / discount zones.
 */
export class TrailingExtremes {
  declare top: number;
  declare bottom: number;
  declare topTime: number;
  declare bottomTime: number;
  /** Bar and time of the last swing pivot of either side. */
  declare pivotBar: number;
  declare pivotTime: number;
  /** What a chart shows on this bar: before the bar's own pivot resets a side. */
  declare drawnTop: number;
  declare drawnBottom: number;

  constructor() {
    this.top = Number.NaN;
    this.bottom = Number.NaN;
    this.topTime = Number.NaN;
    this.bottomTime = Number.NaN;
    this.pivotBar = Number.NaN;
    this.pivotTime = Number.NaN;
    this.drawnTop = Number.NaN;
    this.drawnBottom = Number.NaN;
  }

  /** Before the pivots of a bar. A NaN extreme compares false and stays. */
  extend(bar: Bar): void {
    const { high, low } = bar;
    if (high >= this.top) {
      this.top = high;
      this.topTime = bar.openTime;
    }
    if (low <= this.bottom) {
      this.bottom = low;
      this.bottomTime = bar.openTime;
    }
    this.drawnTop = this.top;
    this.drawnBottom = this.bottom;
  }

  /** After a swing pivot was confirmed: its side starts again at the pivot's level. */
  reset(swing: LegPivots): void {
    if (swing.confirmed === 1) {
      this.top = swing.highLevel;
      this.topTime = swing.highTime;
      this.pivotBar = swing.highBar;
      this.pivotTime = swing.highTime;
    } else {
      this.bottom = swing.lowLevel;
      this.bottomTime = swing.lowTime;
      this.pivotBar = swing.lowBar;
      this.pivotTime = swing.lowTime;
    }
  }

  /** Lower edge of the premium zone, the upper 5 % of the range. */
  premiumBottom(): number {
    return 0.95 * this.top + 0.05 * this.bottom;
  }

  /** Edges of the equilibrium zone, the middle 5 %. */
  equilibriumTop(): number {
    return 0.525 * this.top + 0.475 * this.bottom;
  }

  equilibriumBottom(): number {
    return 0.525 * this.bottom + 0.475 * this.top;
  }

  /** Middle of the range. */
  equilibrium(): number {
    return (this.top + this.bottom) / 2;
  }

  /** Upper edge of the discount zone, the lower 5 % of the range. */
  discountTop(): number {
    return 0.95 * this.bottom + 0.05 * this.top;
  }
}
