import { RollingSum } from './rolling-sum.ts';

/**
 * Money flow index, 0..100: 100 * P / (P + N), P and N the sums over `length` bars of
 * source * volume on bars whose source rose or fell. Without any flow 50. The first bar has no
 * change and counts on both sides, as in Pine's `ta.mfi`; it leaves the window after `length` bars.
 * NaN until `length` bars were seen. The usual source is (high + low + close) / 3.
 */
export class Mfi {
  declare readonly length: number;
  declare value: number;
  declare private readonly positive: RollingSum;
  declare private readonly negative: RollingSum;
  declare private previous: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.positive = new RollingSum(length);
    this.negative = new RollingSum(length);
    this.length = length;
    this.value = Number.NaN;
    this.previous = Number.NaN;
  }

  update(source: number, volume: number): number {
    const flow = source * volume;
    const positive = this.positive.update(source <= this.previous ? 0 : flow);
    const negative = this.negative.update(source >= this.previous ? 0 : flow);
    this.previous = source;
    const total = positive + negative;
    return (this.value = total === 0 ? 50 : (100 * positive) / total);
  }
}
