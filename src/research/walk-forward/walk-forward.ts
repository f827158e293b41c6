import type { EquityPoint } from '../../../backtests/equity-curve.ts';
import { type Interval, tradeIntervals } from '../../../backtests/metrics/bootstrap.ts';
import { dailyReturns, maxDrawdown } from '../../../backtests/metrics/equity-stats.ts';
import { mean, TRADES_SUFFICIENT } from '../../../backtests/metrics/trade-stats.ts';
import type { BacktestResult } from '../../../backtests/run-options.ts';
import { AppError } from '../../engine/error.ts';
import type { TradeRecord } from '../../engine/trade-record.ts';
import { DAY_MS } from '../../engine/units.ts';
import { profitFactor } from '../statistics/profit-factor.ts';
import type { WindowChoice, WindowOptimiser } from './window-optimiser.ts';

/** What the documents ask of the stitched trades. */
export const PROFIT_FACTOR_TARGET = 1.4;

export interface WalkForwardOptions {
  /** Span that may be used; the hold-out is not in it. */
  startMs: number;
  endMs: number;
  trainDays: number;
  testDays: number;
  optimiser: WindowOptimiser;
  /** A run of these settings that trades only in the test window; the account is fresh. */
  runTest: (sets: readonly string[], window: { fromMs: number; toMs: number }) => BacktestResult;
  onProgress?: (done: number, total: number) => void;
}

export interface WalkForwardSlice {
  train: { fromMs: number; toMs: number };
  test: { fromMs: number; toMs: number };
  choice: WindowChoice;
  /** Too few train trades: the preset itself was traded, nothing was chosen. */
  isInsufficient: boolean;
  trades: number;
  profitFactor: number | undefined;
  meanR: number | undefined;
  returnFraction: number;
}

export interface Stability {
  path: string;
  /** Values chosen, with how often. */
  chosen: { value: string; count: number }[];
  /** Share of the most frequent one. */
  share: number;
}

export interface WalkForward {
  trainDays: number;
  testDays: number;
  optimiser: string;
  slices: WalkForwardSlice[];
  /** Trials that were spent on each choice, together. */
  trialsRead: number;
  trades: TradeRecord[];
  /** Out-of-sample equity, slice after slice, start = 1. */
  equity: EquityPoint[];
  dailyReturns: number[];
  returnFraction: number;
  maxDrawdown: number;
  profitFactor: number | undefined;
  profitFactorInterval: Interval | undefined;
  meanR: number | undefined;
  meanRInterval: Interval | undefined;
  stability: Stability[];
  verdict: 'INSUFFICIENT' | 'target met' | 'target missed';
  /** Why it is insufficient, in words. */
  why: string[];
}

/**
 * Train on one window, trade the next one with what was chosen, move on by the length of the test.
 * Train precedes test, so only trades open across the boundary are purged. Indicators run through
 * all earlier bars; account, throttle and breakers start afresh in every slice.
 * @throws AppError USAGE_WINDOW when no slice fits the data
 */
export async function walkForward(options: WalkForwardOptions): Promise<WalkForward> {
  const windows = windowsOf(options);
  const slices: WalkForwardSlice[] = [];
  const results: BacktestResult[] = [];
  for (const { train, test } of windows) {
    const choice = await options.optimiser.best(train);
    const result = options.runTest(choice.sets ?? [], test);
    const rs = result.trades.map((trade) => trade.tradeR);
    slices.push({
      train,
      test,
      choice,
      isInsufficient: choice.sets === undefined,
      trades: rs.length,
      profitFactor: profitFactor(rs),
      meanR: mean(rs),
      returnFraction: result.endEquity / result.startEquity - 1,
    });
    results.push(result);
    options.onProgress?.(slices.length, windows.length);
  }
  const trades = results.flatMap((result) => result.trades);
  const equity = stitch(results);
  const span = { startMs: windows[0].test.fromMs, endMs: windows[windows.length - 1].test.toMs };
  const intervals = tradeIntervals(trades, span);
  const measured = profitFactor(trades.map((trade) => trade.tradeR));
  const why = reasons(slices, trades.length);
  return {
    trainDays: options.trainDays,
    testDays: options.testDays,
    optimiser: options.optimiser.name,
    slices,
    trialsRead: slices.reduce((total, { choice }) => total + choice.trials, 0),
    trades,
    equity,
    dailyReturns: results.flatMap((result) => dailyReturns(result)),
    returnFraction: equity[equity.length - 1].equity - 1,
    maxDrawdown: maxDrawdown(equity).fraction,
    profitFactor: measured,
    profitFactorInterval: intervals.profitFactor,
    meanR: mean(trades.map((trade) => trade.tradeR)),
    meanRInterval: intervals.meanR,
    stability: stabilityOf(slices),
    verdict: verdictOf(why, measured),
    why,
  };
}

/** Train and test windows from the start of the data on. @throws AppError USAGE_WINDOW */
export function windowsOf(
  options: Pick<WalkForwardOptions, 'startMs' | 'endMs' | 'trainDays' | 'testDays'>,
): { train: { fromMs: number; toMs: number }; test: { fromMs: number; toMs: number } }[] {
  const { startMs, endMs, trainDays, testDays } = options;
  const out = [];
  for (let at = startMs; ; at += testDays * DAY_MS) {
    const boundary = at + trainDays * DAY_MS;
    const end = boundary + testDays * DAY_MS;
    if (end > endMs) break;
    out.push({ train: { fromMs: at, toMs: boundary }, test: { fromMs: boundary, toMs: end } });
  }
  if (out.length > 0) return out;
  const days = ((endMs - startMs) / DAY_MS).toFixed(1);
  throw new AppError(
    'USAGE_WINDOW',
    `train ${trainDays} d + test ${testDays} d do not fit into the ${days} days that a search may use`,
    'shorter windows (--train, --test) or more data; the last fifth is kept out of every search',
  );
}

/** Each slice starts where the one before ended; together they are one account, start = 1. */
function stitch(results: readonly BacktestResult[]): EquityPoint[] {
  let level = 1;
  const out: EquityPoint[] = [];
  for (const { equity, startEquity, startMs, endMs, endEquity } of results) {
    const scale = level / startEquity;
    out.push({ atMs: startMs, equity: level });
    for (const point of equity) {
      if (point.atMs > startMs) out.push({ atMs: point.atMs, equity: point.equity * scale });
    }
    level = endEquity * scale;
    out.push({ atMs: endMs, equity: level });
  }
  return out;
}

function stabilityOf(slices: readonly WalkForwardSlice[]): Stability[] {
  const chosenSets = slices.flatMap(({ choice }) =>
    choice.sets === undefined ? [] : [choice.sets],
  );
  const points = chosenSets.map((sets) => new Map(sets.map(pathAndValue)));
  const paths = new Set(points.flatMap((point) => [...point.keys()]));
  const counts = new Map<string, Map<string, number>>();
  for (const path of paths) {
    const values = new Map<string, number>();
    for (const point of points) {
      const value = point.get(path) ?? '(as in the preset)';
      values.set(value, (values.get(value) ?? 0) + 1);
    }
    counts.set(path, values);
  }
  return [...counts].map(([path, values]) => {
    const chosen = [...values]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count);
    const total = chosen.reduce((sum, { count }) => sum + count, 0);
    return { path, chosen, share: chosen[0].count / total };
  });
}

function pathAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function reasons(slices: readonly WalkForwardSlice[], trades: number): string[] {
  const out: string[] = [];
  const few = slices.filter((slice) => slice.isInsufficient).length;
  if (few > 0) {
    out.push(
      `${few} of ${slices.length} train windows have no trial with ${TRADES_SUFFICIENT} trades`,
    );
  }
  if (trades < TRADES_SUFFICIENT) out.push(`${trades} trades out of sample`);
  return out;
}

function verdictOf(why: readonly string[], measured: number | undefined): WalkForward['verdict'] {
  if (why.length > 0 || measured === undefined) return 'INSUFFICIENT';
  return measured >= PROFIT_FACTOR_TARGET ? 'target met' : 'target missed';
}
