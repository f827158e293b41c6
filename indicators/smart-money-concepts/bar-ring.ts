import type { Bar } from '../indicator.ts';

/** Highs, lows and times of the most recent bars; slot of a bar = its index & `mask`. */
export class BarRing {
  /** Bars pushed so far; the newest has index `count - 1`. */
  declare count: number;
  declare readonly mask: number;
  declare readonly highs: Float64Array;
  declare readonly lows: Float64Array;
  declare readonly times: Float64Array;

  /** @param backMax the largest number of bars back that will be asked for */
  constructor(backMax: number) {
    const capacity = ringCapacity(backMax);
    this.count = 0;
    this.mask = capacity - 1;
    // NaN where no bar was yet: every comparison with it is false.
    this.highs = new Float64Array(capacity).fill(Number.NaN);
    this.lows = new Float64Array(capacity).fill(Number.NaN);
    this.times = new Float64Array(capacity).fill(Number.NaN);
  }

  push(bar: Bar): void {
    const slot = this.count++ & this.mask;
    this.highs[slot] = bar.high;
    this.lows[slot] = bar.low;
    this.times[slot] = bar.openTime;
  }
}

/** The power of two that holds the newest bar and `backMax` before it. */
export function ringCapacity(backMax: number): number {
  let capacity = 8;
  while (capacity < backMax + 1) capacity *= 2;
  return capacity;
}
