import { RollingSum } from './rolling-sum.ts';

/**
 * Simple moving average: the mean of the last `length` values, in the input's unit. NaN until
 * `length` values were seen; NaN inputs are ignored. Same as Pine's `ta.sma`.
 */
export class Sma {
  declare readonly length: number;
  declare value: number;
  declare private readonly sum: RollingSum;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.sum = new RollingSum(length);
    this.length = length;
    this.value = Number.NaN;
  }

  update(x: number): number {
    return (this.value = this.sum.update(x) / this.length);
  }
}
