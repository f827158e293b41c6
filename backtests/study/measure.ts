import type { TradeRecord } from '../../src/engine/trade-record.ts';
import { type Interval, tradeIntervals } from '../metrics/bootstrap.ts';
import { equityStats } from '../metrics/equity-stats.ts';
import { mean, sum, TRADES_SUFFICIENT, tradeStats } from '../metrics/trade-stats.ts';
import type { BacktestResult } from '../run-options.ts';

/** Figures of one arm, over one data set or pooled over several. R of each trade's own plan. */
export interface Measured {
  trades: number;
  days: number;
  alerts: number;
  notFilled: number;
  /** Plans that the risk rules refused, and the rule that refused most of them. */
  refused: number;
  refusedMost: { rule: string; count: number } | undefined;
  winRate: number | undefined;
  winRateInterval: Interval | undefined;
  /** Before fees, slippage and funding; hedge legs included. */
  grossR: number | undefined;
  grossInterval: Interval | undefined;
  netR: number | undefined;
  netInterval: Interval | undefined;
  sumR: number;
  profitFactor: number | undefined;
  profitFactorInterval: Interval | undefined;
  /** Net over start equity; of one data set only. */
  returnFraction: number | undefined;
  maxDrawdownFraction: number | undefined;
  verdict: Verdict;
}

export type Verdict = 'no trades' | 'insufficient' | 'loses' | 'no edge shown' | 'above zero';

/** One or several runs of the same arm; several are pooled trade by trade. */
export function measure(results: readonly BacktestResult[], riskPercent: number): Measured {
  const trades = results.flatMap((result) => result.trades);
  const span = {
    startMs: Math.min(...results.map((result) => result.startMs)),
    endMs: Math.max(...results.map((result) => result.endMs)),
  };
  const stats = tradeStats(trades);
  const net = tradeIntervals(trades, span);
  const gross = tradeIntervals(trades.map(beforeCosts), span);
  const [only] = results;
  const equity = results.length === 1 ? equityStats({ ...only, riskPercent }) : undefined;
  const total = (of: (result: BacktestResult) => number) => sum(results.map(of));
  return {
    trades: trades.length,
    days: total((result) => (result.endMs - result.startMs) / 86_400_000),
    alerts: total((result) => result.alerts.length),
    notFilled: total((result) => result.unfilled.length),
    refused: total((result) => sum(Object.values(result.refusals))),
    refusedMost: refusedMost(results),
    winRate: stats.winRate,
    winRateInterval: net.winRate,
    grossR: mean(trades.map(grossRof)),
    grossInterval: gross.meanR,
    netR: stats.meanR,
    netInterval: net.meanR,
    sumR: stats.sumR,
    profitFactor: stats.profitFactor,
    profitFactorInterval: net.profitFactor,
    returnFraction: equity?.returnFraction,
    maxDrawdownFraction: equity?.maxDrawdownFraction,
    verdict: verdictOf(trades.length, net.meanR),
  };
}

function refusedMost(results: readonly BacktestResult[]): Measured['refusedMost'] {
  const counts: Record<string, number> = {};
  for (const { refusals } of results) {
    for (const [rule, count] of Object.entries(refusals))
      counts[rule] = (counts[rule] ?? 0) + count;
  }
  const [most] = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return most === undefined ? undefined : { rule: most[0], count: most[1] };
}

export function verdictOf(trades: number, interval: Interval | undefined): Verdict {
  if (trades === 0) return 'no trades';
  if (trades < TRADES_SUFFICIENT || interval === undefined) return 'insufficient';
  if (interval.high < 0) return 'loses';
  return interval.low > 0 ? 'above zero' : 'no edge shown';
}

function grossRof(trade: TradeRecord): number {
  return (trade.netPnl + trade.fees - trade.funding + trade.slippage) / trade.plannedR;
}

function beforeCosts(trade: TradeRecord): TradeRecord {
  return { ...trade, tradeR: grossRof(trade) };
}
