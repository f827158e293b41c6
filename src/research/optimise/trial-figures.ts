import { equityStats } from '../../../backtests/metrics/equity-stats.ts';
import type { BacktestResult } from '../../../backtests/run-options.ts';
import type { TrialFigures } from './trial.ts';

/** R added to gains and losses alike (`docs/` has why): a handful of trades stays near 1. */
const PRIOR_R = 5;
/** 10 % quantile of the normal distribution. */
const LOWER_Z = 1.2816;

export function figuresOf(result: BacktestResult, riskPercent: number): TrialFigures {
  const { trades } = result;
  const n = trades.length;
  let wins = 0;
  let gains = 0;
  let losses = 0;
  let gainsR = 0;
  let lossesR = 0;
  for (const { netPnl, tradeR } of trades) {
    if (tradeR > 0) wins++;
    if (netPnl > 0) gains += netPnl;
    else losses -= netPnl;
    if (tradeR > 0) gainsR += tradeR;
    else lossesR -= tradeR;
  }
  const sumR = gainsR - lossesR;
  const meanR = n > 0 ? sumR / n : null;
  let squares = 0;
  for (const { tradeR } of trades) squares += (tradeR - sumR / n) * (tradeR - sumR / n);
  const equity = equityStats({ ...result, riskPercent });
  return {
    trades: n,
    unfilled: result.unfilled.length,
    refused: Object.values(result.refusals).reduce((sum, count) => sum + count, 0),
    winRate: n > 0 ? wins / n : null,
    profitFactor: losses > 0 ? gains / losses : null,
    profitFactorLow: (gainsR + PRIOR_R) / (lossesR + PRIOR_R),
    meanR,
    meanRLow: meanR === null || n < 2 ? null : meanR - LOWER_Z * Math.sqrt(squares / (n - 1) / n),
    sumR,
    returnFraction: equity.returnFraction,
    maxDrawdown: equity.maxDrawdownFraction,
    sharpe: equity.sharpe ?? null,
  };
}
