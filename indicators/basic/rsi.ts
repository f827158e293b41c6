import { Rma } from './rma.ts';

/**
 * Relative strength index, 0..100: 100 * U / (U + D) with U, D Wilder's averages of the rises and
 * falls of the input. 50 where neither ever moved. The first change exists on the second input, so
 * the first value comes with input number `length` + 1. NaN inputs are ignored.
 */
export class Rsi {
  declare readonly length: number;
  declare value: number;
  declare private readonly up: Rma;
  declare private readonly down: Rma;
  declare private previous: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.up = new Rma(length);
    this.down = new Rma(length);
    this.length = length;
    this.value = Number.NaN;
    this.previous = Number.NaN;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    const change = x - this.previous;
    this.previous = x;
    if (Number.isNaN(change)) return this.value;
    const up = this.up.update(change > 0 ? change : 0);
    const down = this.down.update(change < 0 ? -change : 0);
    return (this.value = up + down === 0 ? 50 : (100 * up) / (up + down));
  }
}
