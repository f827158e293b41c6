import { describe, expect, it } from 'vitest';
import { type Goal, isChoosable, lossesOf, objectivesOf, paretoFront } from './objective.ts';
import type { TrialFigures, TrialOutcome } from './trial.ts';

const GOAL: Goal = { objectives: ['profitFactor'], drawdownMax: 0.08, tradesMin: 100 };

function trial(number: number, figures: Partial<TrialFigures>, status = 'done'): TrialOutcome {
  return {
    number,
    status: status as TrialOutcome['status'],
    figures: {
      trades: 150,
      unfilled: 0,
      refused: 0,
      winRate: 0.5,
      profitFactor: 1.2,
      profitFactorLow: 1.1,
      meanR: 0.1,
      meanRLow: 0.02,
      sumR: 15,
      returnFraction: 0.1,
      maxDrawdown: 0.05,
      sharpe: 1,
      ...figures,
    },
  };
}

function order(trials: readonly TrialOutcome[], goal: Goal): number[] {
  const losses = lossesOf(trials, goal);
  return trials.map((_, i) => i).sort((a, b) => losses[a] - losses[b]);
}

describe('objective', () => {
  it('puts the allowed first by their value, then the others by how far they are off', () => {
    const trials = [
      trial(0, { profitFactorLow: 3, maxDrawdown: 0.12 }),
      trial(1, { profitFactorLow: 1.2 }),
      trial(2, { profitFactorLow: 9, trades: 10 }),
      trial(3, { profitFactorLow: 0.7 }),
      { number: 4, status: 'failed', figures: null, why: 'no' } as TrialOutcome,
    ];
    expect(order(trials, GOAL)).toEqual([1, 3, 0, 2, 4]);
    expect(lossesOf(trials, GOAL)[4]).toBe(Number.POSITIVE_INFINITY);
  });

  it('never chooses trials without trades, without a number, or that were pruned', () => {
    const none: Goal = { ...GOAL, tradesMin: 0 };
    expect(isChoosable(trial(0, { trades: 0, profitFactorLow: 1 }, 'noTrades'), none)).toBe(false);
    expect(isChoosable(trial(0, { profitFactorLow: Number.NaN }), none)).toBe(false);
    expect(isChoosable(trial(0, {}, 'pruned'), none)).toBe(false);
    const sharpe: Goal = { ...none, objectives: ['sharpe'] };
    expect(isChoosable(trial(0, { sharpe: null }), sharpe)).toBe(false);
    expect(isChoosable(trial(0, {}), sharpe)).toBe(true);
    expect(lossesOf([trial(0, { trades: 0 }, 'noTrades')], none)).toEqual([
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('knows a Pareto front, and ranks it first with its ends in front', () => {
    const goal: Goal = { ...GOAL, objectives: ['return', 'drawdown'] };
    const points = [
      [0.1, 0.01],
      [0.2, 0.02],
      [0.15, 0.03],
      [0.3, 0.05],
      [0.05, 0.06],
      [0.9, 0.5],
    ];
    const trials = points.map(([returnFraction, maxDrawdown], i) =>
      trial(i, { returnFraction, maxDrawdown }),
    );
    expect(paretoFront(trials, goal)).toEqual([0, 1, 3]);
    const ranked = order(trials, goal);
    expect(ranked.slice(0, 3).sort()).toEqual([0, 1, 3]);
    expect(ranked[2]).toBe(1);
    expect(ranked[5]).toBe(5);
  });

  it('helps with mistyped names', () => {
    expect(objectivesOf('sharpe, return')).toEqual(['sharpe', 'return']);
    expect(() => objectivesOf('profitfactr')).toThrow('unknown objective');
  });
});
