import { checkedLength } from './length.ts';

/**
 * The last `length` values in ascending order, for medians, percentiles and ranks. One update costs
 * two binary searches, O(log length), and one move of the values between the old and the new place;
 * at the lengths used here (up to about 1,000) that beats any tree. NaN inputs are ignored.
 */
export class SortedWindow {
  declare readonly length: number;
  /** Values held so far, at most `length`. */
  declare count: number;
  declare private readonly ring: Float64Array;
  declare private readonly sorted: Float64Array;
  declare private slot: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.count = 0;
    this.ring = new Float64Array(length);
    this.sorted = new Float64Array(length);
    this.slot = 0;
  }

  update(x: number): void {
    if (Number.isNaN(x)) return;
    const { sorted, ring, slot } = this;
    let hole = this.count;
    if (this.count === this.length) hole = this.countBelow(ring[slot]);
    else this.count++;
    ring[slot] = x;
    this.slot = slot + 1 === this.length ? 0 : slot + 1;
    while (hole > 0 && sorted[hole - 1] > x) {
      sorted[hole] = sorted[hole - 1];
      hole--;
    }
    while (hole < this.count - 1 && sorted[hole + 1] < x) {
      sorted[hole] = sorted[hole + 1];
      hole++;
    }
    sorted[hole] = x;
  }

  /** The value at place `rank` (0 = lowest) of those held; NaN outside. */
  at(rank: number): number {
    return rank >= 0 && rank < this.count ? this.sorted[rank] : Number.NaN;
  }

  /** How many of the values held are smaller than `x`. */
  countBelow(x: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle] < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many of the values held are smaller than or equal to `x`. */
  countAtMost(x: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle] <= x) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Median of the last `length` values, in the input's unit; of an even number the mean of the two in
 * the middle. NaN until `length` values were seen. Cost as `SortedWindow`.
 */
export class RollingMedian {
  declare readonly length: number;
  declare value: number;
  declare private readonly window: SortedWindow;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.window = new SortedWindow(length);
    this.length = length;
    this.value = Number.NaN;
  }

  update(x: number): number {
    const { window, length } = this;
    window.update(x);
    if (window.count < length) return Number.NaN;
    const upper = length >> 1;
    const high = window.at(upper);
    return (this.value = length % 2 === 1 ? high : (window.at(upper - 1) + high) / 2);
  }
}

/**
 * Percent rank, 0..100: the share of the PREVIOUS `length` values that are at most the present one,
 * as in Pine's `ta.percentrank`. NaN until `length` earlier values exist. Cost as `SortedWindow`.
 */
export class RollingPercentRank {
  declare readonly length: number;
  declare value: number;
  declare private readonly window: SortedWindow;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.window = new SortedWindow(length);
    this.length = length;
    this.value = Number.NaN;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    const { window, length } = this;
    if (window.count === length) this.value = (100 * window.countAtMost(x)) / length;
    window.update(x);
    return this.value;
  }
}
