import { readBarInto } from '../data/bars/bars.ts';
import type { Bucket } from '../data/bars/resample.ts';
import { BacktestRun, type BarFeed, step } from './run.ts';

/**
 * A run that may leave out bars on which nothing can happen but learning, for callers that know what
 * strategies and rules would have learned from them, and tell them (`src/research/trial/`).
 */
export class SkippingRun extends BacktestRun {
  /** The last instant that was handled. */
  get atMs(): number {
    return this.nowMs;
  }

  /** Nothing open, nothing resting, nothing due, no half signal bar. */
  get isIdle(): boolean {
    const { engine, exchange } = this;
    if (!exchange.isIdle || engine.nextTimerMs() < Number.POSITIVE_INFINITY) return false;
    if (engine.trades.length > this.tradesSeen || engine.inspect().open.size > 0) return false;
    return this.nowMs % this.options.signalTimeframeMs === 0;
  }

  /**
   * Leaves out all bars that close up to here; only while idle. Funding, last prices, half-built
   * signal bars and the numbering of events are as if they had been shown.
   */
  skipTo(atMs: number): void {
    const { funding } = this.options;
    const toMs = Math.min(atMs, this.toMs);
    while (this.nextFunding < funding.length && funding[this.nextFunding].atMs <= toMs) {
      // The bar that ends with the payment gives its mark, so it must still be ahead.
      this.skipBars(funding[this.nextFunding].atMs - 1);
      this.settleFunding();
    }
    this.skipBars(toMs);
  }

  private skipBars(toMs: number): void {
    const { market } = this.engine.inspect().kernel;
    for (const feed of this.feeds) {
      if (!(feed.closeMs <= toMs)) continue;
      if (feed.signal === undefined) this.jump(feed, toMs);
      else this.buildSignalBars(feed, toMs);
      readBarInto(feed.bar, feed.bars, feed.next - 1);
      market.onBar(feed.bar);
    }
  }

  private jump(feed: BarFeed, toMs: number): void {
    const { openTime, timeframeMs } = feed.bars;
    const from = feed.next;
    // The bar before the next one is the last that is left out.
    feed.next = firstAtOrAfter(openTime, toMs - timeframeMs + 1, from) - 1;
    step(feed);
    this.barsDone += feed.next - from;
    this.envelope.seq += feed.next - from;
    if (!feed.isMain) return;
    this.signalBars += feed.next - Math.min(feed.next, firstAtOrAfter(openTime, this.fromMs, from));
  }

  /** Keeps the bar that is being built up to date, and counts those that were finished. */
  private buildSignalBars(feed: BarFeed, toMs: number): void {
    const finished = (bucket: Bucket) => {
      this.envelope.seq++;
      if (feed.isMain && bucket.openTime >= this.fromMs) this.signalBars++;
    };
    for (; feed.closeMs <= toMs; step(feed)) {
      this.barsDone++;
      this.envelope.seq++;
      readBarInto(feed.bar, feed.bars, feed.next);
      if (feed.signal?.add(feed.bar, finished)) finished(feed.signal.done);
    }
  }
}

/** Index of the first time at or after this one, looked for from `from` on. */
export function firstAtOrAfter(times: Float64Array, timeMs: number, from: number): number {
  let low = from;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
