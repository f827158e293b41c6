import { checkedLength } from '../basic/length.ts';
import { Sma } from '../basic/sma.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { takerDelta } from './taker-delta.ts';

export interface FlowSurgeOptions {
  /** Bars of the average, the present one not among them. */
  length?: number;
  /** The surge begins above this many averages. */
  multiple?: number;
}

/**
 * Net order flow against its usual size: ratio = delta / mean |delta| of the `length` bars BEFORE
 * it, delta the net taker volume; positive = net buying; without unit. direction = +1 or -1 where
 * |ratio| > `multiple`, else 0.
 *
 * Warm-up `length` + 1 bars with taker volume. A bar without it gives NaN and 0 and does not enter
 * the mean. NaN too after `length` bars of no net flow at all. Source: the order-flow scalper's "net
 * order flow above 3 x its average"; size normalisation as in Cont, Kukanov, Stoikov, "The price
 * impact of order book events" (2014).
 */
export class FlowSurge implements Indicator {
  declare readonly length: number;
  declare readonly multiple: number;
  declare readonly warmUpBars: number;
  declare ratio: number;
  declare direction: number;
  declare private readonly meanSize: Sma;
  declare private lastOpenTime: number;

  /** @throws RangeError when `length` is not positive and whole or `multiple` not positive */
  constructor({ length = 20, multiple = 3 }: FlowSurgeOptions = {}) {
    if (!(multiple > 0)) throw new RangeError(`multiple must be positive, got ${multiple}`);
    this.length = checkedLength(length);
    this.multiple = multiple;
    this.warmUpBars = length + 1;
    this.ratio = Number.NaN;
    this.direction = 0;
    this.meanSize = new Sma(length);
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const delta = takerDelta(bar);
    const before = this.meanSize.value;
    const ratio = before > 0 ? delta / before : Number.NaN;
    this.ratio = ratio;
    this.direction = Math.abs(ratio) > this.multiple ? (ratio > 0 ? 1 : -1) : 0;
    this.meanSize.update(Math.abs(delta));
  }
}
