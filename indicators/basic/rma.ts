import { checkedLength } from './length.ts';

/**
 * Wilder's moving average, alpha = 1 / length, in the input's unit. NaN
 * until `length` values were seen; the first value is their plain mean. NaN inputs are ignored.
 */
export class Rma {
  declare readonly length: number;
  declare value: number;
  declare private readonly alpha: number;
  declare private seedSum: number;
  declare private seen: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.alpha = 1 / length;
    this.seedSum = 0;
    this.seen = 0;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    if (this.seen === this.length) {
      return (this.value = this.alpha * x + (1 - this.alpha) * this.value);
    }
    this.seedSum += x;
    if (++this.seen === this.length) this.value = this.seedSum / this.length;
    return this.value;
  }
}
