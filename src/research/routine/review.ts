import { tradeIntervals } from '../../../backtests/metrics/bootstrap.ts';
import { maxDrawdown } from '../../../backtests/metrics/equity-stats.ts';
import { TRADES_SUFFICIENT, tradeStats } from '../../../backtests/metrics/trade-stats.ts';
import type { Bars } from '../../../data/bars/bars.ts';
import { DAY_MS, HOUR_MS } from '../../engine/units.ts';
import { runOn } from '../market-run.ts';
import type { ResearchInput } from '../research-input.ts';

/** The live preset over the last days of the data. */
export interface Review {
  days: number;
  fromMs: number;
  toMs: number;
  trades: number;
  alertsPerDay: number;
  winRate: number | undefined;
  profitFactor: number | undefined;
  meanR: number | undefined;
  meanRInterval: { low: number; high: number } | undefined;
  returnFraction: number;
  maxDrawdown: number;
  isInsufficient: boolean;
}

/** Days that do not fit into the data are left out. Settings stay as they are: nothing is searched. */
export function reviews(input: ResearchInput, spans: readonly number[]): Review[] {
  const { data, base, span } = input;
  return spans
    .filter((days) => span.endMs - days * DAY_MS >= span.startMs)
    .map((days) => {
      const fromMs = span.endMs - days * DAY_MS;
      const result = runOn(data, { base, fromMs });
      const stats = tradeStats(result.trades);
      return {
        days,
        fromMs,
        toMs: span.endMs,
        trades: stats.trades,
        alertsPerDay: result.alerts.length / days,
        winRate: stats.winRate,
        profitFactor: stats.profitFactor,
        meanR: stats.meanR,
        meanRInterval: tradeIntervals(result.trades, { startMs: fromMs, endMs: span.endMs }).meanR,
        returnFraction: result.endEquity / result.startEquity - 1,
        maxDrawdown: maxDrawdown(result.equity).fraction,
        isInsufficient: stats.trades < TRADES_SUFFICIENT,
      };
    });
}

export interface LegBeta {
  symbol: string;
  days: number;
  beta: number;
  correlation: number;
}

/** Beta and correlation of hourly returns of each leg against the main symbol. */
export function legBetas(
  series: readonly Bars[],
  options: { mainSymbol: string; endMs: number; days: readonly number[] },
): LegBeta[] {
  const main = series.find(({ symbol }) => symbol === options.mainSymbol);
  if (main === undefined) return [];
  return series
    .filter((bars) => bars !== main)
    .flatMap((bars) =>
      options.days.flatMap((days) => {
        const fromMs = options.endMs - days * DAY_MS;
        if (main.openTime[0] > fromMs) return [];
        const pair = { a: hourly(main, fromMs), b: hourly(bars, fromMs) };
        return [{ symbol: bars.symbol, days, ...betaOf(pair) }];
      }),
    );
}

/** Log returns of whole hours, by the hour they end. */
function hourly(bars: Bars, fromMs: number): Map<number, number> {
  const closes = new Map<number, number>();
  for (let i = 0; i < bars.length; i++) {
    const end = bars.openTime[i] + bars.timeframeMs;
    if (end >= fromMs && end % HOUR_MS === 0) closes.set(end, bars.close[i]);
  }
  const out = new Map<number, number>();
  for (const [end, close] of closes) {
    const before = closes.get(end - HOUR_MS);
    if (before !== undefined) out.set(end, Math.log(close / before));
  }
  return out;
}

function betaOf({ a, b }: { a: Map<number, number>; b: Map<number, number> }) {
  const hours = [...a.keys()].filter((hour) => b.has(hour));
  const n = hours.length;
  let [sumA, sumB] = [0, 0];
  for (const hour of hours) {
    sumA += a.get(hour) ?? 0;
    sumB += b.get(hour) ?? 0;
  }
  let [aa, bb, ab] = [0, 0, 0];
  for (const hour of hours) {
    const x = (a.get(hour) ?? 0) - sumA / n;
    const y = (b.get(hour) ?? 0) - sumB / n;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return { beta: ab / aa, correlation: ab / Math.sqrt(aa * bb) };
}
