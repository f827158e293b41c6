import { checkedLength } from './length.ts';

/** Updates between two exact summations; keeps the drift of add-and-subtract below 1e-12. */
const EXACT_EVERY = 1000;

/**
 * Sum of the last `length` values, O(1) amortised. NaN until `length` values were seen; NaN inputs
 * are ignored, so a source that is not warm yet may be fed as it is. A window of one repeated value
 * is summed exactly: a stretch of zeros gives 0, not the rounding rest of what left the window.
 */
export class RollingSum {
  declare readonly length: number;
  declare value: number;
  declare private readonly ring: Float64Array;
  declare private sum: number;
  declare private slot: number;
  declare private seen: number;
  declare private sinceExact: number;
  declare private last: number;
  declare private run: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.ring = new Float64Array(length);
    this.sum = 0;
    this.slot = 0;
    this.seen = 0;
    this.sinceExact = 0;
    this.last = Number.NaN;
    this.run = 0;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    const { ring, length, slot } = this;
    this.sum += x - ring[slot];
    ring[slot] = x;
    this.slot = slot + 1 === length ? 0 : slot + 1;
    if (x === this.last) {
      this.run++;
      if (this.run >= length) this.sum = x * length;
    } else {
      this.run = 1;
      this.last = x;
    }
    if (++this.sinceExact >= EXACT_EVERY) this.sumExactly();
    if (this.seen < length && ++this.seen < length) return Number.NaN;
    return (this.value = this.sum);
  }

  private sumExactly(): void {
    this.sinceExact = 0;
    let sum = 0;
    for (let i = 0; i < this.length; i++) sum += this.ring[i];
    this.sum = sum;
  }
}
