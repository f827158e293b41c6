import type { Bar } from '../../indicators/indicator.ts';
import { TakerCvd } from '../../indicators/order-flow/taker-cvd.ts';
import {
  OscillatorMatrix,
  type OscillatorMatrixOptions,
} from '../../indicators/oscillator-matrix/oscillator-matrix.ts';
import {
  PriceActionConcepts,
  type PriceActionOptions,
  type PriceActionPart,
} from '../../indicators/price-action-concepts/price-action-concepts.ts';
import {
  SignalsOverlays,
  type SignalsOverlaysOptions,
} from '../../indicators/signals-overlays/signals-overlays.ts';
import { loadState, type State, saveState } from '../../indicators/state.ts';
import type { Direction } from '../../src/engine/units.ts';
import { BiasChart } from './bias-chart.ts';
import { BlockTaps, type ObSource } from './block-taps.ts';
import { CONDITIONS, conditionBit } from './conditions.ts';
import type { TapBuffer, TappedBlock } from './tap-buffer.ts';

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
  /**
   * Blocks that are tapped: Price Action's (default), Smart Money Concepts' internal ones (which
   * have no strength or dominance), or both. With `smc` HTF_* is the SMC internal trend as well.
   */
  obSource?: ObSource;
  /** Names that somebody reads; what only others need is not computed. Default all. */
  conditions?: readonly string[];
  /** Mirrors every order of steps: for the mirror test. */
  lowFirst?: boolean;
}

const OVERFLOW_MEMORY_BARS = 10;

const HTF_BULL = conditionBit('HTF_BULL');
const HTF_BEAR = conditionBit('HTF_BEAR');
const OB_DEMAND_HIT = conditionBit('OB_DEMAND_HIT');
const OB_SUPPLY_HIT = conditionBit('OB_SUPPLY_HIT');
const HW_CROSS_UP = conditionBit('HW_CROSS_UP');
const HW_CROSS_DOWN = conditionBit('HW_CROSS_DOWN');
const NO_OVERFLOW = conditionBit('NO_OVERFLOW');
const BUY_CONF = conditionBit('BUY_CONF');
const SELL_CONF = conditionBit('SELL_CONF');
const TRAIL_BULL = conditionBit('TRAIL_BULL');
const TRAIL_BEAR = conditionBit('TRAIL_BEAR');
const DISCOUNT = conditionBit('DISCOUNT');
const PREMIUM = conditionBit('PREMIUM');
const MF_OK_LONG = conditionBit('MF_OK_LONG');
const MF_OK_SHORT = conditionBit('MF_OK_SHORT');
const FUNDING_OK = conditionBit('FUNDING_OK');
const CVD_UP = conditionBit('CVD_UP');
const CVD_DOWN = conditionBit('CVD_DOWN');
const GRAB_BULL = conditionBit('LIQUIDITY_GRAB_BULL');
const GRAB_BEAR = conditionBit('LIQUIDITY_GRAB_BEAR');
const EQ_LOWS = conditionBit('EQ_LOWS');
const EQ_HIGHS = conditionBit('EQ_HIGHS');
const OB_EDGE_REFINED = conditionBit('OB_EDGE_REFINED');
/** What a gap mutes where it is printed: conditions made of events. A tap is a matter of prices. */
const EVENT_BITS = HW_CROSS_UP | HW_CROSS_DOWN | GRAB_BULL | GRAB_BEAR | EQ_LOWS | EQ_HIGHS;

/**
 * Every condition of one symbol, bar by bar: the signal timeframe's modules, the bias timeframe's
 * structure and range built from the same bars. The bias bar that closes with a signal bar is
 * visible to it: both are closed. Conditions are bits of one number (`conditionBit`), as they are on
 * the bar itself, without memory; triggers add memory. One bar costs its modules and some twenty
 * comparisons, and allocates nothing.
 */
export class TagPipeline {
  /** Bit i is 1 while condition i holds. After a gap events still count here; see `value`. */
  declare bits: number;
  /** Bit i is 1 once condition i is warm. */
  declare known: number;
  declare readonly priceAction: PriceActionConcepts;
  declare readonly oscillator: OscillatorMatrix;
  declare readonly overlays: SignalsOverlays;
  /** Bars of the signal timeframe seen; a restart after a long gap does not set it back. */
  declare bars: number;
  /** How often a long gap made everything start anew. */
  declare restarts: number;
  /** Printed events are muted after a gap; an alert due then is deferred. */
  declare isMuted: boolean;
  declare readonly bias: BiasChart;
  declare readonly taps: BlockTaps;
  declare private readonly cvd: TakerCvd | null;
  declare private readonly overflowScope: 'any' | 'sameSide';
  declare private readonly readsLiquidity: boolean;
  declare private bullOverflowBar: number;
  declare private bearOverflowBar: number;
  declare private fundingPercent: number;
  declare private fundingLimit: number;
  declare private isFundingSigned: boolean;

  constructor(options: TagPipelineOptions) {
    const { signalTimeframeMs: barMs, tickSize } = options;
    const wanted = new Set(options.conditions ?? CONDITIONS);
    const parts = partsFor(wanted);
    this.bits = 0;
    this.known = 0;
    const { lowFirst } = options;
    this.priceAction = new PriceActionConcepts({
      ...options.priceAction,
      parts,
      tickSize,
      barMs,
      lowFirst,
    });
    // No condition is made of what the tags do not read.
    const reads = 'signals';
    this.oscillator = new OscillatorMatrix({ ...options.oscillatorMatrix, reads, barMs });
    this.overlays = new SignalsOverlays({ ...options.signalsOverlays, reads, tickSize, barMs });
    this.bars = 0;
    this.restarts = 0;
    this.isMuted = false;
    this.bias = new BiasChart({ ...options, source: options.obSource ?? 'pac' });
    this.taps = new BlockTaps({
      ...options,
      source: options.obSource ?? 'pac',
      maxAgeBars: options.priceAction.obMaxAgeBars ?? 0,
    });
    this.cvd = wanted.has('CVD_UP') || wanted.has('CVD_DOWN') ? new TakerCvd() : null;
    this.overflowScope = options.overflowScope;
    this.readsLiquidity = parts.length > 1;
    this.bullOverflowBar = Number.NEGATIVE_INFINITY;
    this.bearOverflowBar = Number.NEGATIVE_INFINITY;
    this.fundingPercent = Number.NaN;
    this.fundingLimit = Number.POSITIVE_INFINITY;
    this.isFundingSigned = true;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    const { priceAction, oscillator, overlays, bias, taps } = this;
    priceAction.update(bar);
    oscillator.update(bar);
    overlays.update(bar);
    bias.update(bar);
    if (priceAction.bars === 1 && this.bars > 0) this.restart();
    taps.update(priceAction, bar, this.bars);
    this.isMuted = priceAction.shown === 0;
    this.bits = this.isFundingOk(1) ? FUNDING_OK : 0;
    this.known = TRAIL_BULL | TRAIL_BEAR | FUNDING_OK;
    this.readBias(bar);
    if (taps.isKnown) this.readTaps();
    this.readOscillator();
    this.readOverlays();
    if (this.readsLiquidity) this.readLiquidity();
    if (this.cvd !== null) this.readCvd(bar, this.cvd);
    this.bars++;
  }

  /**
   * Rate normalised to 8 h in percent, positive: longs pay; NaN when unknown. `unsigned` is the
   * documents' literal rule: a high rate stops both sides.
   */
  setFunding(
    percent8h: number,
    limitPercent8h: number,
    mode: 'signed' | 'unsigned' = 'signed',
  ): void {
    this.fundingPercent = percent8h;
    this.fundingLimit = limitPercent8h;
    this.isFundingSigned = mode === 'signed';
  }

  /** FUNDING_OK of one side; the bit itself is that of longs. */
  isFundingOk(direction: Direction): boolean {
    const paid = this.isFundingSigned ? this.fundingPercent * direction : this.fundingPercent;
    return !(paid > this.fundingLimit);
  }

  /** The conditions as one side sees them: funding, the overflow it minds, its own tapped blocks. */
  bitsFor(direction: Direction): number {
    let bits = this.bits & ~(FUNDING_OK | OB_EDGE_REFINED);
    if (this.isFundingOk(direction)) bits |= FUNDING_OK;
    if (this.tapsOf(direction).hasRefined) bits |= OB_EDGE_REFINED;
    if (this.overflowScope === 'any') return bits;
    const { bullOverflow, bearOverflow } = this.oscillator;
    const isClear = (direction === 1 ? bullOverflow : bearOverflow) === 0;
    return isClear ? bits | NO_OVERFLOW : bits & ~NO_OVERFLOW;
  }

  /** Qualified blocks of a side that the last bar tapped. */
  tapsOf(direction: Direction): TapBuffer & { hasRefined: boolean } {
    return direction === 1 ? this.taps.demand : this.taps.supply;
  }

  /** The live Price Action block of a side nearest to price; null when there is none. */
  nearestBlock(direction: Direction): TappedBlock | null {
    return this.taps.nearestLive(this.priceAction, direction);
  }

  /** As it is printed: NaN while not warm, else 0 or 1, events muted after a gap. */
  value(index: number): number {
    const bit = 1 << index;
    if ((this.known & bit) === 0) return Number.NaN;
    const bits = this.isMuted ? this.bits & ~EVENT_BITS : this.bits;
    return (bits & bit) === 0 ? 0 : 1;
  }

  save(): State {
    return saveState(this);
  }

  load(state: State): void {
    loadState(this, state);
  }

  private restart(): void {
    this.restarts++;
    this.bullOverflowBar = Number.NEGATIVE_INFINITY;
    this.bearOverflowBar = Number.NEGATIVE_INFINITY;
  }

  // Each step collects in a local number and stores once.

  private readBias(bar: Bar): void {
    const { trend, middle, isTrendKnown } = this.bias;
    let bits = 0;
    let known = 0;
    if (isTrendKnown) {
      known = HTF_BULL | HTF_BEAR;
      if (trend === 1) bits = HTF_BULL;
      else if (trend === -1) bits = HTF_BEAR;
    }
    if (!Number.isNaN(middle)) {
      known |= DISCOUNT | PREMIUM;
      if (bar.low < middle) bits |= DISCOUNT;
      if (bar.high > middle) bits |= PREMIUM;
    }
    this.bits |= bits;
    this.known |= known;
  }

  private readTaps(): void {
    const { demand, supply } = this.taps;
    this.known |= OB_DEMAND_HIT | OB_SUPPLY_HIT | OB_EDGE_REFINED;
    if (demand.count + supply.count === 0) return;
    if (demand.count > 0) this.bits |= OB_DEMAND_HIT;
    if (supply.count > 0) this.bits |= OB_SUPPLY_HIT;
    if (demand.hasRefined || supply.hasRefined) this.bits |= OB_EDGE_REFINED;
  }

  private readOscillator(): void {
    const { wave, flow } = this.oscillator.parts;
    let bits = 0;
    let known = 0;
    if (!Number.isNaN(wave.hwUp)) {
      known = HW_CROSS_UP | HW_CROSS_DOWN;
      if (wave.hwUp + wave.hwOversoldUp > 0 && wave.hw < 50) bits = HW_CROSS_UP;
      if (wave.hwDown + wave.hwOverboughtDown > 0 && wave.hw > 50) bits |= HW_CROSS_DOWN;
    }
    const { mf, mfUpper, mfLower, bullOverflow, bearOverflow } = flow;
    const { bars } = this;
    if (!Number.isNaN(bullOverflow)) {
      known |= NO_OVERFLOW;
      if (bullOverflow === 1) this.bullOverflowBar = bars;
      if (bearOverflow === 1) this.bearOverflowBar = bars;
      if (bullOverflow + bearOverflow === 0) bits |= NO_OVERFLOW;
    }
    if (!Number.isNaN(mf) && !Number.isNaN(mfUpper)) {
      known |= MF_OK_LONG | MF_OK_SHORT;
      const hasEnded =
        endedLately(this.bullOverflowBar, bars) || endedLately(this.bearOverflowBar, bars);
      if (mf > mfUpper || hasEnded) bits |= MF_OK_LONG;
      if (mf < mfLower || hasEnded) bits |= MF_OK_SHORT;
    }
    this.bits |= bits;
    this.known |= known;
  }

  private readOverlays(): void {
    const { buyConf, smartTrailDir } = this.overlays;
    let { bits } = this;
    if (!Number.isNaN(buyConf)) {
      this.known |= BUY_CONF | SELL_CONF;
      if (buyConf === 1) bits |= BUY_CONF;
      else if (this.overlays.sellConf === 1) bits |= SELL_CONF;
    }
    if (smartTrailDir === 1) bits |= TRAIL_BULL;
    else if (smartTrailDir === -1) bits |= TRAIL_BEAR;
    this.bits = bits;
  }

  private readLiquidity(): void {
    const { grabs, equalShort } = this.priceAction.parts;
    const { priceAction } = this;
    if (grabs !== null && !Number.isNaN(priceAction.bullGrab)) {
      this.known |= GRAB_BULL | GRAB_BEAR;
      if (grabs.bull === 1) this.bits |= GRAB_BULL;
      if (grabs.bear === 1) this.bits |= GRAB_BEAR;
    }
    if (equalShort !== null && !Number.isNaN(priceAction.eqh)) {
      this.known |= EQ_LOWS | EQ_HIGHS;
      if (equalShort.lows === 1) this.bits |= EQ_LOWS;
      if (equalShort.highs === 1) this.bits |= EQ_HIGHS;
    }
  }

  private readCvd(bar: Bar, cvd: TakerCvd): void {
    cvd.update(bar);
    if (Number.isNaN(cvd.change)) return;
    this.known |= CVD_UP | CVD_DOWN;
    if (cvd.change > 0) this.bits |= CVD_UP;
    else if (cvd.change < 0) this.bits |= CVD_DOWN;
  }
}

/** Parts of Price Action that these conditions are made of. */
function partsFor(wanted: ReadonlySet<string>): PriceActionPart[] {
  const parts: PriceActionPart[] = ['blocks'];
  if (wanted.has('LIQUIDITY_GRAB_BULL') || wanted.has('LIQUIDITY_GRAB_BEAR')) parts.push('grabs');
  const isRefined = wanted.has('OB_EDGE_REFINED');
  if (isRefined || wanted.has('EQ_LOWS') || wanted.has('EQ_HIGHS')) parts.push('equalLevels');
  if (isRefined) parts.push('imbalances');
  return parts;
}

/** Its last active bar lies 1 to 10 bars back. */
function endedLately(lastActiveBar: number, bar: number): boolean {
  const ago = bar - lastActiveBar;
  return ago >= 1 && ago <= OVERFLOW_MEMORY_BARS;
}
