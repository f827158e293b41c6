import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import type { Bar } from '../indicator.ts';

const TREND_LENGTH = 200;
const MEAN_LENGTH = 50;
const ATR_LENGTH = 14;
const MEDIAN_LENGTH = 200;

/**
 * Classifier 1..4 of a signal: (with the trend ? 3 : 1) + (stretched ? 1 : 0). The trend is the
 * side of the close beside EMA(200); stretched means e >= median of the last 200 e, this bar's
 * included, where e = |close - EMA(50)| / ATR(14), 0 without range.
 *
 * Documented by the original: 1 and 2 stand for reversals or retracements, 3 and 4 for the main
 * trend, the threshold adapts; the rule is our design. Ratings are NaN until bar index 248; the
 * seed of EMA(200) has 0.3 % of its weight left at bar 800. O(1) a bar, O(200) for a rating:
 * signals are rare, so counting then is several times cheaper than keeping a sorted window on every
 * bar.
 */
export class Classifier {
  /** Side of the close beside EMA(200): +1, -1, 0. */
  declare trendSide: number;
  /** Distance of the close from its mean, in ATRs. */
  declare stretch: number;
  declare private readonly trend: Ema;
  declare private readonly mean: Ema;
  declare private readonly atr: Atr;
  declare private readonly stretches: Float64Array;
  declare private slot: number;
  declare private seen: number;

  constructor() {
    this.trendSide = 0;
    this.stretch = Number.NaN;
    this.trend = new Ema(TREND_LENGTH);
    this.mean = new Ema(MEAN_LENGTH);
    this.atr = new Atr(ATR_LENGTH);
    this.stretches = new Float64Array(MEDIAN_LENGTH);
    this.slot = 0;
    this.seen = 0;
  }

  update(bar: Bar): void {
    const { high, low, close } = bar;
    const trend = this.trend.update(close);
    this.trendSide = close > trend ? 1 : close < trend ? -1 : 0;
    const distance = Math.abs(close - this.mean.update(close));
    const atr = this.atr.update(high, low, close);
    const stretch = atr === 0 ? 0 * distance : distance / atr;
    this.stretch = stretch;
    if (Number.isNaN(stretch)) return;
    this.stretches[this.slot] = stretch;
    this.slot = this.slot + 1 === MEDIAN_LENGTH ? 0 : this.slot + 1;
    if (this.seen < MEDIAN_LENGTH) this.seen++;
  }

  /** Rating of a signal of this direction on the last bar; NaN until warm. */
  rate(direction: number): number {
    if (this.seen < MEDIAN_LENGTH) return Number.NaN;
    return (this.trendSide === direction ? 3 : 1) + (this.isStretched() ? 1 : 0);
  }

  /**
   * Whether the newest value is at least the median, which lies between the two in the middle. It
   * is one of the 200 itself, so it is that exactly when it is at least the upper of the two: when
   * 101 values are no larger.
   */
  private isStretched(): boolean {
    const { stretches, stretch } = this;
    let atMost = 0;
    for (let i = 0; i < MEDIAN_LENGTH; i++) if (stretches[i] <= stretch) atMost++;
    return atMost > MEDIAN_LENGTH / 2;
  }
}
