import { checkedLength } from '../basic/length.ts';
import { RollingSum } from '../basic/rolling-sum.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { takerDelta } from './taker-delta.ts';

export interface TakerCvdOptions {
  /** Bars over which `change` is taken. */
  lookbackBars?: number;
}

/**
 * Cumulative volume delta from the taker volume that klines carry, in base asset:
 * value = sum of (taker bought - taker sold) since the first bar;
 * change = value now - value `lookbackBars` ago.
 * `value` depends on where it began, so only `change` (and its sign) fits a rule.
 *
 * Warm-up: `value` from the first bar, `change` after `lookbackBars`. A bar without taker volume
 * adds nothing to `value`, is counted in `missing`, and leaves `delta` NaN on that bar and `change`
 * NaN until `lookbackBars` known bars in a row have followed: unknown flow is not zero flow.
 *
 * Differs from `TradeCvd` over the same minutes only by what the exchange leaves out of aggTrades
 * (insurance fund and ADL trades). Source: "delta" of footprint charts; no defining paper. The sign
 * over 5 bars is what the tags CVD_UP and CVD_DOWN read.
 */
export class TakerCvd implements Indicator {
  declare readonly lookbackBars: number;
  declare readonly warmUpBars: number;
  /** Net taker volume of the last bar. */
  declare delta: number;
  declare value: number;
  declare change: number;
  /** Bars without taker volume so far. */
  declare missing: number;
  declare private readonly window: RollingSum;
  declare private knownInRow: number;
  declare private lastOpenTime: number;

  /** @throws RangeError when `lookbackBars` is not a positive whole number */
  constructor({ lookbackBars = 5 }: TakerCvdOptions = {}) {
    this.lookbackBars = checkedLength(lookbackBars);
    this.warmUpBars = lookbackBars;
    this.delta = Number.NaN;
    this.value = Number.NaN;
    this.change = Number.NaN;
    this.missing = 0;
    this.window = new RollingSum(lookbackBars);
    this.knownInRow = 0;
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const delta = takerDelta(bar);
    this.delta = delta;
    if (Number.isNaN(delta)) {
      this.missing++;
      this.knownInRow = 0;
      this.change = Number.NaN;
      return;
    }
    this.knownInRow++;
    this.value = Number.isNaN(this.value) ? delta : this.value + delta;
    const sum = this.window.update(delta);
    this.change = this.knownInRow >= this.lookbackBars ? sum : Number.NaN;
  }
}
