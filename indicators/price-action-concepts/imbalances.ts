import type { Bar } from '../indicator.ts';
import { type Mitigation, ZoneList } from './zone-list.ts';

/** Gaps of one side that are kept; the oldest leaves first. */
const GAPS_MAX = 200;

/** Unmitigated gaps of one side; `insert` is the list's own. */
class GapList extends ZoneList {
  add(zone: { top: number; bottom: number; bar: number; id: number }): void {
    if (this.count === GAPS_MAX) this.removeOldest();
    const isBull = this.side === 1;
    const near = isBull ? zone.top : 0 - zone.bottom;
    const far = isBull ? zone.bottom : 0 - zone.top;
    this.insert({ near, far, bar: zone.bar, id: zone.id });
  }
}

/**
 * Fair value gaps of the bar's own timeframe. Bullish when low[t] > high[t-2], the zone lies between
 * them; bearish when high[t] < low[t-2]. Kept if at least `threshold` x ATR(200) high; threshold 0
 * needs no ATR. Known on bar t, drawn from t-1. Ended by price beyond the far edge (close or wick),
 * beyond the middle (average) or never.
 *
 * Inverse: the most recent gap, once price ends it, works for the other side until the next gap
 * is made. Double: the overlap of a new gap with the latest gap of the other side. Prices in quote
 * currency. Source: documented behaviour; the volatility measure is our equivalent.
 */
export class Imbalances {
  declare readonly bulls: GapList;
  declare readonly bears: GapList;
  /** 1 when one was created on the last bar. */
  declare bull: number;
  declare bear: number;
  /** +1 when a bearish gap turned into a bullish zone on the last bar, -1 the other way, else 0. */
  declare inverse: number;
  /** The inverse zone in force: side and edges; 0 and NaN without one. */
  declare inverseSide: number;
  declare inverseTop: number;
  declare inverseBottom: number;
  /** Side of the gap that completed a double one on the last bar, else 0; its overlap. */
  declare double: number;
  declare doubleTop: number;
  declare doubleBottom: number;
  declare private readonly threshold: number;
  /** Newest gap of each side, whether alive or not, and the number of the newest of all. */
  declare private readonly newestTop: Float64Array;
  declare private readonly newestBottom: Float64Array;
  declare private newestSide: number;
  declare private made: number;
  declare private previousHigh: number;
  declare private previousLow: number;
  declare private olderHigh: number;
  declare private olderLow: number;

  /** `maxAgeBars`: bars after its creation at which a gap expires, 0 never. */
  constructor(options: { mitigation: Mitigation; threshold: number; maxAgeBars?: number }) {
    const { mitigation, maxAgeBars = 0 } = options;
    this.bulls = new GapList({ side: 1, mitigation, maxAgeBars });
    this.bears = new GapList({ side: -1, mitigation, maxAgeBars });
    this.bull = 0;
    this.bear = 0;
    this.inverse = 0;
    this.inverseSide = 0;
    this.inverseTop = Number.NaN;
    this.inverseBottom = Number.NaN;
    this.double = 0;
    this.doubleTop = Number.NaN;
    this.doubleBottom = Number.NaN;
    this.threshold = options.threshold;
    this.newestTop = new Float64Array(2).fill(Number.NaN);
    this.newestBottom = new Float64Array(2).fill(Number.NaN);
    this.newestSide = 0;
    this.made = 0;
    this.previousHigh = Number.NaN;
    this.previousLow = Number.NaN;
    this.olderHigh = Number.NaN;
    this.olderLow = Number.NaN;
  }

  /** `atr` is ATR(200), NaN while it has no value. */
  update(bar: Bar, index: number, atr: number): void {
    const { bulls, bears } = this;
    const { high, low, close } = bar;
    this.bull = 0;
    this.bear = 0;
    this.inverse = 0;
    this.double = 0;
    bulls.sweep(low, close, index);
    bears.sweep(0 - high, 0 - close, index);
    if (bulls.mitigated + bears.mitigated > 0) this.invert();
    const heightMin = this.threshold === 0 ? 0 : this.threshold * atr;
    if (low > this.olderHigh && low - this.olderHigh >= heightMin) {
      this.bull = 1;
      this.add(1, { top: low, bottom: this.olderHigh, bar: index });
    }
    if (high < this.olderLow && this.olderLow - high >= heightMin) {
      this.bear = 1;
      this.add(-1, { top: this.olderLow, bottom: high, bar: index });
    }
    this.olderHigh = this.previousHigh;
    this.olderLow = this.previousLow;
    this.previousHigh = high;
    this.previousLow = low;
  }

  /** Whether an unmitigated gap of the side overlaps [bottom, top]. */
  overlaps(side: number, bottom: number, top: number): boolean {
    const gaps = side === 1 ? this.bulls : this.bears;
    for (let at = gaps.count - 1; at >= 0; at--) {
      if (gaps.bottom(at) <= top && gaps.top(at) >= bottom) return true;
    }
    return false;
  }

  private add(side: number, zone: { top: number; bottom: number; bar: number }): void {
    const own = side === 1 ? 0 : 1;
    const other = 1 - own;
    const gaps = side === 1 ? this.bulls : this.bears;
    gaps.add({ ...zone, id: this.made++ });
    this.newestTop[own] = zone.top;
    this.newestBottom[own] = zone.bottom;
    this.newestSide = side;
    this.inverseSide = 0;
    this.inverseTop = Number.NaN;
    this.inverseBottom = Number.NaN;
    const top = Math.min(zone.top, this.newestTop[other]);
    const bottom = Math.max(zone.bottom, this.newestBottom[other]);
    if (!(bottom <= top)) return;
    this.double = side;
    this.doubleTop = top;
    this.doubleBottom = bottom;
  }

  private invert(): void {
    const gaps = this.newestSide === 1 ? this.bulls : this.bears;
    if (gaps.mitigated === 0 || this.inverseSide !== 0) return;
    // The newest gap of all is gone when its list no longer has it.
    for (let at = 0; at < gaps.count; at++) if (gaps.id[at] === this.made - 1) return;
    const slot = this.newestSide === 1 ? 0 : 1;
    this.inverse = 0 - this.newestSide;
    this.inverseSide = this.inverse;
    this.inverseTop = this.newestTop[slot];
    this.inverseBottom = this.newestBottom[slot];
  }
}
