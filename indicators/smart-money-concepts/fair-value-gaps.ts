import type { Bar } from '../indicator.ts';
import type { SmcEventSink } from './event-sink.ts';

/**
 * Fair value gaps of the bar's own timeframe with an automatic threshold. Bullish: low above the
 * high two bars ago, the bar between closed above that high, and its move was large; stored top =
 * low, bottom = that high. Bearish mirrored: stored top = high, bottom = the low two bars ago, so
 * there top < bottom, as published. "Large": move = (close - open) / (100 * open) of the bar
 * between, above twice the mean |move| of all bars so far.
 *
 * A gap is filled when price trades below the stored bottom (bullish) or above the stored top
 * (bearish); that is the lower edge in both cases, an asymmetry of the published script.
 * The list has no cap. The usual bar is O(1): a walk only on bars that fill a gap.
 */
export class FairValueGaps {
  /** Open gaps, oldest first. */
  declare count: number;
  declare top: Float64Array;
  declare bottom: Float64Array;
  /** +1 bullish, -1 bearish. */
  declare bias: Int32Array;
  /** On the last bar: +1 / -1 when a gap was created, else 0, and how many were filled. */
  declare createdBias: number;
  declare bullFilled: number;
  declare bearFilled: number;
  declare private readonly pineCompat: boolean;
  declare private moveSum: number;
  declare private bars: number;
  declare private previousOpen: number;
  declare private previousClose: number;
  declare private previousHigh: number;
  declare private previousLow: number;
  declare private previousTime: number;
  declare private olderHigh: number;
  declare private olderLow: number;
  declare private highestBullBottom: number;
  declare private lowestBearTop: number;

  constructor(options: { pineCompat: boolean }) {
    this.count = 0;
    this.top = new Float64Array(64);
    this.bottom = new Float64Array(64);
    this.bias = new Int32Array(64);
    this.createdBias = 0;
    this.bullFilled = 0;
    this.bearFilled = 0;
    this.pineCompat = options.pineCompat;
    this.moveSum = 0;
    this.bars = 0;
    this.previousOpen = Number.NaN;
    this.previousClose = Number.NaN;
    this.previousHigh = Number.NaN;
    this.previousLow = Number.NaN;
    this.previousTime = Number.NaN;
    this.olderHigh = Number.NaN;
    this.olderLow = Number.NaN;
    this.highestBullBottom = Number.NEGATIVE_INFINITY;
    this.lowestBearTop = Number.POSITIVE_INFINITY;
  }

  /** Early in a bar, before new gaps: removes those that price filled. */
  fill(bar: Bar, events: SmcEventSink | null): void {
    const { high, low } = bar;
    this.bullFilled = 0;
    this.bearFilled = 0;
    if (!(low < this.highestBullBottom) && !(high > this.lowestBearTop)) return;
    this.removeFilled(bar, events);
  }

  private removeFilled(bar: Bar, events: SmcEventSink | null): void {
    const { high, low } = bar;
    let place = 0;
    for (let at = this.count - 1; at >= 0; at--) {
      const bull = this.bias[at] === 1;
      if (bull ? low < this.bottom[at] : high > this.top[at]) {
        events?.event(bull ? 83 : 84, this.top[at], this.bottom[at], place, Number.NaN);
        if (bull) this.bullFilled++;
        else this.bearFilled++;
        this.remove(at);
        // As with order blocks, the published walk passes over the next older gap.
        if (this.pineCompat) at--;
        else place--;
      }
      place++;
    }
    this.measureBounds();
  }

  /** Late in a bar: looks for a new gap and moves the three-bar window on. */
  update(bar: Bar, events: SmcEventSink | null): void {
    const { high, low } = bar;
    const t = this.bars++;
    const move = (this.previousClose - this.previousOpen) / (this.previousOpen * 100);
    this.createdBias = 0;
    if (t > 0) {
      this.moveSum += Math.abs(move);
      const threshold = (2 * this.moveSum) / t;
      if (low > this.olderHigh && this.previousClose > this.olderHigh && move > threshold) {
        this.create(1, low, this.olderHigh, events);
      }
      if (high < this.olderLow && this.previousClose < this.olderLow && -move > threshold) {
        this.create(-1, high, this.olderLow, events);
      }
    }
    this.olderHigh = this.previousHigh;
    this.olderLow = this.previousLow;
    this.previousHigh = high;
    this.previousLow = low;
    this.previousOpen = bar.open;
    this.previousClose = bar.close;
    this.previousTime = bar.openTime;
  }

  private create(bias: number, top: number, bottom: number, events: SmcEventSink | null): void {
    if (this.count === this.top.length) this.grow();
    const at = this.count++;
    this.top[at] = top;
    this.bottom[at] = bottom;
    this.bias[at] = bias;
    this.createdBias = bias;
    if (bias === 1) this.highestBullBottom = Math.max(this.highestBullBottom, bottom);
    else this.lowestBearTop = Math.min(this.lowestBearTop, top);
    events?.event(bias === 1 ? 81 : 82, top, bottom, this.bars - 2, this.previousTime);
  }

  private remove(at: number): void {
    this.top.copyWithin(at, at + 1, this.count);
    this.bottom.copyWithin(at, at + 1, this.count);
    this.bias.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  private measureBounds(): void {
    let highestBullBottom = Number.NEGATIVE_INFINITY;
    let lowestBearTop = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.count; at++) {
      if (this.bias[at] === 1) {
        if (this.bottom[at] > highestBullBottom) highestBullBottom = this.bottom[at];
      } else if (this.top[at] < lowestBearTop) lowestBearTop = this.top[at];
    }
    this.highestBullBottom = highestBullBottom;
    this.lowestBearTop = lowestBearTop;
  }

  private grow(): void {
    const { top, bottom, bias } = this;
    this.top = new Float64Array(top.length * 2);
    this.bottom = new Float64Array(top.length * 2);
    this.bias = new Int32Array(top.length * 2);
    this.top.set(top);
    this.bottom.set(bottom);
    this.bias.set(bias);
  }
}
