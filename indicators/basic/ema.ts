import { checkedLength } from './length.ts';

/**
 * Exponential moving average, alpha = 2 / (length + 1), in the input's unit. NaN until `length`
 * values were seen; the first value is their plain mean. NaN inputs are ignored.
 */
export class Ema {
  declare readonly length: number;
  declare value: number;
  declare private readonly alpha: number;
  declare private seedSum: number;
  declare private seen: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.alpha = 2 / (length + 1);
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

/**
 * Exponential moving average that starts at its first input instead of a mean, so it has a value
 * at once and forgets that start only slowly: 0.3 % of it is left after 3 x `length` updates.
 */
export class EmaFirst {
  declare readonly length: number;
  declare value: number;
  declare private readonly alpha: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.alpha = 2 / (length + 1);
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    const before = this.value;
    return (this.value = Number.isNaN(before) ? x : this.alpha * x + (1 - this.alpha) * before);
  }
}
