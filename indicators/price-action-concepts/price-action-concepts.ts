import { Atr } from '../basic/atr.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { BarGaps } from '../oscillator-matrix/bar-gaps.ts';
import { BarRing } from '../smart-money-concepts/bar-ring.ts';
import {
  BarFlows,
  type BlockInterval,
  BlockIntervals,
  boughtVolume,
  type VolumeSplit,
} from './block-intervals.ts';
import { EqualLevels } from './equal-levels.ts';
import { Imbalances } from './imbalances.ts';
import { LiquidityGrabs } from './liquidity-grabs.ts';
import { BREAK_NONE, Structure } from './structure.ts';
import {
  type BlockList,
  type StrengthRule,
  VolumetricOrderBlocks,
} from './volumetric-order-blocks.ts';
import type { Mitigation } from './zone-list.ts';
import { Zones } from './zones.ts';

/** What can be left out; internal structure is always there. `grabs` reads blocks where they are. */
export type PriceActionPart = 'swing' | 'blocks' | 'grabs' | 'equalLevels' | 'imbalances' | 'zones';

export const PRICE_ACTION_PARTS: readonly PriceActionPart[] = [
  'swing',
  'blocks',
  'grabs',
  'equalLevels',
  'imbalances',
  'zones',
];

export interface PriceActionOptions {
  /** Default all. */
  parts?: readonly PriceActionPart[];
  /** Bars after a pivot that confirm it. Defaults 5 and 50. */
  internalLength?: number;
  swingLength?: number;
  /** Default originToBreak. */
  obInterval?: BlockInterval;
  /** Default polarity. One run uses one split throughout. */
  obSplit?: VolumeSplit;
  /** Default percentile. */
  obStrength?: StrengthRule;
  /** Default close. */
  obMitigation?: Exclude<Mitigation, 'none'>;
  /** Bars after its creation at which a block or an imbalance expires; default 0 = never. */
  obMaxAgeBars?: number;
  /** Keeps broken blocks until price passes their other edge. Default false. */
  breakers?: boolean;
  /** Equal highs and lows differ by less than this share of ATR(200). Default 0.1. */
  equalThreshold?: number;
  /** Pivot lengths of short, mid and long term equal levels. Default 3, 5, 10. */
  equalLengths?: readonly [number, number, number];
  /** Least height of a fair value gap in ATR(200). Default 0. */
  fvgThreshold?: number;
  /** Default close. */
  fvgMitigation?: Mitigation;
  /** Smallest price step of the instrument. Default 0. */
  tickSize?: number;
  /** Length of a bar; without it the smallest distance of two bars seen so far. */
  barMs?: number;
  /** Mirrors every order of steps: for the mirror test. */
  lowFirst?: boolean;
}

const ATR_LENGTH = 200;
/** Index of the first bar whose outputs are shown; states run from the first bar on. */
const INTERNAL_WARM = 200;
const SWING_WARM = 1500;
const BLOCKS_WARM = 300;
const EQUAL_WARM = 199;
const GAPS_WARM = 2;

/**
 * Price Action Concepts (equivalent of the LuxAlgo toolkit of that name): internal and swing
 * structure with BOS, CHoCH and CHoCH+, volumetric order blocks with breakers, liquidity grabs,
 * equal highs and lows, imbalances, premium and discount. The rules are in the docstrings of the
 * parts, the evidence behind them in `docs/FIDELITY.md`. Trend-line breaks are not covered.
 *
 * Prices in quote currency, volumes in base asset. Blank (NaN) before bar index 200 for internal
 * structure, 1,500 swing, 300 blocks and grabs, 199 equal levels, 2 imbalances; states and blocks
 * exist from bar 0. Order of a bar: blocks are ended and touched, pivots, breaks, new blocks, the
 * rest. For 5 bars after a gap events are muted while states go on; after more than 200 missing bars
 * everything starts anew. O(1) amortised a bar; a bar that touches blocks looks at those it
 * touches, a share rule for strength at all blocks of a side when they change.
 */
export class PriceActionConcepts implements Indicator {
  declare readonly warmUpBars: number;
  declare parts: PriceActionParts;
  declare private readonly options: PriceActionOptions;
  declare private readonly gaps: BarGaps;
  declare private lastOpenTime: number;

  /** @throws RangeError for options outside their range */
  constructor(options: PriceActionOptions = {}) {
    this.parts = new PriceActionParts(options);
    this.warmUpBars = this.parts.imbalances === null ? INTERNAL_WARM + 1 : GAPS_WARM + 1;
    this.options = { ...options };
    this.gaps = new BarGaps(options.barMs);
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    this.gaps.update(bar);
    if (this.gaps.restart === 1) this.parts = new PriceActionParts(this.options);
    this.parts.update(bar);
  }

  /** For `obSplit: intrabar`: a finer bar inside the next one, before that comes. */
  addIntrabar(bar: Bar): void {
    this.parts.addIntrabar(bar);
  }

  /** Bars since the start or the last restart. */
  get bars(): number {
    return this.parts.bars;
  }
  /** 0 on a bar whose events are muted, else 1. */
  get shown(): number {
    return this.gaps.shown;
  }

  get internalTrend(): number {
    return this.parts.bars > INTERNAL_WARM ? this.parts.internal.trend : Number.NaN;
  }
  get swingTrend(): number {
    return this.isSwingWarm ? this.parts.swing!.trend : Number.NaN;
  }
  get iBos(): number {
    return this.internalBreak(1);
  }
  get iChoch(): number {
    return this.internalBreak(2);
  }
  get iChochPlus(): number {
    return this.internalBreak(3);
  }
  get sBos(): number {
    return this.swingBreak(1);
  }
  get sChoch(): number {
    return this.swingBreak(2);
  }
  get sChochPlus(): number {
    return this.swingBreak(3);
  }
  /** The swing extreme that held while the other broke. */
  get strongHigh(): number {
    return this.isSwingWarm ? Number(this.parts.swing!.trend === -1) : Number.NaN;
  }
  get strongLow(): number {
    return this.isSwingWarm ? Number(this.parts.swing!.trend === 1) : Number.NaN;
  }

  get bullObCount(): number {
    return this.demand?.count ?? Number.NaN;
  }
  get bearObCount(): number {
    return this.supply?.count ?? Number.NaN;
  }
  get bullObTop(): number {
    return nearest(this.demand)?.top(this.demand!.count - 1) ?? Number.NaN;
  }
  get bullObBottom(): number {
    return nearest(this.demand)?.bottom(this.demand!.count - 1) ?? Number.NaN;
  }
  get bullObVolume(): number {
    return nearest(this.demand)?.volume[this.demand!.count - 1] ?? Number.NaN;
  }
  get bullObDominance(): number {
    return nearest(this.demand)?.dominance[this.demand!.count - 1] ?? Number.NaN;
  }
  get bullObStrength(): number {
    return this.strengthOf(this.demand);
  }
  get bearObTop(): number {
    return nearest(this.supply)?.top(this.supply!.count - 1) ?? Number.NaN;
  }
  get bearObBottom(): number {
    return nearest(this.supply)?.bottom(this.supply!.count - 1) ?? Number.NaN;
  }
  get bearObVolume(): number {
    return nearest(this.supply)?.volume[this.supply!.count - 1] ?? Number.NaN;
  }
  get bearObDominance(): number {
    return nearest(this.supply)?.dominance[this.supply!.count - 1] ?? Number.NaN;
  }
  get bearObStrength(): number {
    return this.strengthOf(this.supply);
  }
  get bullObCreated(): number {
    return this.event(this.demand?.created);
  }
  get bearObCreated(): number {
    return this.event(this.supply?.created);
  }
  get bullObMitigated(): number {
    return this.event(this.demand?.mitigated);
  }
  get bearObMitigated(): number {
    return this.event(this.supply?.mitigated);
  }
  get withinBullOb(): number {
    return this.demand?.within ?? Number.NaN;
  }
  get withinBearOb(): number {
    return this.supply?.within ?? Number.NaN;
  }
  get enteredBullOb(): number {
    return this.event(this.demand?.entered);
  }
  get enteredBearOb(): number {
    return this.event(this.supply?.entered);
  }
  /** Broken blocks whose other edge price has not passed. */
  get bullBreakerCount(): number {
    return this.demand?.breakers?.count ?? Number.NaN;
  }
  get bearBreakerCount(): number {
    return this.supply?.breakers?.count ?? Number.NaN;
  }

  get bullGrab(): number {
    return this.parts.bars > BLOCKS_WARM ? this.event(this.parts.grabs?.bull) : Number.NaN;
  }
  get bearGrab(): number {
    return this.parts.bars > BLOCKS_WARM ? this.event(this.parts.grabs?.bear) : Number.NaN;
  }
  /** Equal highs and lows, short term. */
  get eqh(): number {
    return this.equalEvent(this.parts.equalShort?.highs);
  }
  get eql(): number {
    return this.equalEvent(this.parts.equalShort?.lows);
  }
  get eqhMid(): number {
    return this.equalEvent(this.parts.equalMid?.highs);
  }
  get eqlMid(): number {
    return this.equalEvent(this.parts.equalMid?.lows);
  }
  get eqhLong(): number {
    return this.equalEvent(this.parts.equalLong?.highs);
  }
  get eqlLong(): number {
    return this.equalEvent(this.parts.equalLong?.lows);
  }

  get bullFvg(): number {
    return this.gapEvent(this.parts.imbalances?.bull);
  }
  get bearFvg(): number {
    return this.gapEvent(this.parts.imbalances?.bear);
  }
  get bullFvgMitigated(): number {
    return this.gapEvent(this.parts.imbalances?.bulls.mitigated);
  }
  get bearFvgMitigated(): number {
    return this.gapEvent(this.parts.imbalances?.bears.mitigated);
  }
  get inverseFvg(): number {
    return this.gapEvent(this.parts.imbalances?.inverse);
  }
  get doubleFvg(): number {
    return this.gapEvent(this.parts.imbalances?.double);
  }

  get premiumBottom(): number {
    return this.parts.zones?.premiumBottom() ?? Number.NaN;
  }
  get equilibriumTop(): number {
    return this.parts.zones?.equilibriumTop() ?? Number.NaN;
  }
  get equilibriumBottom(): number {
    return this.parts.zones?.equilibriumBottom() ?? Number.NaN;
  }
  get discountTop(): number {
    return this.parts.zones?.discountTop() ?? Number.NaN;
  }

  /** Blocks by side once they are shown. */
  private get demand(): BlockList | undefined {
    return this.parts.bars > BLOCKS_WARM ? this.parts.blocks?.demand : undefined;
  }
  private get supply(): BlockList | undefined {
    return this.parts.bars > BLOCKS_WARM ? this.parts.blocks?.supply : undefined;
  }
  private get isSwingWarm(): boolean {
    return this.parts.swing !== null && this.parts.bars > SWING_WARM;
  }

  private internalBreak(kind: number): number {
    if (this.parts.bars <= INTERNAL_WARM) return Number.NaN;
    return this.gaps.shown === 1 ? breakOf(this.parts.internal, kind) : 0;
  }

  private swingBreak(kind: number): number {
    if (!this.isSwingWarm) return Number.NaN;
    return this.gaps.shown === 1 ? breakOf(this.parts.swing!, kind) : 0;
  }

  private strengthOf(list: BlockList | undefined): number {
    if (list === undefined || list.count === 0) return Number.NaN;
    return this.parts.blocks!.strengthAt(list, list.count - 1);
  }

  private event(value: number | undefined): number {
    if (value === undefined) return Number.NaN;
    return this.gaps.shown === 1 ? value : 0;
  }

  private equalEvent(value: number | undefined): number {
    return this.parts.bars > EQUAL_WARM ? this.event(value) : Number.NaN;
  }

  private gapEvent(value: number | undefined): number {
    return this.parts.bars > GAPS_WARM ? this.event(value) : Number.NaN;
  }
}

/** The direction in which the last bar made a break of this kind, 0 for none; the newer of two. */
function breakOf(structure: Structure, kind: number): number {
  if (structure.bear === kind) return -1;
  return structure.bull === kind ? 1 : 0;
}

function nearest(list: BlockList | undefined): BlockList | undefined {
  return list === undefined || list.count === 0 ? undefined : list;
}

/** Everything that a gap too long to bridge starts anew. */
class PriceActionParts {
  declare bars: number;
  declare readonly internal: Structure;
  declare readonly swing: Structure | null;
  declare readonly blocks: VolumetricOrderBlocks | null;
  declare readonly grabs: LiquidityGrabs | null;
  declare readonly equalShort: EqualLevels | null;
  declare readonly equalMid: EqualLevels | null;
  declare readonly equalLong: EqualLevels | null;
  declare readonly imbalances: Imbalances | null;
  declare readonly zones: Zones | null;
  declare private readonly split: VolumeSplit;
  declare private readonly ring: BarRing;
  declare private readonly flows: BarFlows;
  declare private readonly intervals: BlockIntervals;
  declare private readonly atr: Atr | null;
  declare private partsVolume: number;
  declare private partsBought: number;

  constructor(options: PriceActionOptions) {
    const { internalLength = 5, swingLength = 50, equalLengths = [3, 5, 10] } = options;
    const { fvgThreshold = 0, equalThreshold: threshold = 0.1, lowFirst = false } = options;
    const wanted = new Set(options.parts ?? PRICE_ACTION_PARTS);
    const has = (part: PriceActionPart) => wanted.has(part);
    const maxAgeBars = options.obMaxAgeBars ?? 0;
    if (!(maxAgeBars >= 0)) throw new RangeError(`obMaxAgeBars ${maxAgeBars}`);
    const hasSwing = has('swing') || has('zones');
    const equals = (length: number) =>
      has('equalLevels') ? new EqualLevels(length, { lowFirst, threshold }) : null;
    this.bars = 0;
    this.internal = new Structure(internalLength, { lowFirst });
    this.swing = hasSwing ? new Structure(swingLength, { lowFirst }) : null;
    this.blocks = has('blocks')
      ? new VolumetricOrderBlocks({
          mitigation: options.obMitigation ?? 'close',
          interval: options.obInterval ?? 'originToBreak',
          strength: options.obStrength ?? 'percentile',
          maxAgeBars,
          breakers: options.breakers ?? false,
          tickSize: options.tickSize ?? 0,
        })
      : null;
    this.grabs = has('grabs') ? new LiquidityGrabs() : null;
    this.equalShort = equals(equalLengths[0]);
    this.equalMid = equals(equalLengths[1]);
    this.equalLong = equals(equalLengths[2]);
    this.imbalances = has('imbalances')
      ? new Imbalances({
          mitigation: options.fvgMitigation ?? 'close',
          threshold: fvgThreshold,
          maxAgeBars,
        })
      : null;
    this.zones = has('zones') ? new Zones() : null;
    this.split = options.obSplit ?? 'polarity';
    const sizes = [internalLength, hasSwing ? swingLength : 0];
    this.ring = new BarRing(Math.max(...sizes, ...(has('equalLevels') ? equalLengths : [])));
    this.flows = new BarFlows(this.ring);
    this.intervals = new BlockIntervals();
    const needsAtr = has('equalLevels') || (has('imbalances') && fvgThreshold > 0);
    this.atr = needsAtr ? new Atr(ATR_LENGTH) : null;
    this.partsVolume = 0;
    this.partsBought = 0;
  }

  addIntrabar(bar: Bar): void {
    this.partsVolume += bar.volume;
    this.partsBought += boughtVolume(bar, 'polarity', { bought: 0, volume: 0 });
  }

  update(bar: Bar): void {
    const { ring, internal, blocks } = this;
    const index = this.bars++;
    ring.push(bar);
    if (blocks === null) {
      internal.updatePivots(ring);
      internal.updateBreaks(bar, index);
    } else this.updateBlocks(bar, index, blocks);
    if (this.swing !== null) this.updateSwing(bar, index, this.swing);
    if (this.grabs !== null) {
      const demand = blocks?.demand.pierced ?? 0;
      const supply = blocks?.supply.pierced ?? 0;
      this.grabs.update(bar, internal.pivots, { demand, supply });
    }
    if (this.atr !== null) this.atr.update(bar.high, bar.low, bar.close);
    const atr = this.atr === null ? Number.NaN : this.atr.value;
    if (this.equalShort !== null) {
      this.equalShort.update(ring, bar.close, atr);
      this.equalMid!.update(ring, bar.close, atr);
      this.equalLong!.update(ring, bar.close, atr);
    }
    if (this.imbalances !== null) this.imbalances.update(bar, index, atr);
  }

  private updateBlocks(bar: Bar, index: number, blocks: VolumetricOrderBlocks): void {
    const { ring, internal, flows, intervals } = this;
    const bought = this.split === 'polarity' ? polarity(bar) : this.splitVolume(bar);
    flows.push(ring, bar.volume, bought);
    blocks.startBar(bar, index);
    if (internal.updatePivots(ring) !== 0) intervals.restart(internal.pivots, ring, flows);
    if (internal.updateBreaks(bar, index)) {
      const breaking = { volume: bar.volume, bought, bar: index };
      if (internal.bull !== BREAK_NONE) blocks.create(intervals.demand, breaking);
      if (internal.bear !== BREAK_NONE) blocks.create(intervals.supply, breaking);
    }
    intervals.extend(ring, flows);
    blocks.endBar();
  }

  private splitVolume(bar: Bar): number {
    const parts = { bought: this.partsBought, volume: this.partsVolume };
    this.partsVolume = 0;
    this.partsBought = 0;
    return boughtVolume(bar, this.split, parts);
  }

  private updateSwing(bar: Bar, index: number, swing: Structure): void {
    const { zones, ring } = this;
    if (zones !== null) zones.startBar(bar);
    if (swing.updatePivots(ring) !== 0 && zones !== null) zones.updatePivot(swing.pivots);
    swing.updateBreaks(bar, index);
  }
}

/** The default split, without the detour. */
function polarity(bar: Bar): number {
  const { open, close, volume } = bar;
  return close > open ? volume : close < open ? 0 : volume / 2;
}
