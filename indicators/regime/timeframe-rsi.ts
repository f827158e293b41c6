import { checkedLength } from '../basic/length.ts';
import { Rsi } from '../basic/rsi.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';

export interface TimeframeRsiOptions {
  /** Length of the bars that are fed, ms. */
  barMs?: number;
  /** Timeframes measured, ms, each a whole multiple of `barMs`. */
  timeframesMs?: readonly number[];
  /** Closes of each timeframe. */
  length?: number;
  /** A timeframe is bullish above 50 + `band` and bearish below 50 - `band`. */
  band?: number;
}

/**
 * RSI of several timeframes from one stream of bars, and whether they agree:
 * alignment = +1 where every RSI lies above 50 + `band`, -1 where every one lies below 50 - `band`,
 * else 0. `valueAt(i)` is the RSI (0..100, Wilder's) of timeframe i.
 * Only closed bars count: a timeframe is updated on the bar whose end is the end of the timeframe's
 * own bar, and keeps its value until the next. Where that last bar is missing (a gap), it is closed
 * by the first bar after it, at the last price before.
 *
 * Warm-up (`length` + 1) bars of the longest timeframe, counted in fed bars; everything is NaN
 * (alignment 0) before. Cost O(number of timeframes). Source: Wilder, "New Concepts in Technical
 * Trading Systems" (1978); agreement of timeframes after Elder, "Trading for a Living" (1993).
 */
export class TimeframeRsi implements Indicator {
  declare readonly barMs: number;
  declare readonly band: number;
  declare readonly warmUpBars: number;
  declare alignment: number;
  declare private readonly timeframesMs: Float64Array;
  /** The timeframe's bar that is running, counted from 1970; one place a timeframe. */
  declare private readonly running: Float64Array;
  declare private readonly isClosed: Uint8Array;
  declare private readonly rsis: Rsi[];
  declare private seen: number;
  declare private lastClose: number;
  declare private lastOpenTime: number;

  /** @throws RangeError when a length is not positive and whole or a timeframe no multiple */
  constructor(options: TimeframeRsiOptions = {}) {
    const { barMs = 180_000, timeframesMs = [180_000, 900_000], length = 14, band = 0 } = options;
    checkedLength(barMs);
    if (timeframesMs.length === 0) throw new RangeError('at least one timeframe is needed');
    for (const timeframeMs of timeframesMs) checkedLength(timeframeMs / barMs);
    this.barMs = barMs;
    this.band = band;
    this.warmUpBars = ((checkedLength(length) + 1) * Math.max(...timeframesMs)) / barMs;
    this.alignment = 0;
    this.timeframesMs = Float64Array.from(timeframesMs);
    this.running = new Float64Array(timeframesMs.length).fill(Number.NaN);
    this.isClosed = new Uint8Array(timeframesMs.length);
    this.rsis = timeframesMs.map(() => new Rsi(length));
    this.seen = 0;
    this.lastClose = Number.NaN;
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    this.seen++;
    for (let i = 0; i < this.rsis.length; i++) this.updateTimeframe(i, bar);
    this.lastClose = bar.close;
    this.alignment = this.seen < this.warmUpBars ? 0 : this.agreement();
  }

  /** RSI of timeframe `i` (place in `timeframesMs`), 0..100. */
  valueAt(i: number): number {
    return this.seen < this.warmUpBars ? Number.NaN : this.rsis[i].value;
  }

  private updateTimeframe(i: number, bar: Bar): void {
    const timeframeMs = this.timeframesMs[i];
    const running = Math.floor(bar.openTime / timeframeMs);
    if (running !== this.running[i]) {
      const isLeftOpen = this.isClosed[i] === 0 && !Number.isNaN(this.running[i]);
      if (isLeftOpen) this.rsis[i].update(this.lastClose);
      this.running[i] = running;
      this.isClosed[i] = 0;
    }
    if (this.isClosed[i] === 0 && bar.openTime + this.barMs >= (running + 1) * timeframeMs) {
      this.rsis[i].update(bar.close);
      this.isClosed[i] = 1;
    }
  }

  private agreement(): number {
    let lowest = 100;
    let highest = 0;
    for (let i = 0; i < this.rsis.length; i++) {
      const value = this.rsis[i].value;
      if (Number.isNaN(value)) return 0;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (lowest > 50 + this.band) return 1;
    return highest < 50 - this.band ? -1 : 0;
  }
}
