import { maxDrawdown } from '../../../backtests/metrics/equity-stats.ts';
import type { BacktestResult } from '../../../backtests/run-options.ts';
import { profitFactor } from '../statistics/profit-factor.ts';

/** What one run of a stress comes down to. */
export interface RunFigures {
  trades: number;
  returnFraction: number;
  maxDrawdown: number;
  meanR: number | undefined;
  worstR: number | undefined;
  profitFactor: number | undefined;
  liquidations: number;
}

export function runFigures(result: BacktestResult): RunFigures {
  const rs = result.trades.map((trade) => trade.tradeR);
  return {
    trades: rs.length,
    returnFraction: result.endEquity / result.startEquity - 1,
    maxDrawdown: maxDrawdown(result.equity).fraction,
    meanR: rs.length > 0 ? rs.reduce((total, r) => total + r, 0) / rs.length : undefined,
    worstR: rs.length > 0 ? Math.min(...rs) : undefined,
    profitFactor: profitFactor(rs),
    liquidations: result.liquidations,
  };
}
