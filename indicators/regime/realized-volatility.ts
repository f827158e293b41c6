import { checkedLength } from '../basic/length.ts';
import { RollingSum } from '../basic/rolling-sum.ts';
import { RollingPercentRank } from '../basic/sorted-window.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';

export interface RealizedVolatilityOptions {
  /** Returns in one measurement. */
  length?: number;
  /** Earlier measurements that the present one is ranked among. */
  lookback?: number;
  /** Regime is quiet at or below this percent rank. */
  quietRank?: number;
  /** Regime is wild at or above this percent rank. */
  wildRank?: number;
}

/**
 * Realised volatility and its regime:
 * value = sqrt(mean of the last `length` squared log returns), a fraction per bar (0.001 = 10 bps);
 * rank = percent of the `lookback` measurements before that were at most the present one, 0..100;
 * regime = -1 (quiet) where rank <= `quietRank`, +1 (wild) where rank >= `wildRank`, else 0.
 * The mean return is not taken out; at minutes it is far below the noise.
 *
 * Warm-up: value `length` + 1 bars, rank and regime `lookback` more. Flat prices: value 0; a rank
 * counts equals, so a market that stays flat ranks 100: regime 0 is given then, as nothing moves.
 * Prices must be positive. Cost O(log lookback) to find a place among the ranked values plus moving
 * those between the old and the new place (see `SortedWindow`).
 *
 * Source: Andersen, Bollerslev, "Answering the skeptics" (1998). The cuts at 20 and 80 are ours.
 */
export class RealizedVolatility implements Indicator {
  declare readonly quietRank: number;
  declare readonly wildRank: number;
  declare readonly warmUpBars: number;
  declare value: number;
  declare rank: number;
  declare regime: number;
  declare private readonly length: number;
  declare private readonly squares: RollingSum;
  declare private readonly ranks: RollingPercentRank;
  declare private previousClose: number;
  declare private lastOpenTime: number;

  /** @throws RangeError when a length is not positive and whole or the ranks are not in order */
  constructor(options: RealizedVolatilityOptions = {}) {
    const { length = 20, lookback = 240, quietRank = 20, wildRank = 80 } = options;
    if (!(quietRank >= 0 && quietRank < wildRank && wildRank <= 100)) {
      throw new RangeError(`ranks must rise within 0..100, got ${quietRank} and ${wildRank}`);
    }
    this.length = checkedLength(length);
    this.quietRank = quietRank;
    this.wildRank = wildRank;
    this.warmUpBars = length + 1;
    this.value = Number.NaN;
    this.rank = Number.NaN;
    this.regime = 0;
    this.squares = new RollingSum(length);
    this.ranks = new RollingPercentRank(lookback);
    this.previousClose = Number.NaN;
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN, is not newer than the last one, or closes <= 0 */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    if (!(bar.close > 0)) throw new RangeError(`close ${bar.close} has no logarithm`);
    const change = Math.log(bar.close / this.previousClose);
    this.previousClose = bar.close;
    const sum = this.squares.update(change * change);
    if (Number.isNaN(sum)) return;
    const value = Math.sqrt(Math.max(0, sum) / this.length);
    this.value = value;
    const rank = this.ranks.update(value);
    this.rank = rank;
    this.regime = 0;
    if (rank <= this.quietRank) this.regime = -1;
    else if (rank >= this.wildRank && value > 0) this.regime = 1;
  }
}
