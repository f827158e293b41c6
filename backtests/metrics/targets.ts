import type { Interval, TradeIntervals } from './bootstrap.ts';
import type { EquityStats } from './equity-stats.ts';
import { TRADES_SUFFICIENT, type TradeStats } from './trade-stats.ts';

export type Verdict = 'pass' | 'miss' | 'not enough data';

/** A figure the source documents promise, beside what was measured. Targets, never results. */
export interface TargetRow {
  name: string;
  target: string;
  measured: number | undefined;
  /** 95 %, by day blocks, where one can be had. */
  interval: Interval | undefined;
  unit: 'fraction' | 'ratio' | 'R' | 'perDay';
  verdict: Verdict;
}

/** A month's return needs a month. */
const DAYS_SUFFICIENT = 28;

export function targetRows(input: {
  stats: TradeStats;
  intervals: TradeIntervals;
  equity: EquityStats;
  alerts: number;
}): TargetRow[] {
  const { stats, intervals, equity, alerts } = input;
  const enough = stats.trades >= TRADES_SUFFICIENT;
  const hasMonth = equity.days >= DAYS_SUFFICIENT && enough;
  const alertsPerDay = equity.days > 0 ? alerts / equity.days : undefined;
  const row = (
    name: string,
    target: string,
    unit: TargetRow['unit'],
    measured: number | undefined,
    options: { enough: boolean; min?: number; max?: number; interval?: Interval },
  ): TargetRow => {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
    const isKnown = measured !== undefined && options.enough;
    const isMet = measured !== undefined && measured >= min && measured <= max;
    const verdict = isKnown ? (isMet ? 'pass' : 'miss') : 'not enough data';
    return { name, target, unit, measured, interval: options.interval, verdict };
  };
  const { winRate, profitFactor, meanR } = stats;
  const month = equity.monthlyReturn;
  const pf = { enough, interval: intervals.profitFactor };
  return [
    // Being better than a target's upper end is not missing it.
    row('win rate', '62-68 %', 'fraction', winRate, {
      enough,
      min: 0.62,
      interval: intervals.winRate,
    }),
    row('profit factor (strategy document)', '>= 1.6', 'ratio', profitFactor, { ...pf, min: 1.6 }),
    row('profit factor (overview)', '1.4-1.55', 'ratio', profitFactor, { ...pf, min: 1.4 }),
    row('expectancy per trade', '> 0 R', 'R', meanR, {
      enough,
      min: Number.MIN_VALUE,
      interval: intervals.meanR,
    }),
    row('worst day', '<= 2.5 R', 'R', equity.worstDayR, { enough: true, max: 2.5 }),
    row('month (overview)', '20-30 %', 'fraction', month, { enough: hasMonth, min: 0.2 }),
    row('month (compounding table)', '6-9 %', 'fraction', month, { enough: hasMonth, min: 0.06 }),
    row('signals a day', '5-10', 'perDay', alertsPerDay, {
      enough: equity.days >= 1,
      min: 5,
      max: 10,
    }),
  ];
}
