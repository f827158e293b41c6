import { type Bars, emptyBarRow, readBarInto } from '../../data/bars/bars.ts';
import type { Bar } from '../../indicators/indicator.ts';
import { OscillatorMatrix } from '../../indicators/oscillator-matrix/oscillator-matrix.ts';
import { PriceActionConcepts } from '../../indicators/price-action-concepts/price-action-concepts.ts';

/** How often things happened on one series; sides added up unless the name says a side. */
export interface CensusCounts {
  bars: number;
  hwUps: number;
  hwDowns: number;
  hwOversoldUps: number;
  hwOverboughtDowns: number;
  /** Up-crosses and those from oversold of the other Hyperwave form. */
  hwUpsOther: number;
  hwOversoldUpsOther: number;
  hwDownsOther: number;
  hwOverboughtDownsOther: number;
  overflowBars: number;
  reversals: number;
  reversalsMajor: number;
  /** Major ones if an overflow or a divergence had to be on the same bar, not on one of 11. */
  reversalsMajorSameBar: number;
  divergences: number;
  internalBos: number;
  internalChoch: number;
  internalChochPlus: number;
  swingBreaks: number;
  /** With swing lengths of 45 and 40 instead of the documented 50. */
  swingBreaks45: number;
  swingBreaks40: number;
  withinBull: number;
  withinBear: number;
  entries: number;
  blocksCreated: number;
  /** Bars on which blocks were mitigated, and blocks. */
  mitigationBars: number;
  mitigatedBlocks: number;
  grabs: number;
  /** Without the second and later sweeps of one pivot; only first sweeps of pivots, no blocks. */
  grabsOnce: number;
  grabsOncePivots: number;
  equalLevels: number;
  equalLevelsMid: number;
  equalLevelsLong: number;
  imbalances: number;
  imbalancesMitigated: number;
  /** Imbalances of at least half an ATR(200). */
  imbalancesTall: number;
}

/** Bars left out until everything is warm. */
const WARM_UP_BARS = 2_000;
/** Length of the public census. */
const WINDOW_MS = 52.8 * 86_400_000;

/**
 * Counts of the modules with their defaults (the chart's settings) after the warm-up, over the
 * whole and over each stretch as long as the public census. One pass.
 */
export function countCensus(
  bars: Bars,
  tickSize: number,
): { whole: CensusCounts; windows: CensusCounts[] } {
  const barMs = bars.timeframeMs;
  const osc = new OscillatorMatrix({ barMs });
  const other = new OscillatorMatrix({ barMs, form: 'B', reads: 'signals' });
  const pac = new PriceActionConcepts({ barMs, tickSize });
  const swings = [45, 40].map(
    (swingLength) => new PriceActionConcepts({ barMs, tickSize, swingLength, parts: ['swing'] }),
  );
  const sweeps = new FirstSweeps();
  const tall = new PriceActionConcepts({
    barMs,
    tickSize,
    fvgThreshold: 0.5,
    parts: ['imbalances'],
  });
  const windowBars = Math.round(WINDOW_MS / barMs);
  const windows: CensusCounts[] = [];
  let counts = emptyCounts();
  const bar = emptyBarRow();
  for (let i = 0; i < bars.length; i++) {
    readBarInto(bar, bars, i);
    for (const indicator of [osc, other, pac, tall, ...swings]) indicator.update(bar);
    sweeps.update(bar, pac);
    if (i < WARM_UP_BARS) continue;
    counts.bars++;
    countOscillator(counts, osc);
    counts.hwUpsOther += other.hwUp + other.hwOversoldUp;
    counts.hwOversoldUpsOther += other.hwOversoldUp;
    counts.hwDownsOther += other.hwDown + other.hwOverboughtDown;
    counts.hwOverboughtDownsOther += other.hwOverboughtDown;
    counts.swingBreaks45 += swingBreaks(swings[0]);
    counts.swingBreaks40 += swingBreaks(swings[1]);
    counts.grabsOnce += sweeps.grabs;
    counts.grabsOncePivots += sweeps.pivots;
    countPriceAction(counts, pac);
    counts.imbalancesTall += tall.bullFvg + tall.bearFvg;
    if (counts.bars < windowBars) continue;
    windows.push(counts);
    counts = emptyCounts();
  }
  const whole = emptyCounts();
  for (const part of [...windows, counts]) add(whole, part);
  return { whole, windows };
}

function add(into: CensusCounts, part: CensusCounts): void {
  for (const key of Object.keys(into) as (keyof CensusCounts)[]) into[key] += part[key];
}

function countOscillator(counts: CensusCounts, osc: OscillatorMatrix): void {
  counts.hwUps += osc.hwUp + osc.hwOversoldUp;
  counts.hwDowns += osc.hwDown + osc.hwOverboughtDown;
  counts.hwOversoldUps += osc.hwOversoldUp;
  counts.hwOverboughtDowns += osc.hwOverboughtDown;
  counts.overflowBars += osc.bullOverflow + osc.bearOverflow;
  counts.reversals += osc.reversalUpMinor + osc.reversalDownMinor;
  counts.reversalsMajor += osc.reversalUpMajor + osc.reversalDownMajor;
  counts.reversalsMajorSameBar += majorOnSameBar(osc);
  counts.divergences += osc.bullDivergence + osc.bearDivergence;
}

function countPriceAction(counts: CensusCounts, pac: PriceActionConcepts): void {
  counts.internalBos += Math.abs(pac.iBos);
  counts.internalChoch += Math.abs(pac.iChoch);
  counts.internalChochPlus += Math.abs(pac.iChochPlus);
  counts.swingBreaks += swingBreaks(pac);
  counts.withinBull += pac.withinBullOb;
  counts.withinBear += pac.withinBearOb;
  counts.entries += pac.enteredBullOb + pac.enteredBearOb;
  counts.blocksCreated += pac.bullObCreated + pac.bearObCreated;
  counts.mitigationBars += Number(pac.bullObMitigated > 0) + Number(pac.bearObMitigated > 0);
  counts.mitigatedBlocks += pac.bullObMitigated + pac.bearObMitigated;
  counts.grabs += pac.bullGrab + pac.bearGrab;
  counts.equalLevels += pac.eqh + pac.eql;
  counts.equalLevelsMid += pac.eqhMid + pac.eqlMid;
  counts.equalLevelsLong += pac.eqhLong + pac.eqlLong;
  counts.imbalances += pac.bullFvg + pac.bearFvg;
  counts.imbalancesMitigated += pac.bullFvgMitigated + pac.bearFvgMitigated;
}

function swingBreaks(pac: PriceActionConcepts): number {
  return Math.abs(pac.sBos) + Math.abs(pac.sChoch) + Math.abs(pac.sChochPlus);
}

function majorOnSameBar(osc: OscillatorMatrix): number {
  const hasUpCause = osc.bearOverflow + osc.bullDivergence > 0;
  const hasDownCause = osc.bullOverflow + osc.bearDivergence > 0;
  return (hasUpCause ? osc.reversalUpMajor : 0) + (hasDownCause ? osc.reversalDownMajor : 0);
}

/** Grabs of the last bar, each pivot swept once. What is no sweep of a pivot is one of a block. */
class FirstSweeps {
  grabs = 0;
  /** Those of pivots alone. */
  pivots = 0;
  private lowBar = Number.NaN;
  private highBar = Number.NaN;

  update(bar: Bar, pac: PriceActionConcepts): void {
    const { lowBar, lowBroken, lowLevel, highBar, highBroken, highLevel } =
      pac.parts.internal.pivots;
    const sweepsLow = lowBroken === 0 && bar.low < lowLevel && bar.close > lowLevel;
    const sweepsHigh = highBroken === 0 && bar.high > highLevel && bar.close < highLevel;
    const isFirstLow = sweepsLow && lowBar !== this.lowBar;
    const isFirstHigh = sweepsHigh && highBar !== this.highBar;
    if (sweepsLow) this.lowBar = lowBar;
    if (sweepsHigh) this.highBar = highBar;
    const ofLows = sweepsLow ? Number(isFirstLow) : pac.bullGrab;
    const ofHighs = sweepsHigh ? Number(isFirstHigh) : pac.bearGrab;
    this.grabs = ofLows + ofHighs;
    this.pivots = Number(isFirstLow) + Number(isFirstHigh);
  }
}

function emptyCounts(): CensusCounts {
  return {
    bars: 0,
    hwUps: 0,
    hwDowns: 0,
    hwOversoldUps: 0,
    hwOverboughtDowns: 0,
    hwUpsOther: 0,
    hwOversoldUpsOther: 0,
    hwDownsOther: 0,
    hwOverboughtDownsOther: 0,
    overflowBars: 0,
    reversals: 0,
    reversalsMajor: 0,
    reversalsMajorSameBar: 0,
    divergences: 0,
    internalBos: 0,
    internalChoch: 0,
    internalChochPlus: 0,
    swingBreaks: 0,
    swingBreaks45: 0,
    swingBreaks40: 0,
    withinBull: 0,
    withinBear: 0,
    entries: 0,
    blocksCreated: 0,
    mitigationBars: 0,
    mitigatedBlocks: 0,
    grabs: 0,
    grabsOnce: 0,
    grabsOncePivots: 0,
    equalLevels: 0,
    equalLevelsMid: 0,
    equalLevelsLong: 0,
    imbalances: 0,
    imbalancesMitigated: 0,
    imbalancesTall: 0,
  };
}
