import type { LegWindow } from './leg-window.ts';

/**
 * Pivots by legs of one size. The bar `size` bars ago starts a down leg if its high is strictly
 * above the highs of all bars after it, else an up leg if its low is strictly below theirs; bars
 * before it do not matter. A pivot exists only where the leg changes, so highs and lows alternate
 * and the first pivot is a low. Levels are prices, NaN until the first pivot of that side; a pivot
 * is known `size` bars after the bar it belongs to.
 */
export class LegPivots {
  readonly size: number;
  /** 0 down, 1 up. */
  leg: number;
  /** +1 a high, -1 a low was confirmed on the last bar, else 0. */
  confirmed: number;
  highLevel: number;
  highPreviousLevel: number;
  /** 1 once the price has closed through the level. */
  highBroken: number;
  highBar: number;
  highTime: number;
  lowLevel: number;
  lowPreviousLevel: number;
  lowBroken: number;
  lowBar: number;
  lowTime: number;
  private readonly lowFirst: boolean;

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
  }

  /** To be called once a bar, after the bar was pushed to the window. Returns `confirmed`. */
  update(window: LegWindow): number {
    const leg = this.legNow(window);
    if (leg === this.leg) return (this.confirmed = 0);
    this.leg = leg;
    const bar = window.count - 1 - this.size;
    const slot = bar & window.mask;
    if (leg === 0) {
      this.highPreviousLevel = this.highLevel;
      this.highLevel = window.highs[slot];
      this.highBroken = 0;
      this.highBar = bar;
      this.highTime = window.times[slot];
      return (this.confirmed = 1);
    }
    this.lowPreviousLevel = this.lowLevel;
    this.lowLevel = window.lows[slot];
    this.lowBroken = 0;
    this.lowBar = bar;
    this.lowTime = window.times[slot];
    return (this.confirmed = -1);
  }

  private legNow(window: LegWindow): number {
    if (this.lowFirst) {
      if (window.beatsLows(this.size)) return 1;
      return window.beatsHighs(this.size) ? 0 : this.leg;
    }
    if (window.beatsHighs(this.size)) return 0;
    return window.beatsLows(this.size) ? 1 : this.leg;
  }
}
