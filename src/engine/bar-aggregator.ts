import { assert } from './assert.ts';

/** A bucket that became complete. */
export interface Bucket {
  openTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  /** NaN when any part had none. */
  takerBuyVolume: number;
  /** Parts inside; fewer than the ratio means bars were missing. */
  parts: number;
}

/**
 * Streaming aggregation onto a coarser UTC grid, for live and backtest alike. A bucket is complete
 * when the bar that closes with it has come, or when a later bar shows that it never will; closed
 * bars only, one bucket at a time, no allocation.
 */
export class BarAggregator {
  /** The bucket that the last `add` completed; valid until the next call. */
  readonly done: Bucket = emptyBucket();
  /** Buckets that were closed with parts missing. */
  partialBuckets = 0;
  declare private readonly fromMs: number;
  declare private readonly toMs: number;
  declare private readonly ratio: number;
  private readonly current: Bucket = emptyBucket();
  private hasCurrent = false;

  constructor(options: { fromMs: number; toMs: number }) {
    const ratio = options.toMs / options.fromMs;
    const isMultiple = Number.isInteger(ratio) && ratio >= 1;
    assert(isMultiple, `${options.toMs} ms is not a multiple of ${options.fromMs} ms`);
    this.fromMs = options.fromMs;
    this.toMs = options.toMs;
    this.ratio = ratio;
  }

  /**
   * Adds one closed bar; true when its bucket is complete and in `done`. A bucket that never got its
   * last part is handed to `onStale` before that.
   */
  add(bar: Omit<Bucket, 'parts'>, onStale?: (bucket: Bucket) => void): boolean {
    const start = Math.floor(bar.openTime / this.toMs) * this.toMs;
    if (this.hasCurrent && start !== this.current.openTime) {
      this.partialBuckets++;
      copyBucket(this.done, this.current);
      this.hasCurrent = false;
      onStale?.(this.done);
    }
    const { current } = this;
    if (!this.hasCurrent) {
      copyBucket(current, bar);
      current.openTime = start;
      current.parts = 1;
      this.hasCurrent = true;
    } else {
      if (bar.high > current.high) current.high = bar.high;
      if (bar.low < current.low) current.low = bar.low;
      current.close = bar.close;
      current.volume += bar.volume;
      current.takerBuyVolume += bar.takerBuyVolume;
      current.parts++;
    }
    if (bar.openTime + this.fromMs < start + this.toMs) return false;
    if (current.parts < this.ratio) this.partialBuckets++;
    copyBucket(this.done, current);
    this.hasCurrent = false;
    return true;
  }
}

export function emptyBucket(): Bucket {
  return {
    openTime: 0,
    open: 0,
    high: 0,
    low: 0,
    close: 0,
    volume: 0,
    takerBuyVolume: 0,
    parts: 0,
  };
}

function copyBucket(into: Bucket, from: Omit<Bucket, 'parts'> & { parts?: number }): void {
  into.openTime = from.openTime;
  into.open = from.open;
  into.high = from.high;
  into.low = from.low;
  into.close = from.close;
  into.volume = from.volume;
  into.takerBuyVolume = from.takerBuyVolume;
  into.parts = from.parts ?? 1;
}
