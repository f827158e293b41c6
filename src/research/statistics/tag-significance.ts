import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { TagRun } from '../../../backtests/series/tags.ts';
import { type Bars, emptyBarRow, readBarInto } from '../../../data/bars/bars.ts';
import { resampleBars } from '../../../data/bars/resample.ts';
import { SIGNAL_PRESETS } from '../../../strategy/presets/signal-presets.ts';
import { conditionIndex } from '../../../strategy/tags/conditions.ts';
import type { TradeRecord } from '../../engine/trade-record.ts';
import { DAY_MS } from '../../engine/units.ts';

/** Trades that each side of a comparison needs; under it there is no p-value. */
export const SIDE_TRADES_MIN = 30;

/** A tag for longs and the one that means the same for shorts. */
export const TAG_PAIRS: readonly (readonly [long: string, short: string])[] = [
  ['HTF_BULL', 'HTF_BEAR'],
  ['NO_OVERFLOW', 'NO_OVERFLOW'],
  ['BUY_CONF', 'SELL_CONF'],
  ['TRAIL_BULL', 'TRAIL_BEAR'],
  ['DISCOUNT', 'PREMIUM'],
  ['MF_OK_LONG', 'MF_OK_SHORT'],
];

export interface TagSignificance {
  tag: string;
  /** Trades decided while it was true, and while it was not. */
  with: number;
  without: number;
  /** Mean R with it minus mean R without it; undefined when one side is empty. */
  effectR: number | undefined;
  /** Share of shifted series with at least this effect; one-sided, uncorrected for many tags. */
  pValue: number | undefined;
  /** The same after Holm's correction over all tags. */
  pHolm: number | undefined;
}

/** Truth of each tag at each bar, for both directions. */
export interface TagSeries {
  tag: string;
  long: Uint8Array;
  short: Uint8Array;
}

/**
 * Do trades do better while a tag is true? The null shifts the tag's own series around a circle by
 * whole days, at least one: its runs, its rhythm of the day and its frequency stay, its moments go.
 * p = (1 + #{shifted effect >= effect}) / (1 + shifts).
 */
export function tagSignificance(options: {
  trades: readonly Pick<TradeRecord, 'decidedMs' | 'direction' | 'tradeR'>[];
  series: readonly TagSeries[];
  /** Close of each bar of the series, ascending. */
  closesMs: Float64Array;
  timeframeMs: number;
  shifts: number;
  seed: number;
}): TagSignificance[] {
  const { trades, series, closesMs, timeframeMs, shifts } = options;
  const random = mulberry32(options.seed);
  const perDay = Math.round(DAY_MS / timeframeMs);
  const days = Math.floor(closesMs.length / perDay);
  const at = trades.map((trade) => barAt(closesMs, trade.decidedMs));
  const rows = series.map((each): Omit<TagSignificance, 'pHolm'> => {
    const real = effect(each, { trades, at, shift: 0 });
    let better = 0;
    let used = 0;
    const isEnough = Math.min(real.with, real.without) >= SIDE_TRADES_MIN;
    for (let i = 0; i < shifts && days >= 3 && isEnough; i++) {
      const shift = (1 + Math.floor(random() * (days - 1))) * perDay;
      const shifted = effect(each, { trades, at, shift }).effectR;
      if (shifted === undefined || real.effectR === undefined) continue;
      used++;
      if (shifted >= real.effectR) better++;
    }
    return { tag: each.tag, ...real, pValue: used > 0 ? (1 + better) / (1 + used) : undefined };
  });
  return holm(rows);
}

function effect(
  { long, short }: TagSeries,
  options: {
    trades: readonly Pick<TradeRecord, 'direction' | 'tradeR'>[];
    at: readonly number[];
    shift: number;
  },
): { with: number; without: number; effectR: number | undefined } {
  const { trades, at, shift } = options;
  const { length } = long;
  let withSum = 0;
  let withCount = 0;
  let withoutSum = 0;
  let withoutCount = 0;
  for (let i = 0; i < trades.length; i++) {
    const place = (((at[i] + shift) % length) + length) % length;
    const isTrue = (trades[i].direction === 1 ? long : short)[place] === 1;
    if (isTrue) {
      withSum += trades[i].tradeR;
      withCount++;
    } else {
      withoutSum += trades[i].tradeR;
      withoutCount++;
    }
  }
  const effectR =
    withCount > 0 && withoutCount > 0 ? withSum / withCount - withoutSum / withoutCount : undefined;
  return { with: withCount, without: withoutCount, effectR };
}

/** Index of the last bar that closed by then; decisions are taken at the close of their bar. */
function barAt(closesMs: Float64Array, atMs: number): number {
  let low = 0;
  let high = closesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (closesMs[middle] <= atMs) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Holm's step-down: the smallest p times m, the next times m - 1, never falling. */
function holm(rows: readonly Omit<TagSignificance, 'pHolm'>[]): TagSignificance[] {
  const known = rows.filter((row) => row.pValue !== undefined);
  const sorted = [...known].sort((a, b) => (a.pValue ?? 0) - (b.pValue ?? 0));
  const corrected = new Map<string, number>();
  let floor = 0;
  for (const [i, row] of sorted.entries()) {
    floor = Math.max(floor, Math.min(1, (row.pValue ?? 1) * (sorted.length - i)));
    corrected.set(row.tag, floor);
  }
  return rows.map((row) => ({ ...row, pHolm: corrected.get(row.tag) }));
}

/** Tags of the `sequence` preset over signal bars. */
export function tagSeries(
  bars: Bars,
  options: { signalTimeframeMs: number; biasTimeframeMs: number; tickSize: number },
): { series: TagSeries[]; closesMs: Float64Array } {
  const signal = resampleBars(bars, options.signalTimeframeMs);
  const run = new TagRun({ signal: SIGNAL_PRESETS.sequence, ...options });
  const places = TAG_PAIRS.map(([long, short]) => [conditionIndex(long), conditionIndex(short)]);
  const series = TAG_PAIRS.map(([tag]) => ({
    tag,
    long: new Uint8Array(signal.length),
    short: new Uint8Array(signal.length),
  }));
  const bar = emptyBarRow();
  for (let i = 0; i < signal.length; i++) {
    readBarInto(bar, signal, i);
    run.update(bar, (pipeline) => {
      for (let t = 0; t < series.length; t++) {
        series[t].long[i] = pipeline.value(places[t][0]) > 0 ? 1 : 0;
        series[t].short[i] = pipeline.value(places[t][1]) > 0 ? 1 : 0;
      }
    });
  }
  return { series, closesMs: signal.openTime.map((time) => time + signal.timeframeMs) };
}
