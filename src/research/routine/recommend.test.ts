import { describe, expect, it } from 'vitest';
import { tradesOf } from '../../../backtests/metrics/testing/trade-fixture.ts';
import type { Assessment } from '../statistics/assess-trials.ts';
import type { WalkForward } from '../walk-forward/walk-forward.ts';
import { recommend } from './recommend.ts';

function walk(overrides: Partial<WalkForward>): WalkForward {
  return {
    trainDays: 90,
    testDays: 30,
    optimiser: 'test',
    slices: [],
    trialsRead: 0,
    trades: tradesOf(...new Array<number>(150).fill(0.1)),
    equity: [],
    dailyReturns: Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? -0.001 : 0.002)),
    returnFraction: 0,
    maxDrawdown: 0,
    profitFactor: 1.6,
    profitFactorInterval: undefined,
    meanR: 0.1,
    meanRInterval: { low: 0.05, high: 0.15 },
    stability: [],
    verdict: 'target met',
    why: [],
    ...overrides,
  };
}

const losing = walk({
  dailyReturns: Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? -0.002 : 0.001)),
  meanRInterval: { low: -0.2, high: -0.1 },
});
const good = { best: { deflated: 0.99 }, pbo: { pbo: 0.1 } } as Assessment;

describe('a recommendation', () => {
  it('is to change when every criterion holds', () => {
    const result = recommend({ walk: walk({}), live: losing, assessment: good, seed: 1 });
    expect(result.criteria.every(({ holds }) => holds)).toBe(true);
    expect(result.decision).toBe('change');
  });

  it.each<[string, Partial<WalkForward>, Assessment]>([
    ['too few trades', { verdict: 'INSUFFICIENT', why: ['40 trades'] }, good],
    ['a profit factor under 1.4', { profitFactor: 1.39 }, good],
    ['no profit factor', { profitFactor: undefined }, good],
    ['the same days as the live preset', { dailyReturns: losing.dailyReturns }, good],
    ['a best trial that may be luck', {}, { ...good, best: { deflated: 0.5 } } as Assessment],
    ['no deflated Sharpe ratio', {}, { ...good, best: undefined } as Assessment],
    ['overfitting', {}, { ...good, pbo: { pbo: 0.6 } } as Assessment],
  ])('keeps the live preset on %s alone', (_, change, assessment) => {
    const result = recommend({ walk: walk(change), live: losing, assessment, seed: 1 });
    expect(result.decision).toBe('keep');
    expect(result.criteria.filter(({ holds }) => !holds)).toHaveLength(1);
  });

  it('says that a live preset without an edge is not for money', () => {
    const kept = { walk: losing, assessment: good, seed: 1 };
    expect(recommend({ ...kept, live: losing }).text).toMatch(/not to be traded with money/);
    expect(recommend({ ...kept, live: walk({}) }).text).not.toMatch(/not to be traded/);
  });
});
