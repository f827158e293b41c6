import { checkedLength } from '../basic/length.ts';
import { RollingSum } from '../basic/rolling-sum.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { takerDelta } from './taker-delta.ts';

export interface TakerAggressionOptions {
  /** Bars in the window. */
  length?: number;
}

/**
 * Which side pays the spread, -1 (only takers selling) to +1 (only takers buying):
 * value = sum of net taker volume / sum of volume over the last `length` bars that have taker
 * volume. The same measure on single trades and seconds is `TapeAggression`.
 *
 * Warm-up `length` bars. A bar without taker volume leaves the value NaN on that bar and stays out
 * of the window; NaN as well where the window holds no volume. Source: signed order-flow imbalance,
 * e.g. Chordia, Roll, Subrahmanyam, "Order imbalance, liquidity, and market returns" (2002).
 */
export class TakerAggression implements Indicator {
  declare readonly length: number;
  declare readonly warmUpBars: number;
  declare value: number;
  declare private readonly net: RollingSum;
  declare private readonly total: RollingSum;
  declare private lastOpenTime: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor({ length = 20 }: TakerAggressionOptions = {}) {
    this.length = checkedLength(length);
    this.warmUpBars = length;
    this.value = Number.NaN;
    this.net = new RollingSum(length);
    this.total = new RollingSum(length);
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const delta = takerDelta(bar);
    this.value = Number.NaN;
    if (Number.isNaN(delta)) return;
    const net = this.net.update(delta);
    const total = this.total.update(bar.volume);
    if (total > 0) this.value = Math.max(-1, Math.min(1, net / total));
  }
}
