import { RollingSum } from '../basic/rolling-sum.ts';
import type { Bar } from '../indicator.ts';
import { RatioRank } from './ratio-rank.ts';

const PATH_LENGTH = 20;
const RANK_LENGTH = 250;

/**
 * Trend Strength, 0..100: percent rank of the efficiency ratio (Kaufman 1995) among its previous 250
 * values. Ratio = |close - close 20 ago| / sum of |close changes| of those 20 bars, 0 on a flat path.
 * Documented by the original: the range, trending above 50; the measure is our design. First value
 * at bar index 270. Neither price scale nor mirroring matters. Cost: see
 * `RatioRank`.
 */
export class TrendStrength {
  declare trendStrength: number;
  /** The efficiency ratio itself, 0..1. */
  declare efficiency: number;
  declare private readonly closes: Float64Array;
  declare private readonly path: RollingSum;
  declare private readonly rank: RatioRank;
  declare private slot: number;
  declare private previousClose: number;

  constructor() {
    this.trendStrength = Number.NaN;
    this.efficiency = Number.NaN;
    this.closes = new Float64Array(PATH_LENGTH).fill(Number.NaN);
    this.path = new RollingSum(PATH_LENGTH);
    this.rank = new RatioRank(RANK_LENGTH);
    this.slot = 0;
    this.previousClose = Number.NaN;
  }

  update(bar: Bar): void {
    const { close } = bar;
    const { closes, slot } = this;
    const path = this.path.update(Math.abs(close - this.previousClose));
    const moved = Math.abs(close - closes[slot]);
    closes[slot] = close;
    this.slot = slot + 1 === PATH_LENGTH ? 0 : slot + 1;
    this.previousClose = close;
    this.efficiency = path === 0 ? 0 : moved / path;
    this.rank.update(this.efficiency);
    this.trendStrength = this.rank.value;
  }
}
