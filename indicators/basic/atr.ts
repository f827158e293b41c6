import { checkedLength } from './length.ts';
import { trueRange } from './true-range.ts';

/**
 * Average true range in price units: Wilder's average of the true range, whose first value is
 * high - low. NaN until `length` bars were seen; the first value is the plain mean of the first
 * `length` true ranges, as in Pine's `ta.atr`.
 */
export class Atr {
  declare readonly length: number;
  declare value: number;
  /** True range of the last bar. */
  declare trueRange: number;
  declare private readonly alpha: number;
  declare private previousClose: number;
  declare private seedSum: number;
  declare private seen: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.trueRange = Number.NaN;
    this.alpha = 1 / length;
    this.previousClose = Number.NaN;
    this.seedSum = 0;
    this.seen = 0;
  }

  update(high: number, low: number, close: number): number {
    const range = trueRange(high, low, this.previousClose);
    this.trueRange = range;
    this.previousClose = close;
    if (this.seen === this.length) {
      return (this.value = this.alpha * range + (1 - this.alpha) * this.value);
    }
    this.seedSum += range;
    if (++this.seen === this.length) this.value = this.seedSum / this.length;
    return this.value;
  }
}
