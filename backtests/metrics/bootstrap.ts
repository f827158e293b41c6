import type { TradeRecord } from '../../src/engine/trade-record.ts';
import { DAY_MS } from '../../src/engine/units.ts';
import { quantile } from './trade-stats.ts';

export interface Interval {
  low: number;
  high: number;
}

export interface TradeIntervals {
  /** Share of resamples between low and high. */
  level: number;
  resamples: number;
  winRate: Interval | undefined;
  meanR: Interval | undefined;
  profitFactor: Interval | undefined;
  /** Net R a day, days without a trade included. */
  dayR: Interval | undefined;
}

interface DaySums {
  trades: number;
  wins: number;
  r: number;
  gains: number;
  losses: number;
}

const LEVEL = 0.95;
const RESAMPLES = 2_000;
const SEED = 20_230_101;

/**
 * Percentile intervals from resampling whole UTC days with replacement, empty days included: trades
 * of one day share a market and are not independent. Seeded, so a repeated run prints the same.
 */
export function tradeIntervals(
  trades: readonly TradeRecord[],
  span: { startMs: number; endMs: number },
): TradeIntervals {
  const days = sumsByDay(trades, span);
  const samples = { winRate: [], meanR: [], profitFactor: [], dayR: [] } as Record<
    'winRate' | 'meanR' | 'profitFactor' | 'dayR',
    number[]
  >;
  const random = mulberry32(SEED);
  for (let i = 0; i < RESAMPLES && trades.length > 0; i++) {
    const all = resample(days, random);
    samples.dayR.push(all.r / days.length);
    if (all.trades === 0) continue;
    samples.winRate.push(all.wins / all.trades);
    samples.meanR.push(all.r / all.trades);
    if (all.losses > 0) samples.profitFactor.push(all.gains / all.losses);
  }
  return {
    level: LEVEL,
    resamples: RESAMPLES,
    winRate: interval(samples.winRate),
    meanR: interval(samples.meanR),
    profitFactor: interval(samples.profitFactor),
    dayR: interval(samples.dayR),
  };
}

function sumsByDay(
  trades: readonly TradeRecord[],
  span: { startMs: number; endMs: number },
): DaySums[] {
  const first = Math.floor(span.startMs / DAY_MS);
  const count = Math.max(1, Math.ceil(span.endMs / DAY_MS) - first);
  const days = Array.from({ length: count }, emptySums);
  for (const trade of trades) {
    const index = Math.min(count - 1, Math.floor(trade.closedMs / DAY_MS) - first);
    const day = days[Math.max(0, index)];
    day.trades++;
    if (trade.tradeR > 0) day.wins++;
    day.r += trade.tradeR;
    if (trade.netPnl > 0) day.gains += trade.netPnl;
    else day.losses -= trade.netPnl;
  }
  return days;
}

function resample(days: readonly DaySums[], random: () => number): DaySums {
  const all = emptySums();
  for (let i = 0; i < days.length; i++) {
    const day = days[Math.floor(random() * days.length)];
    all.trades += day.trades;
    all.wins += day.wins;
    all.r += day.r;
    all.gains += day.gains;
    all.losses += day.losses;
  }
  return all;
}

function emptySums(): DaySums {
  return { trades: 0, wins: 0, r: 0, gains: 0, losses: 0 };
}

/** Undefined when under half of the resamples have a value: the figure hangs on single trades. */
function interval(values: readonly number[]): Interval | undefined {
  if (values.length < RESAMPLES / 2) return undefined;
  const low = quantile(values, (1 - LEVEL) / 2);
  const high = quantile(values, (1 + LEVEL) / 2);
  return low === undefined || high === undefined ? undefined : { low, high };
}

/** Mulberry32 (Tommy Ettinger, public domain): small, fast, good enough to pick days. */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
