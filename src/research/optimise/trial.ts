import type { PointValues } from '../space/search-space.ts';

/** What is to be tried. Plain data: it crosses threads and machines. */
export interface TrialTask {
  number: number;
  values: PointValues;
  /** Part of the search span to run over, from its start; 1 for all of it. */
  budget: number;
}

/** Net of all costs, the hedge included. Plain data; null where there is no such figure. */
export interface TrialFigures {
  trades: number;
  unfilled: number;
  /** Plans that risk rules refused. */
  refused: number;
  winRate: number | null;
  /** Wins / |losses| in account currency; null without a loss. */
  profitFactor: number | null;
  /** (gains + 5 R) / (losses + 5 R): few trades cannot look good. */
  profitFactorLow: number;
  meanR: number | null;
  /** Lower 10 % bound of the mean: mean - 1.2816 sd / sqrt(trades). */
  meanRLow: number | null;
  sumR: number;
  returnFraction: number;
  /** Of marked equity. */
  maxDrawdown: number;
  /** Daily, yearly scale, zero days included. */
  sharpe: number | null;
}

/**
 * `pruned`: stopped because its drawdown had passed the limit. `noTrades`: nothing to judge.
 * `failed`: could not be run; `why` says so.
 */
export type TrialStatus = 'done' | 'pruned' | 'noTrades' | 'failed';

export interface TrialOutcome {
  number: number;
  status: TrialStatus;
  figures: TrialFigures | null;
  why?: string;
}

/** One line of the trial store. */
export interface TrialRecord extends TrialTask, TrialOutcome {
  batch: number;
  slot: number;
}
