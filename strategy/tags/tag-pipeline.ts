import type { Bar } from '../../indicators/indicator.ts';
import { TakerCvd } from '../../indicators/order-flow/taker-cvd.ts';
import { BarGaps } from '../../indicators/oscillator-matrix/bar-gaps.ts';
import {
  OscillatorMatrix,
  type OscillatorMatrixOptions,
} from '../../indicators/oscillator-matrix/oscillator-matrix.ts';
import {
  PriceActionConcepts,
  type PriceActionOptions,
} from '../../indicators/price-action-concepts/price-action-concepts.ts';
import type {
  BlockList,
  VolumetricOrderBlocks,
} from '../../indicators/price-action-concepts/volumetric-order-blocks.ts';
import {
  SignalsOverlays,
  type SignalsOverlaysOptions,
} from '../../indicators/signals-overlays/signals-overlays.ts';
import { SmartMoneyConcepts } from '../../indicators/smart-money-concepts/smart-money-concepts.ts';
import { loadState, type State, saveState } from '../../indicators/state.ts';
import { BarAggregator, type Bucket } from '../../src/engine/bar-aggregator.ts';
import type { Direction } from '../../src/engine/units.ts';
import { CONDITIONS } from './conditions.ts';
import type { TappedBlock } from './sequence.ts';

export interface TagPipelineOptions {
  signalTimeframeMs: number;
  biasTimeframeMs: number;
  tickSize: number;
  priceAction: PriceActionOptions;
  oscillatorMatrix: OscillatorMatrixOptions;
  signalsOverlays: SignalsOverlaysOptions;
  strengthMin: number;
  dominanceMinPercent: number;
  /** Whether an overflow of either side, or only of the trade's own, makes NO_OVERFLOW false. */
  overflowScope: 'any' | 'sameSide';
}

const OVERFLOW_MEMORY_BARS = 10;
const I = Object.fromEntries(CONDITIONS.map((name, i) => [name, i])) as Record<string, number>;

/**
 * Every condition of one symbol, bar by bar: the signal timeframe's modules, the bias timeframe's
 * structure and range built from the same bars. The bias bar that closes with a signal bar is
 * visible to it. `flags[i]` is 1 when condition i holds, `known[i]` is 0 while it is not warm.
 */
export class TagPipeline {
  readonly flags = new Uint8Array(CONDITIONS.length);
  readonly known = new Uint8Array(CONDITIONS.length);
  declare readonly priceAction: PriceActionConcepts;
  declare readonly oscillator: OscillatorMatrix;
  declare readonly overlays: SignalsOverlays;
  /** Bars of the signal timeframe seen. */
  bars = 0;
  /** Events are muted after a gap; an alert due then is deferred. */
  isMuted = false;
  /** -1, 0, +1 on this bar and the one before. */
  bias = 0;
  previousBias = 0;
  declare private readonly biasStructure: PriceActionConcepts;
  declare private readonly biasRange: SmartMoneyConcepts;
  declare private readonly cvd: TakerCvd;
  declare private readonly aggregator: BarAggregator;
  declare private readonly gaps: BarGaps;
  declare private readonly strengthMin: number;
  declare private readonly dominanceMin: number;
  declare private readonly overflowScope: 'any' | 'sameSide';
  private readonly tapped: TappedBlock[] = [];
  private bullOverflowBar = Number.NEGATIVE_INFINITY;
  private bearOverflowBar = Number.NEGATIVE_INFINITY;
  private fundingCost: number = Number.NaN;
  private fundingLimit: number = Number.POSITIVE_INFINITY;

  constructor(options: TagPipelineOptions) {
    const { signalTimeframeMs: fromMs, biasTimeframeMs: toMs, tickSize } = options;
    this.priceAction = new PriceActionConcepts({
      parts: ['blocks', 'grabs', 'equalLevels'],
      ...options.priceAction,
      tickSize,
      barMs: fromMs,
    });
    this.oscillator = new OscillatorMatrix({ ...options.oscillatorMatrix, barMs: fromMs });
    this.overlays = new SignalsOverlays({ ...options.signalsOverlays, tickSize, barMs: fromMs });
    this.biasStructure = new PriceActionConcepts({ parts: [], tickSize, barMs: toMs });
    this.biasRange = new SmartMoneyConcepts({
      internalBlocks: false,
      swingBlocks: false,
      equalLevels: false,
      fairValueGaps: false,
    });
    this.cvd = new TakerCvd();
    this.aggregator = new BarAggregator({ fromMs, toMs });
    this.gaps = new BarGaps(fromMs);
    this.strengthMin = options.strengthMin;
    this.dominanceMin = options.dominanceMinPercent;
    this.overflowScope = options.overflowScope;
  }

  update(bar: Bar): void {
    if (this.aggregator.add(bar, this.onBiasBar)) this.onBiasBar(this.aggregator.done);
    this.gaps.update(bar);
    this.isMuted = this.gaps.shown === 0;
    this.priceAction.update(bar);
    this.oscillator.update(bar);
    this.overlays.update(bar);
    this.cvd.update(bar);
    this.previousBias = this.bias;
    this.bias = Number.isNaN(this.biasStructure.internalTrend)
      ? 0
      : this.biasStructure.internalTrend;
    this.readBias(bar);
    this.readBlocks();
    this.readOscillator();
    this.readOverlays();
    this.bars++;
  }

  /** Rate normalised to 8 h in percent, positive: longs pay; NaN when unknown. */
  setFunding(percent8h: number, limitPercent8h: number): void {
    this.fundingCost = percent8h;
    this.fundingLimit = limitPercent8h;
  }

  /** FUNDING_OK of one side. */
  isFundingOk(direction: Direction): boolean {
    return !(this.fundingCost * direction > this.fundingLimit);
  }

  /** NO_OVERFLOW of one side; the flag itself is that of scope `any`. */
  isOverflowClear(direction: Direction): boolean {
    if (this.overflowScope === 'any') return this.flags[I.NO_OVERFLOW] === 1;
    const { bullOverflow, bearOverflow } = this.oscillator;
    return (direction === 1 ? bullOverflow : bearOverflow) === 0;
  }

  /** NaN while not warm, else 0 or 1. */
  value(index: number): number {
    return this.known[index] === 0 ? Number.NaN : this.flags[index];
  }

  /** Blocks of a side that the last bar tapped and that are strong enough, into `tapped`. */
  readTaps(direction: Direction): readonly TappedBlock[] {
    this.tapped.length = 0;
    const list = this.blocks(direction);
    for (let at = list.tappedFrom; at < list.count; at++) {
      if (!this.isQualified(list, at)) continue;
      this.tapped.push(blockAt(list, at, direction));
    }
    return this.tapped;
  }

  /** The live block of a side nearest to price; undefined when there is none. */
  nearestBlock(direction: Direction): TappedBlock | undefined {
    const list = this.blocks(direction);
    // Sorted by nearness: the last place is the nearest, of equal ones the newest.
    return list.count === 0 ? undefined : blockAt(list, list.count - 1, direction);
  }

  blocks(direction: Direction): BlockList {
    const { demand, supply } = this.priceAction.parts.blocks as VolumetricOrderBlocks;
    return direction === 1 ? demand : supply;
  }

  save(): State {
    return saveState(this);
  }

  load(state: State): void {
    loadState(this, state);
  }

  private readonly onBiasBar = (bucket: Bucket): void => {
    this.biasStructure.update(bucket);
    this.biasRange.update(bucket);
  };

  private readBias(bar: Bar): void {
    const { biasStructure, biasRange } = this;
    const isKnown = !Number.isNaN(biasStructure.internalTrend);
    this.set(I.HTF_BULL, isKnown, biasStructure.internalTrend === 1);
    this.set(I.HTF_BEAR, isKnown, biasStructure.internalTrend === -1);
    const { top, bottom } = biasRange.trailing;
    const middle = (top + bottom) / 2;
    const hasRange = !Number.isNaN(middle);
    this.set(I.DISCOUNT, hasRange, bar.low < middle);
    this.set(I.PREMIUM, hasRange, bar.high > middle);
  }

  private readBlocks(): void {
    const { priceAction } = this;
    const isKnown = !Number.isNaN(priceAction.bullObCount);
    this.set(I.OB_DEMAND_HIT, isKnown, !this.isMuted && this.hasQualifiedTap(1));
    this.set(I.OB_SUPPLY_HIT, isKnown, !this.isMuted && this.hasQualifiedTap(-1));
    this.setEvent(I.LIQUIDITY_GRAB_BULL, priceAction.bullGrab);
    this.setEvent(I.LIQUIDITY_GRAB_BEAR, priceAction.bearGrab);
    this.setEvent(I.EQ_LOWS, priceAction.eql);
    this.setEvent(I.EQ_HIGHS, priceAction.eqh);
  }

  private hasQualifiedTap(direction: Direction): boolean {
    const list = this.blocks(direction);
    for (let at = list.tappedFrom; at < list.count; at++) {
      if (this.isQualified(list, at)) return true;
    }
    return false;
  }

  private isQualified(list: BlockList, at: number): boolean {
    if (!list.isTapped(at, this.priceAction.bars - 1) || !(list.dominance[at] >= this.dominanceMin))
      return false;
    const blocks = this.priceAction.parts.blocks as VolumetricOrderBlocks;
    return blocks.tapStrengthAt(list, at) >= this.strengthMin;
  }

  private readOscillator(): void {
    const { oscillator, bars } = this;
    const up = oscillator.hwUp + oscillator.hwOversoldUp;
    const down = oscillator.hwDown + oscillator.hwOverboughtDown;
    this.set(I.HW_CROSS_UP, !Number.isNaN(up), up > 0 && oscillator.hw < 50);
    this.set(I.HW_CROSS_DOWN, !Number.isNaN(down), down > 0 && oscillator.hw > 50);
    const overflow = oscillator.bullOverflow + oscillator.bearOverflow;
    this.set(I.NO_OVERFLOW, !Number.isNaN(overflow), overflow === 0);
    if (oscillator.bullOverflow === 1) this.bullOverflowBar = bars;
    if (oscillator.bearOverflow === 1) this.bearOverflowBar = bars;
    const hasEnded =
      endedLately(this.bullOverflowBar, bars) || endedLately(this.bearOverflowBar, bars);
    const { mf, mfUpper, mfLower } = oscillator;
    const isKnown = !Number.isNaN(mf) && !Number.isNaN(mfUpper);
    this.set(I.MF_OK_LONG, isKnown, mf > mfUpper || hasEnded);
    this.set(I.MF_OK_SHORT, isKnown, mf < mfLower || hasEnded);
  }

  private readOverlays(): void {
    const { overlays, cvd } = this;
    this.setEvent(I.BUY_CONF, overlays.buyConf);
    this.setEvent(I.SELL_CONF, overlays.sellConf);
    this.set(I.TRAIL_BULL, true, overlays.smartTrailDir === 1);
    this.set(I.TRAIL_BEAR, true, overlays.smartTrailDir === -1);
    this.set(I.FUNDING_OK, true, this.isFundingOk(1));
    this.set(I.CVD_UP, !Number.isNaN(cvd.change), cvd.change > 0);
    this.set(I.CVD_DOWN, !Number.isNaN(cvd.change), cvd.change < 0);
  }

  private set(index: number, isKnown: boolean, holds: boolean): void {
    this.known[index] = isKnown ? 1 : 0;
    this.flags[index] = isKnown && holds ? 1 : 0;
  }

  private setEvent(index: number, value: number): void {
    this.known[index] = Number.isNaN(value) ? 0 : 1;
    this.flags[index] = value === 1 ? 1 : 0;
  }
}

/** Its last active bar lies 1 to 10 bars back. */
function endedLately(lastActiveBar: number, bar: number): boolean {
  const ago = bar - lastActiveBar;
  return ago >= 1 && ago <= OVERFLOW_MEMORY_BARS;
}

/** Edges of a list are kept times the side, nearest to price first: near is the top of demand. */
function blockAt(list: BlockList, at: number, direction: Direction): TappedBlock {
  const near = list.near[at] * direction;
  const far = list.far[at] * direction;
  return { id: list.id[at], top: Math.max(near, far), bottom: Math.min(near, far) };
}
