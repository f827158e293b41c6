import type { BacktestResult } from '../run-options.ts';
import { mean, sum } from './trade-stats.ts';

/** Approved signals without a fill, and what taking them at market would have made. */
export interface NotFilled {
  signals: number;
  /** Of those, the ones that the run at market did trade. */
  matched: number;
  wins: number;
  sumR: number;
  meanR: number | undefined;
}

/**
 * Pairs the unfilled signals of a run, by the moment of their decision, with the trades of the same
 * run entered by taker orders. Signals that the other run did not trade (another trade was open,
 * a rule refused at its equity) stay unmatched.
 */
export function notFilledWhatIf(base: BacktestResult, atMarket: BacktestResult): NotFilled {
  const wanted = new Set(base.unfilled.map((trade) => trade.decidedMs));
  const rs = atMarket.trades
    .filter((trade) => wanted.has(trade.decidedMs))
    .map((trade) => trade.tradeR);
  return {
    signals: base.unfilled.length,
    matched: rs.length,
    wins: rs.filter((r) => r > 0).length,
    sumR: sum(rs),
    meanR: mean(rs),
  };
}
