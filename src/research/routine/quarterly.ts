import { quantile } from '../../../backtests/metrics/trade-stats.ts';
import type { FundingRow } from '../../../backtests/run-options.ts';
import { DAY_MS, MINUTE_MS } from '../../engine/units.ts';
import { instrumentFor } from '../../instrument-table.ts';
import { configOf, runOn } from '../market-run.ts';
import { type RunFigures, runFigures } from '../monte-carlo/run-figures.ts';
import type { ResearchInput } from '../research-input.ts';
import { type RandomEntryNull, randomEntryNull } from '../statistics/random-entry-null.ts';
import {
  type TagSignificance,
  tagSeries,
  tagSignificance,
} from '../statistics/tag-significance.ts';
import { type Monthly, type MonthlyOptions, monthly } from './monthly.ts';
import { type LegBeta, legBetas } from './review.ts';

const QUARTER_DAYS = 91;
const SHIFTS = 500;

export interface FundingModel {
  symbol: string;
  settlements: number;
  meanBps: number;
  p95Bps: number;
  worstBps: number;
  /** Share of settlements beyond what an entry may pay, 0.06 % for 8 hours. */
  beyondLimit: number;
}

export interface Quarterly {
  monthly: Monthly;
  /** The preset under each hedge: recalibrated by looking, never by choosing the best. */
  hedges: { mode: string; figures: RunFigures }[];
  betas: LegBeta[];
  funding: FundingModel[];
  entries: RandomEntryNull;
  tags: TagSignificance[];
}

/** The monthly routine, then what changes slowly: hedge, funding, worth of entries and tags. */
export async function quarterly(input: ResearchInput, options: MonthlyOptions): Promise<Quarterly> {
  const { data, base, span } = input;
  const ofMonth = await monthly(input, options);
  options.onProgress?.('hedges');
  const hedges = ['off', 'proportional', 'minVariance', 'literal'].map((mode) => {
    const settings = { base, sets: [`hedge.mode=${mode}`], toMs: span.searchEndMs };
    return { mode, figures: runFigures(runOn(data, settings)) };
  });
  const entries = randomEntryNull(input, {
    runs: Math.max(19, options.runs),
    seed: options.seed,
    onProgress: (done, total) => options.onProgress?.(`random entries ${done} of ${total}`),
  });
  options.onProgress?.('tags');
  return {
    monthly: ofMonth,
    hedges,
    betas: legBetas(data.series, {
      mainSymbol: input.mainSymbol,
      endMs: span.endMs,
      days: [7, 30, 90],
    }),
    funding: fundingModel(data.funding, span.searchEndMs),
    entries,
    tags: tagsOf(input, options.seed),
  };
}

/** Of the last quarter before the hold-out, normalised to 8 hours. */
export function fundingModel(rows: readonly FundingRow[], toMs: number): FundingModel[] {
  const fromMs = toMs - QUARTER_DAYS * DAY_MS;
  const recent = rows.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  return [...new Set(recent.map(({ symbol }) => symbol))].map((symbol) => {
    const bps = recent
      .filter((row) => row.symbol === symbol)
      .map(({ rate, intervalHours }) => rate * (8 / intervalHours) * 1e4);
    return {
      symbol,
      settlements: bps.length,
      meanBps: bps.reduce((total, value) => total + value, 0) / bps.length,
      p95Bps: quantile(bps, 0.95) ?? Number.NaN,
      worstBps: Math.max(...bps.map(Math.abs)),
      beyondLimit: bps.filter((value) => Math.abs(value) > 6).length / bps.length,
    };
  });
}

/**
 * Tags over the trades of the SMC stand-in: it trades without them, often enough to compare trades
 * with a tag to trades without.
 */
export function tagsOf(input: ResearchInput, seed: number): TagSignificance[] {
  const { data, span } = input;
  const { config } = configOf({ base: input.base });
  const { trades } = runOn(data, {
    base: { ...input.base, preset: 'smc-stand-in' },
    sets: ['hedge.mode=off'],
    toMs: span.searchEndMs,
    isPathFree: true,
  });
  const bars = data.series.find(({ symbol }) => symbol === input.mainSymbol);
  if (bars === undefined || trades.length === 0) return [];
  const signalTimeframeMs = bars.timeframeMs === 5 * MINUTE_MS ? 5 * MINUTE_MS : 3 * MINUTE_MS;
  const { series, closesMs } = tagSeries(bars, {
    signalTimeframeMs,
    biasTimeframeMs: config.market.biasMinutes * MINUTE_MS,
    tickSize: Number(instrumentFor(bars).spec.tickSize),
  });
  // A circle of the search part alone.
  const end = closesMs.findIndex((atMs) => atMs > span.searchEndMs);
  const length = end < 0 ? closesMs.length : end;
  return tagSignificance({
    trades,
    series: series.map(({ tag, long, short }) => ({
      tag,
      long: long.subarray(0, length),
      short: short.subarray(0, length),
    })),
    closesMs: closesMs.subarray(0, length),
    timeframeMs: signalTimeframeMs,
    shifts: SHIFTS,
    seed,
  });
}
