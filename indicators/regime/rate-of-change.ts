import { checkedLength } from '../basic/length.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';

export interface RateOfChangeOptions {
  /** Bars between the two closes. */
  length?: number;
}

/**
 * Rate of change of the close in percent: 100 * (C[t] / C[t - length] - 1). Same as Pine's `ta.roc`.
 *
 * Warm-up `length` + 1 bars. A close of 0 gives NaN `length` bars later. Source: Murphy, "Technical
 * Analysis of the Financial Markets" (1999), where it is a ratio around 100; here around 0.
 */
export class RateOfChange implements Indicator {
  declare readonly length: number;
  declare readonly warmUpBars: number;
  declare value: number;
  declare private readonly closes: Float64Array;
  declare private slot: number;
  declare private lastOpenTime: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor({ length = 10 }: RateOfChangeOptions = {}) {
    this.length = checkedLength(length);
    this.warmUpBars = length + 1;
    this.value = Number.NaN;
    this.closes = new Float64Array(length).fill(Number.NaN);
    this.slot = 0;
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const { closes, slot } = this;
    const before = closes[slot];
    closes[slot] = bar.close;
    this.slot = slot + 1 === this.length ? 0 : slot + 1;
    this.value = before === 0 ? Number.NaN : 100 * (bar.close / before - 1);
  }
}
