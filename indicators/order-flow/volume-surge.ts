import { checkedLength } from '../basic/length.ts';
import { Sma } from '../basic/sma.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';

export interface VolumeSurgeOptions {
  /** Bars of the average, the present one not among them. */
  length?: number;
  /** The surge begins above this many averages. */
  multiple?: number;
}

/**
 * Relative volume: ratio = volume / mean volume of the `length` bars BEFORE it, without unit; event
 * 1 where ratio > `multiple`. The present bar is left out of the mean, else a spike hides itself.
 *
 * Warm-up `length` + 1 bars. After `length` bars without volume the ratio is NaN (nothing to
 * compare with) and there is no event. Source: the relative volume of breakout trading; the
 * order-flow scalper asks for "more than 2 x the 20-period average".
 */
export class VolumeSurge implements Indicator {
  declare readonly length: number;
  declare readonly multiple: number;
  declare readonly warmUpBars: number;
  declare ratio: number;
  declare event: number;
  declare private readonly mean: Sma;
  declare private lastOpenTime: number;

  /** @throws RangeError when `length` is not positive and whole or `multiple` not positive */
  constructor({ length = 20, multiple = 2 }: VolumeSurgeOptions = {}) {
    if (!(multiple > 0)) throw new RangeError(`multiple must be positive, got ${multiple}`);
    this.length = checkedLength(length);
    this.multiple = multiple;
    this.warmUpBars = length + 1;
    this.ratio = Number.NaN;
    this.event = 0;
    this.mean = new Sma(length);
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const before = this.mean.value;
    this.ratio = before > 0 ? bar.volume / before : Number.NaN;
    this.event = this.ratio > this.multiple ? 1 : 0;
    this.mean.update(bar.volume);
  }
}
