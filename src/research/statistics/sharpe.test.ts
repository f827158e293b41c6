import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from './normal.ts';
import {
  deflatedSharpe,
  expectedMaximumSharpe,
  minimumTrackRecord,
  probabilisticSharpe,
  sharpeSample,
} from './sharpe.ts';

describe('the normal law', () => {
  it('agrees with printed tables', () => {
    for (const [x, value] of [
      [0, 0.5],
      [1, 0.841_344_746_068_542_9],
      [-1.959_963_984_540_054, 0.025],
      [3, 0.998_650_101_968_369_9],
      [-6, 9.865_876_450_376_981e-10],
      [-10, 7.619_853_024_160_525e-24],
    ] as const) {
      expect(normalCdf(x) / value).toBeCloseTo(1, 12);
    }
  });

  it('is inverted by its quantile, far tails included', () => {
    for (const p of [1e-12, 1e-4, 0.025, 0.3, 0.5, 0.9, 0.999_9]) {
      expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 10);
    }
    expect(normalQuantile(0.95)).toBeCloseTo(1.644_853_626_951_472_2, 12);
    expect(() => normalQuantile(1)).toThrow(RangeError);
  });
});

describe('Sharpe ratios of Bailey and Lopez de Prado (2012)', () => {
  // 24 months with a monthly ratio of 0.458 (1.59 a year).
  const fund = { observations: 24, sharpe: 0.458, skewness: 0, kurtosis: 3 };

  it('give the fund of the paper 0.982 if normal, 0.913 with its skewness and kurtosis', () => {
    expect(probabilisticSharpe(fund, 0)).toBeCloseTo(0.982, 3);
    const skewed = { ...fund, skewness: -2.448, kurtosis: 10.164 };
    expect(probabilisticSharpe(skewed, 0)).toBeCloseTo(0.913, 3);
  });

  it('need 2.73 years of days, 2.83 of weeks, 3.24 of months to tell a 2 from a 1', () => {
    for (const [aYear, years] of [
      [252, 2.73],
      [52, 2.83],
      [12, 3.24],
    ]) {
      const sample = { observations: 0, sharpe: 2 / Math.sqrt(aYear), skewness: 0, kurtosis: 3 };
      const options = { benchmark: 1 / Math.sqrt(aYear), confidence: 0.95 };
      expect(Number(minimumTrackRecord(sample, options)) / aYear).toBeCloseTo(years, 2);
    }
  });

  it('never suffice below the benchmark', () => {
    expect(minimumTrackRecord(fund, { benchmark: fund.sharpe, confidence: 0.95 })).toBe('never');
  });

  it('reach the confidence exactly at the minimum track record', () => {
    const skewed = { ...fund, skewness: -1, kurtosis: 7 };
    const needed = Number(minimumTrackRecord(skewed, { benchmark: 0.1, confidence: 0.95 }));
    expect(probabilisticSharpe({ ...skewed, observations: needed }, 0.1)).toBeCloseTo(0.95, 10);
  });
});

describe('deflated Sharpe ratio of Bailey and Lopez de Prado (2014)', () => {
  // Yearly Sharpe 2.5 over 1,250 days of 250 a year; variance between trials 1/2 a year.
  const sample = { observations: 1_250, sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10 };
  const variance = 0.5 / 250;

  it('expects 0.1132 a day from the best of 100 worthless trials', () => {
    expect(expectedMaximumSharpe({ variance, trials: 100 })).toBeCloseTo(0.1132, 4);
  });

  it('is 0.9004 after 100 trials and 0.9505 after 46', () => {
    expect(deflatedSharpe(sample, { variance, trials: 100 })).toBeCloseTo(0.9004, 4);
    expect(deflatedSharpe(sample, { variance, trials: 46 })).toBeCloseTo(0.9505, 4);
  });

  it('is the probabilistic ratio after a single trial', () => {
    expect(deflatedSharpe(sample, { variance, trials: 1 })).toBe(probabilisticSharpe(sample, 0));
  });

  it('expects about what the best of many normal draws really is', () => {
    // Mean of the largest of 10 standard normals: 1.53875 (Teichroew 1956).
    expect(expectedMaximumSharpe({ variance: 1, trials: 10 })).toBeCloseTo(1.538_75, 1);
  });
});

describe('moments of a series', () => {
  it('are those of the definition', () => {
    // 0, 0, 0, 4: mean 1, central moments 3, 6, 21.
    const sample = sharpeSample([0, 0, 0, 4]);
    expect(sample?.sharpe).toBeCloseTo(0.5, 12);
    expect(sample?.skewness).toBeCloseTo(6 / 3 ** 1.5, 12);
    expect(sample?.kurtosis).toBeCloseTo(21 / 9, 12);
  });

  it('do not exist for a series that never moves', () => {
    expect(sharpeSample([0.1, 0.1, 0.1, 0.1])).toBeUndefined();
    expect(sharpeSample([1, 2])).toBeUndefined();
  });
});
