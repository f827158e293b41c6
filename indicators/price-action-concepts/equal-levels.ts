import type { BarRing } from '../smart-money-concepts/bar-ring.ts';
import { LegPivots } from '../smart-money-concepts/leg-pivots.ts';

const POOL_LEVELS = 8;

/**
 * Equal highs and lows of one term: two pivot highs (lows) in a row, by legs of `length` bars, whose
 * levels differ by less than `threshold` x ATR(200). Known `length` bars after the newer pivot's bar;
 * prices in quote currency. Keeps the levels of the last 8 pairs of each side that no close has
 * passed: the liquidity that rests there.
 */
export class EqualLevels {
  declare readonly pivots: LegPivots;
  /** 1 when a pair was confirmed on the last bar. */
  declare highs: number;
  declare lows: number;
  /** Levels of unbroken pairs in a ring; NaN in places without one. */
  declare readonly highPools: Float64Array;
  declare readonly lowPools: Float64Array;
  /** Lowest of the one, highest of the other: most bars need not look further. */
  declare private lowestHigh: number;
  declare private highestLow: number;
  declare private highSlot: number;
  declare private lowSlot: number;
  declare private readonly threshold: number;

  constructor(length: number, options: { lowFirst: boolean; threshold: number }) {
    this.pivots = new LegPivots(length, options);
    this.highs = 0;
    this.lows = 0;
    this.highPools = new Float64Array(POOL_LEVELS).fill(Number.NaN);
    this.lowPools = new Float64Array(POOL_LEVELS).fill(Number.NaN);
    this.lowestHigh = Number.POSITIVE_INFINITY;
    this.highestLow = Number.NEGATIVE_INFINITY;
    this.highSlot = 0;
    this.lowSlot = 0;
    this.threshold = options.threshold;
  }

  /** After the bar was pushed to the ring; `atr` is ATR(200), NaN while it has no value. */
  update(ring: BarRing, close: number, atr: number): void {
    const { pivots, highPools, lowPools } = this;
    this.highs = 0;
    this.lows = 0;
    if (close > this.lowestHigh || close < this.highestLow) this.dropBroken(close);
    const confirmed = pivots.update(ring);
    if (confirmed === 0) return;
    const tolerance = this.threshold * atr;
    if (confirmed === 1) {
      if (!(Math.abs(pivots.highLevel - pivots.highPreviousLevel) < tolerance)) return;
      this.highs = 1;
      highPools[this.highSlot] = pivots.highLevel;
      this.highSlot = (this.highSlot + 1) % POOL_LEVELS;
      this.measureBounds();
    } else {
      if (!(Math.abs(pivots.lowLevel - pivots.lowPreviousLevel) < tolerance)) return;
      this.lows = 1;
      lowPools[this.lowSlot] = pivots.lowLevel;
      this.lowSlot = (this.lowSlot + 1) % POOL_LEVELS;
      this.measureBounds();
    }
  }

  /** Whether an unbroken equal high or low lies inside [bottom, top]. */
  hasLevelIn(bottom: number, top: number): boolean {
    for (let i = 0; i < POOL_LEVELS; i++) {
      if (this.highPools[i] >= bottom && this.highPools[i] <= top) return true;
      if (this.lowPools[i] >= bottom && this.lowPools[i] <= top) return true;
    }
    return false;
  }

  private dropBroken(close: number): void {
    const { highPools, lowPools } = this;
    for (let i = 0; i < POOL_LEVELS; i++) {
      if (close > highPools[i]) highPools[i] = Number.NaN;
      if (close < lowPools[i]) lowPools[i] = Number.NaN;
    }
    this.measureBounds();
  }

  private measureBounds(): void {
    this.lowestHigh = Number.POSITIVE_INFINITY;
    this.highestLow = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < POOL_LEVELS; i++) {
      if (this.highPools[i] < this.lowestHigh) this.lowestHigh = this.highPools[i];
      if (this.lowPools[i] > this.highestLow) this.highestLow = this.lowPools[i];
    }
  }
}
