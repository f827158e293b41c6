import { Atr } from '../basic/atr.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';
import { BarRing } from './bar-ring.ts';
import { BlockOrigins } from './block-origins.ts';
import type { SmcEventSink } from './event-sink.ts';
import { FairValueGaps } from './fair-value-gaps.ts';
import { LegPivots } from './leg-pivots.ts';
import { OrderBlocks } from './order-blocks.ts';
import { ParsedBars } from './parsed-bars.ts';
import { CHOCH, StructureBreaks } from './structure-breaks.ts';
import { TrailingExtremes } from './trailing-extremes.ts';

const ATR_LENGTH = 200;

export interface SmcOptions {
  /** Bars after a pivot that confirm it. Defaults 5, 50, 3. */
  internalSize?: number;
  swingSize?: number;
  equalSize?: number;
  /** Equal highs / lows differ by less than this share of ATR(200). Default 0.1. */
  equalThreshold?: number;
  /** Parts that can be left out when nobody reads them. All default to true. */
  internalBlocks?: boolean;
  swingBlocks?: boolean;
  equalLevels?: boolean;
  fairValueGaps?: boolean;
  /** What a tall bar is measured against: ATR(200) or the mean true range of all bars so far. */
  volatilityFilter?: 'atr' | 'cumulativeMeanRange';
  /** Internal breaks only on bars whose wicks agree. Default false. */
  confluenceFilter?: boolean;
  /** What breaks a block: a wick (`highLow`, default) or a close. */
  mitigation?: 'highLow' | 'close';
  /** Exactly the published script, see `OrderBlocks`. Default false: the clean form for trading. */
  pineCompat?: boolean;
  /** Blocks expire this many bars after their creation; 0 (default) = never. */
  obMaxAgeBars?: number;
  /** See `LegPivots`: for the mirror test only. */
  lowFirst?: boolean;
}

/**
 * Smart Money Concepts (equivalent of the openly published LuxAlgo indicator; rules in
 * `indicators-open.md`, section 1, equal to its golden values cell by cell): swing and internal
 * structure with BOS and CHoCH, order blocks, equal highs and lows, fair value gaps, trailing
 * extremes with strong and weak sides and zones.
 *
 * Prices in quote currency. Structure exists from the first pivots on (about 60 bars on real data),
 * ATR-based parts from bar 200. A late start equals a full run after about 1,500 bars, blocks older
 * than the start excepted. O(1) amortised a bar; bars that mitigate a block or fill a gap walk that
 * list. Events go to the sink given to `update`, and cost nothing without one.
 */
export class SmartMoneyConcepts implements Indicator {
  declare readonly warmUpBars: number;
  declare readonly internal: LegPivots;
  declare readonly swing: LegPivots;
  declare readonly equal: LegPivots | null;
  declare readonly internalBreaks: StructureBreaks;
  declare readonly swingBreaks: StructureBreaks;
  declare readonly internalBlocks: OrderBlocks | null;
  declare readonly swingBlocks: OrderBlocks | null;
  declare readonly gaps: FairValueGaps | null;
  declare readonly trailing: TrailingExtremes;
  declare readonly parsed: ParsedBars | null;
  declare readonly atr: Atr | null;
  /** Bars seen. */
  declare bars: number;
  /** 1 when an equal high (low) was confirmed on the last bar. */
  declare equalHigh: number;
  declare equalLow: number;
  /** Swing bias at the end of the bar before, as the chart's strong / weak labels use it. */
  declare drawnBias: number;
  declare private readonly ring: BarRing;
  declare private readonly internalOrigins: BlockOrigins;
  declare private readonly swingOrigins: BlockOrigins;
  declare private readonly equalThreshold: number;
  declare private readonly cumulativeRange: boolean;
  declare private rangeSum: number;
  declare private lastTime: number;

  /** @throws RangeError for sizes that are not positive whole numbers or a negative age */
  constructor(options: SmcOptions = {}) {
    const { internalSize = 5, swingSize = 50, equalSize = 3 } = options;
    for (const size of [internalSize, swingSize, equalSize]) {
      if (!Number.isInteger(size) || size < 1) throw new RangeError(`pivot size ${size}`);
    }
    const { pineCompat = false, obMaxAgeBars: maxAgeBars = 0 } = options;
    if (!(maxAgeBars >= 0)) throw new RangeError(`obMaxAgeBars ${maxAgeBars}`);
    const { internalBlocks = true, swingBlocks = true, equalLevels = true } = options;
    const keep = { pineCompat, maxAgeBars, closeMitigates: options.mitigation === 'close' };
    const legs = { lowFirst: options.lowFirst ?? false };
    const sizeMax = Math.max(internalSize, swingSize, equalSize);
    this.warmUpBars = 1;
    this.internal = new LegPivots(internalSize, legs);
    this.swing = new LegPivots(swingSize, legs);
    this.equal = equalLevels ? new LegPivots(equalSize, legs) : null;
    this.internalBreaks = new StructureBreaks({ confluenceFilter: options.confluenceFilter });
    this.swingBreaks = new StructureBreaks();
    this.internalBlocks = internalBlocks ? new OrderBlocks({ codeBase: 30, ...keep }) : null;
    this.swingBlocks = swingBlocks ? new OrderBlocks({ codeBase: 40, ...keep }) : null;
    this.gaps = (options.fairValueGaps ?? true) ? new FairValueGaps({ pineCompat }) : null;
    this.trailing = new TrailingExtremes();
    const hasBlocks = internalBlocks || swingBlocks;
    this.parsed = hasBlocks ? new ParsedBars(sizeMax) : null;
    this.atr = hasBlocks || equalLevels ? new Atr(ATR_LENGTH) : null;
    this.bars = 0;
    this.equalHigh = 0;
    this.equalLow = 0;
    this.drawnBias = 0;
    this.ring = new BarRing(sizeMax);
    this.internalOrigins = new BlockOrigins();
    this.swingOrigins = new BlockOrigins();
    this.equalThreshold = options.equalThreshold ?? 0.1;
    this.cumulativeRange = options.volatilityFilter === 'cumulativeMeanRange';
    this.rangeSum = 0;
    this.lastTime = Number.NEGATIVE_INFINITY;
  }

  /** @throws RangeError for a bar that is not finite or not after the one before */
  update(bar: Bar, events: SmcEventSink | null = null): void {
    this.lastTime = checkedTime(bar, this.lastTime);
    this.drawnBias = this.swingBreaks.bias;
    this.bars++;
    this.ring.push(bar);
    if (this.atr !== null) this.measureVolatility(bar, this.atr);
    this.trailing.extend(bar);
    if (this.gaps !== null) this.gaps.fill(bar, events);
    this.updatePivots(events);
    this.breakInternal(bar, events);
    this.breakSwing(bar, events);
    if (this.internalBlocks !== null) this.internalBlocks.endBar(bar, this.bars - 1, events);
    if (this.swingBlocks !== null) this.swingBlocks.endBar(bar, this.bars - 1, events);
    if (this.gaps !== null) this.gaps.update(bar, events);
    if (this.parsed !== null) {
      this.internalOrigins.extend(this.parsed, this.ring);
      this.swingOrigins.extend(this.parsed, this.ring);
    }
  }

  private measureVolatility(bar: Bar, atr: Atr): void {
    let usualRange = atr.update(bar.high, bar.low, bar.close);
    if (this.parsed === null) return;
    if (this.cumulativeRange) {
      // The first bar has no previous close; the published sum counts it as nothing.
      const before = this.bars - 1;
      if (before > 0) this.rangeSum += atr.trueRange;
      usualRange = before > 0 ? this.rangeSum / before : Number.NaN;
    }
    this.parsed.push(bar, usualRange);
  }

  private updatePivots(events: SmcEventSink | null): void {
    const { ring, swing, internal, equal } = this;
    if (swing.update(ring) !== 0) {
      this.trailing.reset(swing);
      if (this.parsed !== null) this.swingOrigins.restart(swing, ring, this.parsed);
      if (events !== null) tellPivot(events, swing, 91);
    }
    if (internal.update(ring) !== 0) {
      if (this.parsed !== null) this.internalOrigins.restart(internal, ring, this.parsed);
      if (events !== null) tellPivot(events, internal, 93);
    }
    this.equalHigh = 0;
    this.equalLow = 0;
    if (equal !== null) this.updateEqual(equal, events);
  }

  private updateEqual(equal: LegPivots, events: SmcEventSink | null): void {
    const { highBar, highTime, lowBar, lowTime } = equal;
    const confirmed = equal.update(this.ring);
    if (confirmed === 0 || this.atr === null) return;
    const tolerance = this.equalThreshold * this.atr.value;
    if (confirmed === 1) {
      if (Math.abs(equal.highPreviousLevel - equal.highLevel) < tolerance) {
        this.equalHigh = 1;
        events?.event(72, equal.highLevel, equal.highPreviousLevel, highBar, highTime);
      }
    } else if (Math.abs(equal.lowPreviousLevel - equal.lowLevel) < tolerance) {
      this.equalLow = 1;
      events?.event(71, equal.lowLevel, equal.lowPreviousLevel, lowBar, lowTime);
    }
    if (events !== null) tellPivot(events, equal, 95);
  }

  /** An internal level that is also the swing level is left to the swing structure. */
  private breakInternal(bar: Bar, events: SmcEventSink | null): void {
    const { internal, internalBreaks: breaks } = this;
    if (this.internalBlocks !== null) this.internalBlocks.startBar();
    if (!breaks.update(internal, bar, this.swing)) return;
    if (breaks.bull !== 0) {
      if (events !== null) tellBreakUp(events, internal, breaks, 11);
      this.createDemand(this.internalBlocks, this.internalOrigins, events);
    }
    if (breaks.bear !== 0) {
      if (events !== null) tellBreakDown(events, internal, breaks, 13);
      this.createSupply(this.internalBlocks, this.internalOrigins, events);
    }
  }

  private breakSwing(bar: Bar, events: SmcEventSink | null): void {
    const { swing, swingBreaks: breaks } = this;
    if (this.swingBlocks !== null) this.swingBlocks.startBar();
    if (!breaks.update(swing, bar, null)) return;
    if (breaks.bull !== 0) {
      if (events !== null) tellBreakUp(events, swing, breaks, 21);
      this.createDemand(this.swingBlocks, this.swingOrigins, events);
    }
    if (breaks.bear !== 0) {
      if (events !== null) tellBreakDown(events, swing, breaks, 23);
      this.createSupply(this.swingBlocks, this.swingOrigins, events);
    }
  }

  private createDemand(
    blocks: OrderBlocks | null,
    from: BlockOrigins,
    events: SmcEventSink | null,
  ): void {
    if (blocks === null) return;
    const { demandHigh: high, demandLow: low, demandBar, demandTime } = from;
    const block = { bias: 1, high, low, originBar: demandBar, originTime: demandTime };
    blocks.create(block, this.bars - 1, events);
  }

  private createSupply(
    blocks: OrderBlocks | null,
    from: BlockOrigins,
    events: SmcEventSink | null,
  ): void {
    if (blocks === null) return;
    const { supplyHigh: high, supplyLow: low, supplyBar, supplyTime } = from;
    const block = { bias: -1, high, low, originBar: supplyBar, originTime: supplyTime };
    blocks.create(block, this.bars - 1, events);
  }
}

function tellPivot(events: SmcEventSink, p: LegPivots, lowCode: number): void {
  if (p.confirmed === 1) {
    events.event(lowCode + 1, p.highLevel, p.highPreviousLevel, p.highBar, p.highTime);
  } else {
    events.event(lowCode, p.lowLevel, p.lowPreviousLevel, p.lowBar, p.lowTime);
  }
}

function tellBreakUp(e: SmcEventSink, p: LegPivots, breaks: StructureBreaks, code: number): void {
  const kind = breaks.bull === CHOCH ? 1 : 0;
  e.event(code + kind, p.highLevel, p.highPreviousLevel, p.highBar, p.highTime);
}

function tellBreakDown(e: SmcEventSink, p: LegPivots, breaks: StructureBreaks, code: number): void {
  const kind = breaks.bear === CHOCH ? 1 : 0;
  e.event(code + kind, p.lowLevel, p.lowPreviousLevel, p.lowBar, p.lowTime);
}
