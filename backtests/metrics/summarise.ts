import type { BacktestResult } from '../run-options.ts';
import { type Activity, activityOf } from './activity.ts';
import { type TradeIntervals, tradeIntervals } from './bootstrap.ts';
import { type Breakdown, breakdown, weakSides } from './breakdown.ts';
import { type Doubt, doubtOf } from './doubt.ts';
import { type EquityStats, equityStats } from './equity-stats.ts';
import { type TargetRow, targetRows } from './targets.ts';
import { type TradeStats, tradeStats } from './trade-stats.ts';

/** Everything measured in one run. */
export interface Metrics {
  stats: TradeStats;
  intervals: TradeIntervals;
  equity: EquityStats;
  activity: Activity;
  breakdown: Breakdown;
  /** Sides with a profit factor under 1.2 over 500 trades or more. */
  weakSides: string[];
  targets: TargetRow[];
  doubt: Doubt;
}

export function summarise(result: BacktestResult, options: { riskPercent: number }): Metrics {
  const { trades } = result;
  const stats = tradeStats(trades);
  const intervals = tradeIntervals(trades, result);
  const equity = equityStats({ ...result, riskPercent: options.riskPercent });
  const parts = breakdown(trades);
  return {
    stats,
    intervals,
    equity,
    activity: activityOf(trades, result),
    breakdown: parts,
    weakSides: weakSides(parts.side),
    targets: targetRows({ stats, intervals, equity, alerts: result.alerts.length }),
    doubt: doubtOf(result),
  };
}
