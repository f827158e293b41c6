import type { Bars } from '../data/bars/bars.ts';
import type { BarClosed } from '../src/engine/event.ts';

/**
 * Folds fine closed bars into bars of the signal timeframe, one at a time and without allocation.
 * A bar whose last fine bar is missing is told late, when the next fine bar comes; it is never
 * dropped and never told before its time is over.
 */
export class SignalBarFold {
  private readonly fineMs: number;
  private readonly signalMs: number;
  private openTime = Number.NaN;
  private open = 0;
  private high = 0;
  private low = 0;
  private close = 0;
  private volume = 0;
  private takerBuyVolume = 0;

  constructor(options: { fineMs: number; signalMs: number }) {
    this.fineMs = options.fineMs;
    this.signalMs = options.signalMs;
  }

  /** Whether a bar begun earlier can get nothing more once this fine bar is here. */
  isOverdue(openTime: number): boolean {
    return openTime >= this.openTime + this.signalMs;
  }

  /** Takes a closed fine bar; true when it completes the signal bar: read it with `writeTo`. */
  push(bars: Bars, index: number): boolean {
    const openTime = bars.openTime[index];
    const bucket = openTime - (openTime % this.signalMs);
    if (bucket === this.openTime) {
      if (bars.high[index] > this.high) this.high = bars.high[index];
      if (bars.low[index] < this.low) this.low = bars.low[index];
      this.volume += bars.volume[index];
      this.takerBuyVolume += bars.takerBuyVolume[index];
    } else {
      this.openTime = bucket;
      this.open = bars.open[index];
      this.high = bars.high[index];
      this.low = bars.low[index];
      this.volume = bars.volume[index];
      this.takerBuyVolume = bars.takerBuyVolume[index];
    }
    this.close = bars.close[index];
    return openTime + this.fineMs >= bucket + this.signalMs;
  }

  /** Writes the finished bar and forgets it. */
  writeTo(bar: BarClosed): void {
    bar.timeframeMs = this.signalMs;
    bar.openTime = this.openTime;
    bar.open = this.open;
    bar.high = this.high;
    bar.low = this.low;
    bar.close = this.close;
    bar.volume = this.volume;
    bar.takerBuyVolume = this.takerBuyVolume;
    this.openTime = Number.NaN;
  }
}
