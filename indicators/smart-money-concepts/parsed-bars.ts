import type { Bar } from '../indicator.ts';
import { ringCapacity } from './bar-ring.ts';

/**
 * Highs and lows as order blocks see them: on a bar at least twice as tall as the usual range they
 * are swapped, which keeps such a bar from being chosen as an origin while others exist.
 */
export class ParsedBars {
  /** 1 if the last bar was that tall. */
  declare highVolatility: number;
  declare count: number;
  declare readonly mask: number;
  declare readonly highs: Float64Array;
  declare readonly lows: Float64Array;

  /** @param backMax the largest number of bars back that will be asked for */
  constructor(backMax: number) {
    const capacity = ringCapacity(backMax);
    this.highVolatility = 0;
    this.count = 0;
    this.mask = capacity - 1;
    this.highs = new Float64Array(capacity);
    this.lows = new Float64Array(capacity);
  }

  /** `usualRange` is NaN while not warm; then no bar is tall. */
  push(bar: Bar, usualRange: number): void {
    const slot = this.count++ & this.mask;
    const { high, low } = bar;
    if (high - low >= 2 * usualRange) {
      this.highVolatility = 1;
      this.highs[slot] = low;
      this.lows[slot] = high;
    } else {
      this.highVolatility = 0;
      this.highs[slot] = high;
      this.lows[slot] = low;
    }
  }
}
