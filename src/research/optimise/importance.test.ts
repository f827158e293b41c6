import { describe, expect, it } from 'vitest';
import { Random } from '../../../data/simulated/random.ts';
import { SearchSpace } from '../space/search-space.ts';
import { importances, ranksOf } from './importance.ts';
import type { Goal } from './objective.ts';
import type { TrialRecord } from './trial.ts';

const GOAL: Goal = { objectives: ['return'], drawdownMax: 1, tradesMin: 0 };
const SPACE = new SearchSpace(
  {
    name: 'test',
    note: '',
    preset: '',
    parameters: [
      { path: 'much', kind: 'float', low: 0, high: 1 },
      { path: 'some', kind: 'choice', choices: ['a', 'b', 'c'] },
      { path: 'none', kind: 'float', low: 0, high: 1 },
      { path: 'rare', kind: 'int', low: 1, high: 9, when: { path: 'some', in: ['c'] } },
    ],
  },
  {},
);

function trials(count: number): TrialRecord[] {
  const random = new Random(4, 0);
  return Array.from({ length: count }, (_, number) => {
    const unit = Array.from({ length: 4 }, () => random.uniform());
    const values = SPACE.decode(unit);
    const value = 4 * Number(values.much) + (values.some === 'b' ? 1 : 0) + 0.3 * random.normal();
    return {
      ...{ number, values, budget: 1, batch: 0, slot: number, status: 'done' as const },
      figures: {
        ...{ trades: 50, unfilled: 0, refused: 0, winRate: 0.5, profitFactor: 1 },
        ...{ profitFactorLow: 1, meanR: 0, meanRLow: 0, sumR: 0, sharpe: 0 },
        ...{ returnFraction: value, maxDrawdown: 0.1 },
      },
    };
  });
}

describe('importance', () => {
  it('is large for what matters, small for what matters less, zero for noise', () => {
    const found = importances(SPACE, trials(600), GOAL);
    const share = (path: string) => found.find((each) => each.path === path)?.share ?? -1;
    expect(found.map(({ path }) => path).slice(0, 2)).toEqual(['much', 'some']);
    expect(share('much')).toBeGreaterThan(0.7);
    expect(share('some')).toBeGreaterThan(0.02);
    expect(share('some')).toBeLessThan(0.2);
    expect(share('none')).toBeLessThan(0.02);
    expect(share('rare')).toBeLessThan(0.05);
    expect(found.find(({ path }) => path === 'rare')?.trials).toBeLessThan(250);
  });

  it('says nothing of a handful of trials', () => {
    expect(importances(SPACE, trials(19), GOAL)).toEqual([]);
  });

  it('shares places among equal values', () => {
    expect(ranksOf([5, 1, 1, 9, 7])).toEqual([0.5, 0.125, 0.125, 1, 0.75]);
  });
});
