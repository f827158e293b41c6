/**
 * Highs and lows as order blocks see them: on a bar at least twice as tall as the usual range they
 * are swapped, which keeps such a bar from being chosen as an origin while others exist.
 */
export class ParsedBars {
  /** 1 if the last bar was that tall. */
  highVolatility: number;
  count: number;
  readonly mask: number;
  readonly highs: Float64Array;
  readonly lows: Float64Array;

  /** @param sizeMax the largest number of bars back that will be asked for */
  constructor(sizeMax: number) {
    let capacity = 8;
    while (capacity < sizeMax + 2) capacity *= 2;
    this.highVolatility = 0;
    this.count = 0;
    this.mask = capacity - 1;
    this.highs = new Float64Array(capacity);
    this.lows = new Float64Array(capacity);
  }

  /** `usualRange` is NaN while not warm; then no bar is tall. */
  push(high: number, low: number, usualRange: number): void {
    const slot = this.count++ & this.mask;
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
