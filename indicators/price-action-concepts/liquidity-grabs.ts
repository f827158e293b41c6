import type { Bar } from '../indicator.ts';
import type { LegPivots } from '../smart-money-concepts/leg-pivots.ts';

/**
 * Liquidity grabs on the last bar. Bullish: the low goes below an unbroken internal swing low and
 * the close comes back above it, or the wick goes through the bottom of an active demand block made
 * before and the close comes back into the block; bearish mirrored. Both together are indecision.
 * May repeat on later bars, as long as the pivot stays unbroken. Our equivalent of a documented
 * drawing; the census gives 2.6 % of 5m bars a side.
 */
export class LiquidityGrabs {
  declare bull: number;
  declare bear: number;

  constructor() {
    this.bull = 0;
    this.bear = 0;
  }

  /** After the bar's structure step; `pierced` as the block lists tell it. */
  update(bar: Bar, pivots: LegPivots, pierced: { demand: number; supply: number }): void {
    const { high, low, close } = bar;
    const sweepsLow = pivots.lowBroken === 0 && low < pivots.lowLevel && close > pivots.lowLevel;
    const sweepsHigh =
      pivots.highBroken === 0 && high > pivots.highLevel && close < pivots.highLevel;
    this.bull = sweepsLow || pierced.demand === 1 ? 1 : 0;
    this.bear = sweepsHigh || pierced.supply === 1 ? 1 : 0;
  }
}
