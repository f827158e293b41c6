import { describe, expect, it } from 'vitest';
import type { Assessment } from '../statistics/assess-trials.ts';
import { type OutOfSampleRow, outOfSampleDocument, type WalkFigures } from './out-of-sample.ts';
import { toMarkdown } from './research-document.ts';

function walk(overrides: Partial<WalkFigures>): WalkFigures {
  return {
    trainDays: 90,
    testDays: 30,
    optimiser: 'test',
    slices: [],
    trialsRead: 0,
    trades: 150,
    returnFraction: -0.1,
    maxDrawdown: 0.12,
    profitFactor: 0.5,
    profitFactorInterval: { low: 0.3, high: 0.8 },
    meanR: -0.2,
    meanRInterval: { low: -0.3, high: -0.1 },
    stability: [],
    verdict: 'target missed',
    why: [],
    ...overrides,
  };
}

function row(walks: WalkFigures[], pValue: number): OutOfSampleRow {
  const superior = { pValue, trials: 9, dropped: 1 };
  const assessment = { trials: 10, independent: 3, everLookedAt: 40, superior } as Assessment;
  const entries = {
    trades: 80,
    meanR: -0.1,
    nulls: [1, 2],
    nullMeanR: 0,
    nullTrades: 70,
    pValue: 0.3,
  };
  return {
    set: 'spot/3m',
    preset: 'sequence',
    days: 243,
    walks,
    refused: [{ trainDays: 300, testDays: 30, reason: 'too long' }],
    assessment,
    entries,
    tags: undefined,
  };
}

const study = (rows: OutOfSampleRow[]) =>
  toMarkdown(
    outOfSampleDocument({ command: 'qcm x', codeVersion: '1', trials: 10, seed: 1, rows }),
    { level: 2 },
  );

describe('the out-of-sample section', () => {
  it('says plainly that it loses', () => {
    const text = study([row([walk({}), walk({ trades: 3, verdict: 'INSUFFICIENT' })], 0.9)]);
    expect(text).toContain('**No walk-forward reached a profit factor of 1.4 out of sample.**');
    expect(text).toContain('2 of 2 walk-forwards lost money after costs (-10.0 % to -10.0 %)');
    // The one of three trades has no say in it.
    expect(text).toContain('Of the 1 with 100 trades or more');
    expect(text).toContain('1 are INSUFFICIENT');
    expect(text).toContain('In no data set is the best of all trials better than luck');
    expect(text).toContain('10 trials were spent here');
  });

  it('names what met the target and what is better than luck', () => {
    const good = walk({ returnFraction: 0.1, verdict: 'target met', profitFactor: 1.5 });
    const text = study([row([good], 0.01)]);
    expect(text).toContain('The target was met by sequence on spot/3m (90 d / 30 d).');
    expect(text).toContain('Better than luck at 5 % (SPA): sequence on spot/3m.');
  });

  it('keeps windows that do not fit as rows, and few trades as INSUFFICIENT', () => {
    const text = study([row([walk({})], 0.9)]);
    expect(text).toContain('| 300 d / 30 d | 0 |');
    expect(text).toContain('INSUFFICIENT: 243 days are too few');
    expect(text).toContain('0.300 (INSUFFICIENT)');
  });
});
