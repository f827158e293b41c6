import { SortedWindow } from '../basic/sorted-window.ts';
import type { Bar } from '../indicator.ts';
import type { BlockCandidate, BlockInterval } from './block-intervals.ts';
import { grown, type Mitigation, ZoneList } from './zone-list.ts';

/** What "strength" means, 0..100; see `BlockList`. */
export type StrengthRule = 'percentile' | 'shareSide' | 'shareBoth';

export interface BlockOptions {
  mitigation: Mitigation;
  interval: BlockInterval;
  strength: StrengthRule;
  /** Bars after its creation at which a block expires; 0 = never. */
  maxAgeBars: number;
  breakers: boolean;
  tickSize: number;
}

/** Earlier blocks of the side that a percentile looks at, and how many it needs. */
const POOL_BLOCKS = 50;
const POOL_BLOCKS_MIN = 10;
/** Blocks of a side that a chart shows, and that a share is taken of. */
export const SHOWN_BLOCKS = 5;
const SHARE_BLOCKS_MIN = 3;

/**
 * Active volumetric order blocks of one side (decisions 7-11): the full candle of the origin, made
 * by an internal break, ended by price beyond the far edge. Per block, in columns: base volume
 * over its interval, the part bought and sold, `dominance` = share of its own side in percent (buy
 * share of demand, sell share of supply; 50 without volume), `strength` in percent:
 * `percentile`: share of the up to 50 blocks of the side created before it whose volume is at most
 * its own, frozen at creation, NaN until 10 exist; `shareSide`: volume over the sum of the up to 5
 * newest active ones of the side at the previous close, NaN under 3; `shareBoth`: over those of
 * both sides. Shares change when any block appears or dies, so they are asked for, not stored.
 */
export class BlockList extends ZoneList {
  declare originBar: Float64Array;
  declare originTime: Float64Array;
  declare volume: Float64Array;
  declare bought: Float64Array;
  declare sold: Float64Array;
  declare dominance: Float64Array;
  /** The percentile; under the share rules use `strengthAt`. */
  declare percentile: Float64Array;
  /** 1 if the last bar created one. */
  declare created: number;
  /** 1 if the last bar touches a block; if it did not touch that block before. */
  declare within: number;
  declare entered: number;
  /** 1 if the last bar's wick went through a block and its close came back into it. */
  declare pierced: number;
  /** Sum of the newest active blocks' volumes, and how many there are, at the end of the bar. */
  declare shareSum: number;
  declare shareCount: number;
  /** Blocks that price broke; they end when price passes their other edge. */
  declare readonly breakers: BreakerList | null;
  /** The same at the close before, which is what a tap is judged by. */
  declare shareSumBefore: number;
  declare shareCountBefore: number;
  declare private readonly pool: SortedWindow;
  /** Of the bar before, times the side. */
  declare private previousLow: number;
  declare private previousHigh: number;

  constructor(side: 1 | -1, options: BlockOptions) {
    super({ side, mitigation: options.mitigation, maxAgeBars: options.maxAgeBars });
    const column = () => new Float64Array(this.near.length);
    this.originBar = column();
    this.originTime = column();
    this.volume = column();
    this.bought = column();
    this.sold = column();
    this.dominance = column();
    this.percentile = column();
    this.created = 0;
    this.within = 0;
    this.entered = 0;
    this.pierced = 0;
    this.shareSum = 0;
    this.shareCount = 0;
    this.shareSumBefore = 0;
    this.shareCountBefore = 0;
    this.previousLow = Number.NaN;
    this.previousHigh = Number.NaN;
    this.breakers = options.breakers ? new BreakerList(side, options.mitigation) : null;
    this.pool = new SortedWindow(POOL_BLOCKS);
  }

  /** Places `tappedFrom` to `count - 1` whose block is not of this bar were tapped by it. */
  isTapped(at: number, bar: number): boolean {
    return at >= this.tappedFrom && this.createdBar[at] < bar;
  }

  /** First on each bar: ends what it breaks, reads what it touches. */
  startBar(bar: Bar, index: number): void {
    const isDemand = this.side === 1;
    const low = isDemand ? bar.low : 0 - bar.high;
    const high = isDemand ? bar.high : 0 - bar.low;
    const close = isDemand ? bar.close : 0 - bar.close;
    this.sweep(low, close, index);
    this.created = 0;
    this.within = 0;
    this.entered = 0;
    this.pierced = 0;
    if (this.tappedFrom < this.count) this.readTouches(low, close, index);
    this.previousLow = low;
    this.previousHigh = high;
  }

  create(block: {
    candidate: BlockCandidate;
    volume: number;
    bought: number;
    bar: number;
    id: number;
    tickSize: number;
  }): void {
    const { candidate, volume, bought } = block;
    const sold = volume - bought;
    const { high, low } = candidate;
    const near = this.side === 1 ? high : 0 - low;
    // A zone needs a height: a flat origin gets one tick on the far side.
    const pad = high === low ? block.tickSize : 0;
    const far = (this.side === 1 ? low : 0 - high) - pad;
    const at = this.insert({ near, far, bar: block.bar, id: block.id });
    this.originBar[at] = candidate.originBar;
    this.originTime[at] = candidate.originTime;
    this.volume[at] = volume;
    this.bought[at] = bought;
    this.sold[at] = sold;
    const own = this.side === 1 ? bought : sold;
    this.dominance[at] = volume > 0 ? (100 * own) / volume : 50;
    this.percentile[at] = this.rank(volume);
    this.created = 1;
  }

  /** For the share rules, at the end of a bar. */
  measureShare(): void {
    this.shareSumBefore = this.shareSum;
    this.shareCountBefore = this.shareCount;
    if (this.created + this.mitigated + this.expired === 0) return;
    this.shareSum = 0;
    this.shareCount = Math.min(SHOWN_BLOCKS, this.count);
    let below = Number.POSITIVE_INFINITY;
    for (let n = 0; n < this.shareCount; n++) {
      const at = this.newestBelow(below);
      this.shareSum += this.volume[at];
      below = this.id[at];
    }
  }

  /** Place of the newest block with an id below `id`; -1 when there is none. */
  newestBelow(id: number): number {
    let best = -1;
    for (let at = 0; at < this.count; at++) {
      if (this.id[at] < id && (best < 0 || this.id[at] > this.id[best])) best = at;
    }
    return best;
  }

  protected override move(from: number, to: number): void {
    super.move(from, to);
    this.originBar[to] = this.originBar[from];
    this.originTime[to] = this.originTime[from];
    this.volume[to] = this.volume[from];
    this.bought[to] = this.bought[from];
    this.sold[to] = this.sold[from];
    this.dominance[to] = this.dominance[from];
    this.percentile[to] = this.percentile[from];
  }

  protected override grow(): void {
    super.grow();
    this.originBar = grown(this.originBar);
    this.originTime = grown(this.originTime);
    this.volume = grown(this.volume);
    this.bought = grown(this.bought);
    this.sold = grown(this.sold);
    this.dominance = grown(this.dominance);
    this.percentile = grown(this.percentile);
  }

  protected override onEnded(at: number): void {
    this.breakers?.add(this, at);
  }

  /** `low` and `close` are times the side, as the edges are. */
  private readTouches(low: number, close: number, index: number): void {
    const { previousLow, previousHigh } = this;
    this.within = 1;
    for (let at = this.tappedFrom; at < this.count; at++) {
      const near = this.near[at];
      const far = this.far[at];
      const isOld = this.createdBar[at] < index - 1;
      const wasWithin = isOld && previousLow <= near && previousHigh >= far;
      if (!wasWithin) this.entered = 1;
      if (low < far && close >= far && close <= near) this.pierced = 1;
    }
  }

  private rank(volume: number): number {
    const { pool } = this;
    const isKnown = pool.count >= POOL_BLOCKS_MIN;
    const rank = isKnown ? (100 * pool.countAtMost(volume)) / pool.count : Number.NaN;
    pool.update(volume);
    return rank;
  }
}

/**
 * Broken blocks of one side. Price lies beyond their far edge and ends them by passing the near one,
 * so seen from here they are zones of the other side.
 */
class BreakerList extends ZoneList {
  constructor(side: 1 | -1, mitigation: Mitigation) {
    super({
      side: side === 1 ? -1 : 1,
      mitigation: mitigation === 'average' ? 'wick' : mitigation,
      maxAgeBars: 0,
    });
  }

  add(block: ZoneList, at: number): void {
    const near = 0 - block.far[at];
    const far = 0 - block.near[at];
    this.insert({ near, far, bar: block.createdBar[at], id: block.id[at] });
  }
}

/** The blocks of both sides and how they come and go. */
export class VolumetricOrderBlocks {
  declare readonly demand: BlockList;
  declare readonly supply: BlockList;
  /** Blocks made so far; ids are numbers of this sequence over both sides. */
  declare made: number;
  declare private readonly interval: BlockInterval;
  declare private readonly strengthRule: StrengthRule;
  declare private readonly tickSize: number;

  constructor(options: BlockOptions) {
    this.demand = new BlockList(1, options);
    this.supply = new BlockList(-1, options);
    this.made = 0;
    this.interval = options.interval;
    this.strengthRule = options.strength;
    this.tickSize = options.tickSize;
  }

  /** First on each bar: breakers, mitigation, touches. */
  startBar(bar: Bar, index: number): void {
    const { demand, supply } = this;
    demand.breakers?.sweep(0 - bar.high, 0 - bar.close, index);
    supply.breakers?.sweep(bar.low, bar.close, index);
    demand.startBar(bar, index);
    supply.startBar(bar, index);
  }

  /** On a break of the candidate's side by the bar with these volumes. */
  create(candidate: BlockCandidate, breaking: { volume: number; bought: number; bar: number }) {
    const list = candidate.side === 1 ? this.demand : this.supply;
    let { volume, bought } = candidate;
    if (this.interval === 'originToBreak') {
      volume += breaking.volume;
      bought += breaking.bought;
    } else if (this.interval === 'origin') {
      volume = candidate.originVolume;
      bought = candidate.originBought;
    }
    const { tickSize } = this;
    list.create({ candidate, volume, bought, bar: breaking.bar, id: this.made++, tickSize });
  }

  /** Last on each bar. */
  endBar(): void {
    if (this.strengthRule === 'percentile') return;
    this.demand.measureShare();
    this.supply.measureShare();
  }

  /** Strength of an active block as the next bar's tap will see it; NaN when unknown. */
  strengthAt(list: BlockList, at: number): number {
    const { demand, supply } = this;
    return this.strength(list, at, {
      both: demand.shareSum + supply.shareSum,
      side: list.shareSum,
      count: list.shareCount,
    });
  }

  /** Strength of a block that the last bar tapped, by what was known at the close before it. */
  tapStrengthAt(list: BlockList, at: number): number {
    const { demand, supply } = this;
    return this.strength(list, at, {
      both: demand.shareSumBefore + supply.shareSumBefore,
      side: list.shareSumBefore,
      count: list.shareCountBefore,
    });
  }

  private strength(
    list: BlockList,
    at: number,
    share: { both: number; side: number; count: number },
  ): number {
    if (this.strengthRule === 'percentile') return list.percentile[at];
    const isBoth = this.strengthRule === 'shareBoth';
    if (!isBoth && share.count < SHARE_BLOCKS_MIN) return Number.NaN;
    const sum = isBoth ? share.both : share.side;
    return sum > 0 ? (100 * list.volume[at]) / sum : 0;
  }
}
