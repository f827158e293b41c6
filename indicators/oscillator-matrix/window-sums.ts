const EXACT_EVERY = 1000;

/**
 * Sums of several channels over the last `length` rows of a ring that windows of other lengths may
 * share. Rows of `channels` values lie behind each other, capacity is `mask` + 1 rows and at least
 * one more than the window. Every 1000 rows all are summed afresh, so nothing drifts; a caller that
 * knows a window to hold zeros only puts the sum to exactly 0 itself. O(channels) amortised.
 */
export class WindowSums {
  declare readonly length: number;
  declare readonly sums: Float64Array;
  declare private readonly channels: number;
  declare private readonly mask: number;
  declare private sinceExact: number;

  constructor(of: { channels: number; length: number; mask: number }) {
    this.length = of.length;
    this.sums = new Float64Array(of.channels);
    this.channels = of.channels;
    this.mask = of.mask;
    this.sinceExact = 0;
  }

  /** After row `row` was written; rows before 0 are zeros. */
  update(ring: Float64Array, row: number): void {
    const { channels, mask, sums } = this;
    const entering = (row & mask) * channels;
    const leaving = ((row - this.length) & mask) * channels;
    for (let c = 0; c < channels; c++) sums[c] += ring[entering + c] - ring[leaving + c];
    if (++this.sinceExact >= EXACT_EVERY) this.sumExactly(ring, row);
  }

  private sumExactly(ring: Float64Array, row: number): void {
    this.sinceExact = 0;
    for (let c = 0; c < this.channels; c++) {
      let sum = 0;
      for (let i = row - this.length + 1; i <= row; i++) {
        sum += ring[(i & this.mask) * this.channels + c];
      }
      this.sums[c] = sum;
    }
  }
}

/** Smallest power of two above `length`, less one: the mask of a ring with room for a window. */
export function ringMask(length: number): number {
  let capacity = 2;
  while (capacity <= length) capacity *= 2;
  return capacity - 1;
}
