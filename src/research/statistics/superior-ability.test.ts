import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { Random } from '../../../data/simulated/random.ts';
import { autocovariances, automaticBlockLength, stationaryIndices } from './day-resampling.ts';
import { independentTrials } from './independent-trials.ts';
import { superiorAbility } from './superior-ability.ts';

function rows(options: { trials: number; days: number; seed: number; shift?: number[] }) {
  const random = new Random(options.seed, 7);
  return Array.from({ length: options.trials }, (_, k) =>
    Array.from({ length: options.days }, () => random.normal() + (options.shift?.[k] ?? 0)),
  );
}

function autoregressive(phi: number, n: number, seed: number): number[] {
  const random = new Random(seed, 3);
  let value = 0;
  return Array.from({ length: n }, () => {
    value = phi * value + random.normal();
    return value;
  });
}

describe('resampling of days', () => {
  it('makes blocks of the asked mean length on a circle', () => {
    const into = new Int32Array(200_000);
    stationaryIndices(into, { length: 100, blockLength: 8, random: mulberry32(1) });
    let breaks = 0;
    for (let i = 1; i < into.length; i++) if (into[i] !== (into[i - 1] + 1) % 100) breaks++;
    // A fresh start continues the block by chance once in a hundred.
    expect(into.length / breaks).toBeGreaterThan(7.8);
    expect(into.length / breaks).toBeLessThan(8.4);
    expect(Math.min(...into.subarray(0, 5_000))).toBe(0);
  });

  it('finds the best length of an AR(1) series, (2 phi / (1 - phi^2))^(2/3) n^(1/3)', () => {
    for (const phi of [0.3, 0.6]) {
      const n = 20_000;
      const exact = Math.cbrt(((2 * phi) / (1 - phi * phi)) ** 2 * n);
      const lengths = [1, 2, 3, 4, 5].map((seed) =>
        automaticBlockLength(autoregressive(phi, n, seed)),
      );
      const average = lengths.reduce((a, b) => a + b, 0) / lengths.length;
      expect(average / exact).toBeGreaterThan(0.85);
      expect(average / exact).toBeLessThan(1.15);
    }
  });

  it('takes single days where there is no memory, and for a constant', () => {
    expect(automaticBlockLength(autoregressive(0, 2_000, 1))).toBeLessThan(6);
    expect(automaticBlockLength([0, 0, 0, 0])).toBe(1);
  });

  it('knows autocovariances by their definition', () => {
    expect(autocovariances([1, 2, 3, 4], 2)).toEqual([1.25, 0.3125, -0.375]);
  });
});

describe('superior predictive ability', () => {
  it('of one trial is the one-sided test of its mean', () => {
    // 400 days of mean m and sd 1: p = P(Z > 20 m).
    const random = new Random(5, 1);
    const raw = Array.from({ length: 400 }, () => random.normal());
    const mean = raw.reduce((a, b) => a + b, 0) / 400;
    const sd = Math.sqrt(raw.reduce((a, b) => a + (b - mean) ** 2, 0) / 400);
    const row = raw.map((value) => (value - mean) / sd + 0.05);
    const test = superiorAbility([row], { seed: 1, resamples: 4_000, blockLength: 1 });
    expect(test.statistic).toBeCloseTo(1, 10);
    expect(Math.abs((test.pValue ?? 0) - 0.1587)).toBeLessThan(0.02);
    expect(Math.abs((test.pRealityCheck ?? 0) - 0.1587)).toBeLessThan(0.02);
  });

  it('of K independent trials is the test of their largest', () => {
    const zero = rows({ trials: 30, days: 250, seed: 2 }).map((row) => {
      const mean = row.reduce((a, b) => a + b, 0) / row.length;
      const sd = Math.sqrt(row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length);
      return row.map((value) => (value - mean) / sd);
    });
    // One is raised to z = 3: p = 1 - Phi(3)^30 = 0.0397.
    zero[4] = zero[4].map((value) => value + 3 / Math.sqrt(250));
    const test = superiorAbility(zero, { seed: 1, resamples: 4_000, blockLength: 1 });
    expect(test.best).toBe(4);
    expect(Math.abs((test.pValue ?? 0) - 0.0397)).toBeLessThan(0.015);
  });

  it('does not let very poor trials hide a good one', () => {
    const shift = [0.2, ...new Array<number>(40).fill(-2)];
    const test = superiorAbility(rows({ trials: 41, days: 200, seed: 3, shift }), { seed: 1 });
    expect(test.pValue ?? 1).toBeLessThan(test.pUpper ?? 0);
    expect(test.pLower ?? 1).toBeLessThanOrEqual(test.pValue ?? 0);
    expect(test.pValue).toBeLessThan(0.05);
  });

  it('drops trials with under 30 active days, and says nothing without any', () => {
    const idle = new Array<number>(200).fill(0);
    idle[3] = 5;
    const test = superiorAbility([idle, ...rows({ trials: 1, days: 200, seed: 1 })], { seed: 1 });
    expect([test.trials, test.dropped, test.best]).toEqual([1, 1, 1]);
    expect(superiorAbility([idle], { seed: 1 }).pValue).toBeUndefined();
  });

  it('gives 1 when no trial is above its benchmark', () => {
    const test = superiorAbility(
      rows({ trials: 5, days: 100, seed: 1, shift: new Array(5).fill(-1) }),
      {
        seed: 1,
      },
    );
    expect(test.pValue).toBe(1);
  });
});

describe('independent trials', () => {
  it('are the groups, not the copies', () => {
    const base = rows({ trials: 3, days: 300, seed: 9 });
    const random = new Random(1, 2);
    const copies = base.flatMap((row) =>
      Array.from({ length: 10 }, () => row.map((value) => value + 0.3 * random.normal())),
    );
    expect(independentTrials(copies)).toBe(3);
    expect(independentTrials(base)).toBe(3);
    expect(independentTrials([])).toBe(0);
  });
});
