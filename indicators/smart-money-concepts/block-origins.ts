import type { BarRing } from './bar-ring.ts';
import type { LegPivots } from './leg-pivots.ts';
import type { ParsedBars } from './parsed-bars.ts';

/**
 * Where the order block of the next break would start: for a break of the pivot high the first bar
 * with the lowest parsed low since that pivot, for a break of the pivot low the first with the
 * highest parsed high. Kept bar by bar, so a break costs nothing however old its pivot is.
 */
export class BlockOrigins {
  declare demandHigh: number;
  declare demandLow: number;
  declare demandBar: number;
  declare demandTime: number;
  declare supplyHigh: number;
  declare supplyLow: number;
  declare supplyBar: number;
  declare supplyTime: number;

  constructor() {
    this.demandHigh = Number.NaN;
    this.demandLow = Number.POSITIVE_INFINITY;
    this.demandBar = 0;
    this.demandTime = Number.NaN;
    this.supplyHigh = Number.NEGATIVE_INFINITY;
    this.supplyLow = Number.NaN;
    this.supplyBar = 0;
    this.supplyTime = Number.NaN;
  }

  /** After a pivot was confirmed on this bar: looks at its bar and all up to the previous one. */
  restart(pivots: LegPivots, ring: BarRing, parsed: ParsedBars): void {
    if (pivots.confirmed === 1) this.demandLow = Number.POSITIVE_INFINITY;
    else this.supplyHigh = Number.NEGATIVE_INFINITY;
    const last = ring.count - 2;
    for (let bar = last + 1 - pivots.size; bar <= last; bar++) {
      const slot = bar & parsed.mask;
      if (pivots.confirmed === 1) this.offerDemand(parsed, slot, bar, ring);
      else this.offerSupply(parsed, slot, bar, ring);
    }
  }

  /** At the end of a bar, so that a breaking bar is never the origin of its own block. */
  extend(parsed: ParsedBars, ring: BarRing): void {
    const bar = parsed.count - 1;
    const slot = bar & parsed.mask;
    if (parsed.lows[slot] < this.demandLow) this.offerDemand(parsed, slot, bar, ring);
    if (parsed.highs[slot] > this.supplyHigh) this.offerSupply(parsed, slot, bar, ring);
  }

  private offerDemand(parsed: ParsedBars, slot: number, bar: number, ring: BarRing): void {
    if (!(parsed.lows[slot] < this.demandLow)) return;
    this.demandHigh = parsed.highs[slot];
    this.demandLow = parsed.lows[slot];
    this.demandBar = bar;
    this.demandTime = ring.times[slot];
  }

  private offerSupply(parsed: ParsedBars, slot: number, bar: number, ring: BarRing): void {
    if (!(parsed.highs[slot] > this.supplyHigh)) return;
    this.supplyHigh = parsed.highs[slot];
    this.supplyLow = parsed.lows[slot];
    this.supplyBar = bar;
    this.supplyTime = ring.times[slot];
  }
}
