import { maxDrawdown } from '../../../backtests/metrics/equity-stats.ts';
import { TRADES_SUFFICIENT } from '../../../backtests/metrics/trade-stats.ts';
import { AppError } from '../../engine/error.ts';
import type { TradeRecord } from '../../engine/trade-record.ts';
import { profitFactor, shrunkProfitFactor } from '../statistics/profit-factor.ts';
import type { DesignTrial, TrialDesign } from './trial-design.ts';

/** Part of bars that a choice may look at, ms. */
export interface TrainWindow {
  fromMs: number;
  toMs: number;
}

export interface WindowChoice {
  /** Best settings; undefined when no trial had enough trades to be judged. */
  sets: readonly string[] | undefined;
  /** Trials looked at for this choice. */
  trials: number;
  /** Those with enough trades in the window. */
  judged: number;
  /** Whether the chosen one kept its drawdown under the limit. */
  isFeasible: boolean;
  /** Lower-bound profit factor of the choice. */
  score: number | undefined;
  trades: number;
  profitFactor: number | undefined;
  meanR: number | undefined;
}

/** "Optimise on a window": whatever searches, it may look at this window alone. */
export interface WindowOptimiser {
  readonly name: string;
  best(window: TrainWindow): Promise<WindowChoice>;
}

/** Largest drawdown that the objective allows, as a fraction of equity. */
const DRAWDOWN_LIMIT = 0.08;

/** Chooses from a fixed design that was run once: each window reads its own trades. */
export class DesignOptimiser implements WindowOptimiser {
  readonly name = 'fixed random design';
  declare private readonly design: TrialDesign;
  declare private readonly tradesMin: number;

  constructor(design: TrialDesign, options: { tradesMin?: number } = {}) {
    this.design = design;
    this.tradesMin = options.tradesMin ?? TRADES_SUFFICIENT;
  }

  async best(window: TrainWindow): Promise<WindowChoice> {
    const { trials } = this.design;
    const judged = trials
      .map((trial) => judge(trial, window, this.design.riskPercent))
      .filter((each) => each.trades >= this.tradesMin);
    const chosen = judged.reduce<Judged | undefined>(
      (best, each) => (best === undefined || isBetter(each, best) ? each : best),
      undefined,
    );
    return {
      sets: chosen?.sets,
      trials: trials.length,
      judged: judged.length,
      isFeasible: chosen?.isFeasible ?? false,
      score: chosen?.score,
      trades: chosen?.trades ?? Math.max(...trials.map((trial) => tradesIn(trial, window).length)),
      profitFactor: chosen?.profitFactor,
      meanR: chosen?.meanR,
    };
  }
}

/**
 * Trades decided and closed inside: one still open at the boundary knows what lies behind it and is
 * purged.
 */
export function tradesIn(trial: Pick<DesignTrial, 'trades'>, window: TrainWindow): TradeRecord[] {
  return trial.trades.filter(
    (trade) => trade.decidedMs >= window.fromMs && trade.closedMs <= window.toMs,
  );
}

interface Judged {
  sets: readonly string[];
  isFeasible: boolean;
  score: number;
  drawdown: number;
  trades: number;
  profitFactor: number | undefined;
  meanR: number;
}

/** @throws AppError RESEARCH_OBJECTIVE when a trial's result is no number */
function judge(trial: DesignTrial, window: TrainWindow, riskPercent: number): Judged {
  const rs = tradesIn(trial, window).map((trade) => trade.tradeR);
  const score = shrunkProfitFactor(rs);
  if (!Number.isFinite(score)) {
    throw new AppError(
      'RESEARCH_OBJECTIVE',
      `the objective is ${score} for ${trial.sets.join(' ') || 'the preset itself'}`,
      'a trade without a finite R: look at it with qcm backtest and the same --set',
    );
  }
  const drawdown = maxDrawdown(compound(rs, riskPercent)).fraction;
  return {
    sets: trial.sets,
    isFeasible: drawdown < DRAWDOWN_LIMIT,
    score,
    drawdown,
    trades: rs.length,
    profitFactor: profitFactor(rs),
    meanR: rs.reduce((total, r) => total + r, 0) / Math.max(1, rs.length),
  };
}

/** Feasible before not; among the infeasible the smaller drawdown; else the score. */
function isBetter(a: Judged, b: Judged): boolean {
  if (a.isFeasible !== b.isFeasible) return a.isFeasible;
  return a.isFeasible ? a.score > b.score : a.drawdown < b.drawdown;
}

function compound(rs: readonly number[], riskPercent: number) {
  let equity = 1;
  const points = [{ atMs: 0, equity }];
  for (const r of rs) {
    equity *= 1 + (riskPercent / 100) * r;
    points.push({ atMs: 0, equity });
  }
  return points;
}
