import type { Bar } from '../../indicators/indicator.ts';
import type { PriceActionConcepts } from '../../indicators/price-action-concepts/price-action-concepts.ts';
import type {
  BlockList,
  VolumetricOrderBlocks,
} from '../../indicators/price-action-concepts/volumetric-order-blocks.ts';
import type { OrderBlocks } from '../../indicators/smart-money-concepts/order-blocks.ts';
import { SmartMoneyConcepts } from '../../indicators/smart-money-concepts/smart-money-concepts.ts';
import { TapBuffer, type TappedBlock } from './tap-buffer.ts';

export type ObSource = 'pac' | 'smc' | 'either';

/** Index from which Price Action shows its blocks; taps before it do not count. */
const BLOCKS_WARM = 300;

class SideTaps extends TapBuffer {
  declare hasRefined: boolean;

  constructor() {
    super();
    this.hasRefined = false;
  }
}

/**
 * Blocks of both sides that the last bar tapped and that qualify (decisions 8-11): the wick meets a
 * block created before this bar and not mitigated by it; strength and dominance at least as asked.
 * Blocks of Smart Money Concepts have neither and always qualify; their ids are -1 - id, so that the
 * two kinds never meet.
 */
export class BlockTaps {
  declare readonly demand: SideTaps;
  declare readonly supply: SideTaps;
  declare isKnown: boolean;
  declare private readonly source: ObSource;
  declare private readonly strengthMin: number;
  declare private readonly dominanceMin: number;
  declare private readonly smc: SmartMoneyConcepts | null;
  /** Bars of the pipeline before bar 0 of the module, which a long gap restarts. */
  declare private shift: number;

  constructor(options: {
    source: ObSource;
    strengthMin: number;
    dominanceMinPercent: number;
    maxAgeBars: number;
  }) {
    this.demand = new SideTaps();
    this.supply = new SideTaps();
    this.isKnown = false;
    this.shift = 0;
    this.source = options.source;
    this.strengthMin = options.strengthMin;
    this.dominanceMin = options.dominanceMinPercent;
    this.smc =
      options.source === 'pac'
        ? null
        : new SmartMoneyConcepts({
            swingBlocks: false,
            equalLevels: false,
            fairValueGaps: false,
            mitigation: 'close',
            obMaxAgeBars: options.maxAgeBars,
          });
  }

  /** After Price Action has seen the bar; `index` counts all bars of the pipeline. */
  update(priceAction: PriceActionConcepts, bar: Bar, index: number): void {
    const { demand, supply, smc } = this;
    demand.count = 0;
    supply.count = 0;
    demand.hasRefined = false;
    supply.hasRefined = false;
    const isWarm = priceAction.bars > BLOCKS_WARM;
    this.isKnown = isWarm || this.source !== 'pac';
    if (isWarm && this.source !== 'smc') {
      const blocks = priceAction.parts.blocks as VolumetricOrderBlocks;
      this.shift = index + 1 - priceAction.bars;
      if (blocks.demand.within === 1) this.read(priceAction, blocks.demand);
      if (blocks.supply.within === 1) this.read(priceAction, blocks.supply);
    }
    if (smc !== null) {
      smc.update(bar);
      this.readSmc(smc, bar, index);
    }
  }

  /** The live Price Action block of a side nearest to price; null when there is none. */
  nearestLive(priceAction: PriceActionConcepts, side: 1 | -1): TappedBlock | null {
    const blocks = priceAction.parts.blocks as VolumetricOrderBlocks;
    const list = side === 1 ? blocks.demand : blocks.supply;
    const at = list.count - 1;
    if (at < 0) return null;
    return {
      id: list.id[at],
      top: list.top(at),
      bottom: list.bottom(at),
      createdBar: list.createdBar[at] + this.shift,
      volume: list.volume[at],
      dominance: list.dominance[at],
      strength: blocks.strengthAt(list, at),
    };
  }

  /** Ids of the live blocks of a side, as taps carry them. */
  liveIds(priceAction: PriceActionConcepts, side: 1 | -1): Set<number> {
    const { demand, supply } = priceAction.parts.blocks as VolumetricOrderBlocks;
    const list = side === 1 ? demand : supply;
    const ids = new Set(list.id.subarray(0, list.count));
    const smc = this.smc?.internalBlocks;
    for (let at = 0; at < (smc?.count ?? 0); at++) ids.add(-1 - smc!.id[at]);
    return ids;
  }

  private read(priceAction: PriceActionConcepts, list: BlockList): void {
    const blocks = priceAction.parts.blocks as VolumetricOrderBlocks;
    const into = list.side === 1 ? this.demand : this.supply;
    const now = priceAction.bars - 1;
    for (let at = list.tappedFrom; at < list.count; at++) {
      if (!list.isTapped(at, now) || !(list.dominance[at] >= this.dominanceMin)) continue;
      const strength = blocks.tapStrengthAt(list, at);
      if (!(strength >= this.strengthMin)) continue;
      const place = into.add();
      into.id[place] = list.id[at];
      into.top[place] = list.top(at);
      into.bottom[place] = list.bottom(at);
      into.createdBar[place] = list.createdBar[at] + this.shift;
      into.volume[place] = list.volume[at];
      into.dominance[place] = list.dominance[at];
      into.strength[place] = strength;
      into.refined[place] = isRefined(priceAction, list.side, into, place) ? 1 : 0;
      if (into.refined[place] === 1) into.hasRefined = true;
    }
  }

  private readSmc(smc: SmartMoneyConcepts, bar: Bar, index: number): void {
    const blocks = smc.internalBlocks as OrderBlocks;
    for (let at = 0; at < blocks.count; at++) {
      if (bar.low > blocks.high[at] || bar.high < blocks.low[at]) continue;
      const createdBar = blocks.createdBar[at];
      if (createdBar === index) continue;
      const into = blocks.bias[at] === 1 ? this.demand : this.supply;
      const place = into.add();
      into.id[place] = -1 - blocks.id[at];
      into.top[place] = blocks.high[at];
      into.bottom[place] = blocks.low[at];
      into.createdBar[place] = createdBar;
      into.volume[place] = Number.NaN;
      into.dominance[place] = Number.NaN;
      into.strength[place] = Number.NaN;
      into.refined[place] = 0;
    }
  }
}

/** Decision 10: an open gap of its side overlaps the block, or an equal high or low lies inside. */
function isRefined(
  priceAction: PriceActionConcepts,
  side: number,
  taps: TapBuffer,
  place: number,
): boolean {
  const { imbalances, equalShort, equalMid, equalLong } = priceAction.parts;
  if (imbalances === null) return false;
  const bottom = taps.bottom[place];
  const top = taps.top[place];
  if (imbalances.overlaps(side, bottom, top)) return true;
  for (const levels of [equalShort, equalMid, equalLong]) {
    if (levels?.hasLevelIn(bottom, top)) return true;
  }
  return false;
}
