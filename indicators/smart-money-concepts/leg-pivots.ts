import type { BarRing } from './bar-ring.ts';

/**
 * Pivots by legs of one size. The bar `size` bars ago starts a down leg if its high is strictly
 * above the highs of all bars after it, else an up leg if its low is strictly below theirs; bars
 * before it do not matter. A pivot exists only where the leg changes, so highs and lows alternate
 * and the first pivot is a low. Levels are prices, NaN until the first pivot of that side; a pivot
 * is known `size` bars after the bar it belongs to.
 *
 * Only the side that can end the present leg is followed: its candidate is the newest lowest low
 * (highest high) of the last bars, and it becomes the pivot when `size` bars have passed. O(1) on
 * all but the bars that turn the leg or refuse to; those look at `size` bars.
 */
export class LegPivots {
  declare readonly size: number;
  /** 0 down, 1 up. */
  declare leg: number;
  /** +1 a high, -1 a low was confirmed on the last bar, else 0. */
  declare confirmed: number;
  declare highLevel: number;
  declare highPreviousLevel: number;
  /** 1 once the price has closed through the level. */
  declare highBroken: number;
  declare highBar: number;
  declare highTime: number;
  declare lowLevel: number;
  declare lowPreviousLevel: number;
  declare lowBroken: number;
  declare lowBar: number;
  declare lowTime: number;
  declare private readonly lowFirst: boolean;
  /** Level and bar of the candidate for the next pivot. */
  declare private candidate: number;
  declare private candidateBar: number;

  /**
   * @param options.lowFirst tests lows before highs and starts in an up leg: what makes mirrored
   *   prices give exactly mirrored pivots
   */
  constructor(size: number, options: { lowFirst?: boolean } = {}) {
    this.size = size;
    this.lowFirst = options.lowFirst ?? false;
    this.leg = this.lowFirst ? 1 : 0;
    this.confirmed = 0;
    this.highLevel = Number.NaN;
    this.highPreviousLevel = Number.NaN;
    this.highBroken = 0;
    this.highBar = 0;
    this.highTime = Number.NaN;
    this.lowLevel = Number.NaN;
    this.lowPreviousLevel = Number.NaN;
    this.lowBroken = 0;
    this.lowBar = 0;
    this.lowTime = Number.NaN;
    this.candidate = Number.NaN;
    this.candidateBar = 0;
  }

  /** To be called once a bar, after the bar was pushed to the ring. Returns `confirmed`. */
  update(ring: BarRing): number {
    const newest = ring.count - 1;
    const slot = newest & ring.mask;
    this.confirmed = 0;
    if (this.leg === 0) {
      const low = ring.lows[slot];
      if (!(low > this.candidate)) {
        this.candidate = low;
        this.candidateBar = newest;
      } else if (newest - this.candidateBar === this.size) this.endDownLeg(ring);
    } else {
      const high = ring.highs[slot];
      if (!(high < this.candidate)) {
        this.candidate = high;
        this.candidateBar = newest;
      } else if (newest - this.candidateBar === this.size) this.endUpLeg(ring);
    }
    return this.confirmed;
  }

  /** The candidate is a low pivot, unless the same bar is a high and highs are tested first. */
  private endDownLeg(ring: BarRing): void {
    const bar = this.candidateBar;
    if (!this.lowFirst && this.newestHighest(ring) === bar) this.followLow(ring);
    else this.confirmLow(ring, bar);
  }

  private endUpLeg(ring: BarRing): void {
    const bar = this.candidateBar;
    if (this.lowFirst && this.newestLowest(ring) === bar) this.followHigh(ring);
    else this.confirmHigh(ring, bar);
  }

  private confirmHigh(ring: BarRing, bar: number): void {
    this.leg = 0;
    this.highPreviousLevel = this.highLevel;
    this.highLevel = ring.highs[bar & ring.mask];
    this.highBroken = 0;
    this.highBar = bar;
    this.highTime = ring.times[bar & ring.mask];
    this.confirmed = 1;
    this.followLow(ring);
  }

  private confirmLow(ring: BarRing, bar: number): void {
    this.leg = 1;
    this.lowPreviousLevel = this.lowLevel;
    this.lowLevel = ring.lows[bar & ring.mask];
    this.lowBroken = 0;
    this.lowBar = bar;
    this.lowTime = ring.times[bar & ring.mask];
    this.confirmed = -1;
    this.followHigh(ring);
  }

  /** Starts to look for the next low among the last `size` bars. */
  private followLow(ring: BarRing): void {
    this.candidateBar = this.newestLowest(ring, 1);
    this.candidate = ring.lows[this.candidateBar & ring.mask];
  }

  private followHigh(ring: BarRing): void {
    this.candidateBar = this.newestHighest(ring, 1);
    this.candidate = ring.highs[this.candidateBar & ring.mask];
  }

  /** The newest of the lowest bars since the one `size` bars ago, `skip` bars left out. */
  private newestLowest(ring: BarRing, skip = 0): number {
    const { lows, mask, count } = ring;
    let best = count - 1 - this.size + skip;
    for (let bar = best + 1; bar < count; bar++) {
      if (lows[bar & mask] <= lows[best & mask]) best = bar;
    }
    return best;
  }

  private newestHighest(ring: BarRing, skip = 0): number {
    const { highs, mask, count } = ring;
    let best = count - 1 - this.size + skip;
    for (let bar = best + 1; bar < count; bar++) {
      if (highs[bar & mask] >= highs[best & mask]) best = bar;
    }
    return best;
  }
}
