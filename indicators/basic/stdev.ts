import { checkedLength } from './length.ts';

const EXACT_EVERY = 1000;

/**
 * Population standard deviation and mean of the last `length` values, in the input's unit (Pine's
 * `ta.stdev` with its default). O(1) amortised by Welford's sliding update, which does not lose
 * digits when the values are large beside their spread. NaN until `length` values were seen; NaN
 * inputs are ignored. A window of one repeated value gives exactly 0.
 */
export class Stdev {
  declare readonly length: number;
  declare value: number;
  declare mean: number;
  declare private readonly ring: Float64Array;
  declare private runningMean: number;
  declare private squares: number;
  declare private slot: number;
  declare private seen: number;
  declare private sinceExact: number;
  declare private last: number;
  declare private run: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.mean = Number.NaN;
    this.ring = new Float64Array(length);
    this.runningMean = 0;
    this.squares = 0;
    this.slot = 0;
    this.seen = 0;
    this.sinceExact = 0;
    this.last = Number.NaN;
    this.run = 0;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    const { ring, length, slot } = this;
    const old = ring[slot];
    ring[slot] = x;
    this.slot = slot + 1 === length ? 0 : slot + 1;
    this.run = x === this.last ? this.run + 1 : 1;
    this.last = x;
    if (this.seen < length) {
      if (++this.seen < length) return this.value;
      this.measureExactly();
    } else if (this.run >= length) {
      this.runningMean = x;
      this.squares = 0;
    } else if (++this.sinceExact >= EXACT_EVERY) {
      this.measureExactly();
    } else {
      const before = this.runningMean;
      this.runningMean = before + (x - old) / length;
      this.squares += (x - old) * (x - this.runningMean + (old - before));
    }
    this.mean = this.runningMean;
    return (this.value = Math.sqrt(this.squares > 0 ? this.squares / length : 0));
  }

  private measureExactly(): void {
    this.sinceExact = 0;
    let sum = 0;
    for (let i = 0; i < this.length; i++) sum += this.ring[i];
    const mean = sum / this.length;
    let squares = 0;
    for (let i = 0; i < this.length; i++) {
      squares += (this.ring[i] - mean) * (this.ring[i] - mean);
    }
    this.runningMean = mean;
    this.squares = squares;
  }
}
