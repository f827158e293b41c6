import type { Bar } from '../indicator.ts';
import type { BarRing } from '../smart-money-concepts/bar-ring.ts';
import type { LegPivots } from '../smart-money-concepts/leg-pivots.ts';

/** Which bars' volume a block owns: origin to break, the same without the breaking bar, origin only. */
export type BlockInterval = 'originToBreak' | 'originToPreBreak' | 'origin';

/** How a bar's volume is divided into bought and sold, see `boughtVolume`. */
export type VolumeSplit = 'polarity' | 'clv' | 'intrabar' | 'taker';

/** Origin and volumes of the block that the next break of one side would make. */
export class BlockCandidate {
  declare readonly side: 1 | -1;
  declare high: number;
  declare low: number;
  declare originBar: number;
  declare originTime: number;
  /** Base volume from the origin to the newest bar seen by `extend`. */
  declare volume: number;
  declare bought: number;
  /** The same of the origin alone. */
  declare originVolume: number;
  declare originBought: number;
  /** Extreme of the origin times the side: the lowest low, or the highest high negated. */
  declare private extreme: number;

  constructor(side: 1 | -1) {
    this.side = side;
    this.high = Number.NaN;
    this.low = Number.NaN;
    this.originBar = -1;
    this.originTime = Number.NaN;
    this.volume = 0;
    this.bought = 0;
    this.originVolume = 0;
    this.originBought = 0;
    this.extreme = Number.POSITIVE_INFINITY;
  }

  restart(): void {
    this.extreme = Number.POSITIVE_INFINITY;
  }

  /** One bar after the pivot: a strictly lower low (higher high) is the new origin. */
  offer(flows: BarFlows, ring: BarRing, bar: number): void {
    const slot = bar & ring.mask;
    const volume = flows.volumes[slot];
    const bought = flows.bought[slot];
    const extreme = this.side === 1 ? ring.lows[slot] : 0 - ring.highs[slot];
    if (!(extreme < this.extreme)) {
      this.volume += volume;
      this.bought += bought;
      return;
    }
    this.extreme = extreme;
    this.high = ring.highs[slot];
    this.low = ring.lows[slot];
    this.originBar = bar;
    this.originTime = ring.times[slot];
    this.volume = volume;
    this.bought = bought;
    this.originVolume = this.volume;
    this.originBought = this.bought;
  }
}

/** Volumes of the newest bars, in the slots of a `BarRing` of the same capacity. */
export class BarFlows {
  declare readonly volumes: Float64Array;
  declare readonly bought: Float64Array;

  constructor(ring: BarRing) {
    this.volumes = new Float64Array(ring.mask + 1);
    this.bought = new Float64Array(ring.mask + 1);
  }

  /** After the bar was pushed to the ring. */
  push(ring: BarRing, volume: number, bought: number): void {
    const slot = (ring.count - 1) & ring.mask;
    this.volumes[slot] = volume;
    this.bought[slot] = bought;
  }
}

/**
 * The interval of the block of the next break, kept bar by bar: the origin is the first bar with
 * the lowest low (bearish: highest high) from the pivot to the bar before the break, its volumes
 * are summed from there on. A break costs nothing however old its pivot is, and the sums are plain
 * ones over the interval: no difference of two long sums, so a late start gives the same digits.
 */
export class BlockIntervals {
  declare readonly demand: BlockCandidate;
  declare readonly supply: BlockCandidate;

  constructor() {
    this.demand = new BlockCandidate(1);
    this.supply = new BlockCandidate(-1);
  }

  /** After a pivot was confirmed on this bar: looks at its bar and all up to the previous one. */
  restart(pivots: LegPivots, ring: BarRing, flows: BarFlows): void {
    const candidate = pivots.confirmed === 1 ? this.demand : this.supply;
    candidate.restart();
    const last = ring.count - 2;
    for (let bar = last + 1 - pivots.size; bar <= last; bar++) candidate.offer(flows, ring, bar);
  }

  /** At the end of a bar, so that a breaking bar is never the origin of its own block. */
  extend(ring: BarRing, flows: BarFlows): void {
    const bar = ring.count - 1;
    this.demand.offer(flows, ring, bar);
    this.supply.offer(flows, ring, bar);
  }
}

/**
 * Base volume of a bar that counts as bought:
 * `polarity`: all of it when close > open, none when close < open, half when equal;
 * `clv`: volume x (close - low) / (high - low), half on a bar without range;
 * `taker`: what takers bought, half where that is unknown;
 * `intrabar`: polarity of the bars inside (`partsBought` of `partsVolume`), half where there are none.
 */
export function boughtVolume(
  bar: Bar,
  split: VolumeSplit,
  parts: { bought: number; volume: number },
): number {
  const { open, high, low, close, volume } = bar;
  switch (split) {
    case 'polarity':
      return close > open ? volume : close < open ? 0 : volume / 2;
    case 'clv':
      return high > low ? (volume * (close - low)) / (high - low) : volume / 2;
    case 'taker':
      return Number.isNaN(bar.takerBuyVolume) ? volume / 2 : bar.takerBuyVolume;
    case 'intrabar':
      return parts.volume > 0 ? (volume * parts.bought) / parts.volume : volume / 2;
    default:
      throw new RangeError(`unknown volume split "${split}"`);
  }
}
