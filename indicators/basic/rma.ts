import { checkedLength } from './length.ts';

/**
 * Wilder's moving average, value = (previous * (length - 1) + x) / length, in the input's unit. NaN
 * until `length` values were seen; the first value is their plain mean. NaN inputs are ignored.
 */
export class Rma {
  readonly length: number;
  value: number;
  private readonly weight: number;
  private seedSum: number;
  private seen: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.weight = length - 1;
    this.seedSum = 0;
    this.seen = 0;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    if (this.seen === this.length) {
      return (this.value = (this.value * this.weight + x) / this.length);
    }
    this.seedSum += x;
    if (++this.seen === this.length) this.value = this.seedSum / this.length;
    return this.value;
  }
}
