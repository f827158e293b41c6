import { describe, expect, it } from 'vitest';
import { Random } from '../../../data/simulated/random.ts';
import type { DaySeries } from './day-series.ts';
import { backtestOverfitting, splits } from './pbo.ts';

function series(r: number[], tradesADay = 5): DaySeries {
  return { startMs: 0, r, trades: r.map(() => tradesADay) };
}

function noise(options: { trials: number; days: number; seed: number; edge?: number }) {
  const random = new Random(options.seed, 0);
  return Array.from({ length: options.trials }, (_, k) =>
    series(
      Array.from(
        { length: options.days },
        () => random.normal() + (k === 0 ? (options.edge ?? 0) : 0),
      ),
    ),
  );
}

/** The definition, slowly: slices, sorting, no sums kept. */
function bruteForce(
  trials: readonly DaySeries[],
  { blocks, embargoDays }: { blocks: number; embargoDays: number },
): { pbo: number; loss: number } {
  const days = trials[0].r.length;
  const blockOf = (day: number) =>
    Array.from({ length: blocks }, (_, b) => b).findLast(
      (b) => day >= Math.floor((b * days) / blocks),
    ) as number;
  const score = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    return mean / Math.sqrt(variance);
  };
  const takes = (day: number, chosen: number[], isInside: boolean) => {
    if (chosen.includes(blockOf(day)) !== isInside) return false;
    const before = blockOf(day) - 1;
    const isFresh = blockOf(Math.max(0, day - embargoDays)) !== blockOf(day);
    return !(isFresh && before >= 0 && chosen.includes(before) !== isInside);
  };
  let below = 0;
  let lost = 0;
  let count = 0;
  const choose = (from: number, chosen: number[]): void => {
    if (chosen.length === blocks / 2) {
      const half = (isInside: boolean) =>
        trials.map(({ r }) => score(r.filter((_, d) => takes(d, chosen, isInside))));
      const [inside, outside] = [half(true), half(false)];
      const best = inside.indexOf(Math.max(...inside));
      const place = [...outside].sort((a, b) => a - b).indexOf(outside[best]) + 1;
      const rank = place / (trials.length + 1);
      below += rank < 0.5 ? 1 : rank === 0.5 ? 0.5 : 0;
      lost += outside[best] < 0 ? 1 : 0;
      count++;
      return;
    }
    for (let b = from; b < blocks; b++) choose(b + 1, [...chosen, b]);
  };
  choose(0, []);
  return { pbo: below / count, loss: lost / count };
}

describe('probability of backtest overfitting', () => {
  it('agrees with the definition written out', () => {
    for (const embargoDays of [0, 1, 3]) {
      const trials = noise({ trials: 9, days: 61, seed: embargoDays });
      const slow = bruteForce(trials, { blocks: 6, embargoDays });
      const fast = backtestOverfitting(trials, { blocks: 6, embargoDays });
      expect(fast.pbo).toBeCloseTo(slow.pbo, 12);
      expect(fast.lossProbability).toBeCloseTo(slow.loss, 12);
    }
  });

  it('has 252 splits of ten blocks, each with its mirror', () => {
    const all = splits(10);
    expect(all).toHaveLength(252);
    expect(new Set(all.map(String)).size).toBe(252);
  });

  it('is one half on average for noise and near zero for one trial that is better', () => {
    const pbos = Array.from(
      { length: 30 },
      (_, seed) => backtestOverfitting(noise({ trials: 20, days: 120, seed })).pbo ?? Number.NaN,
    );
    const average = pbos.reduce((a, b) => a + b, 0) / pbos.length;
    expect(Math.abs(average - 0.5)).toBeLessThan(0.12);
    const edge = backtestOverfitting(noise({ trials: 20, days: 200, seed: 4, edge: 0.8 }));
    expect(edge.pbo).toBeLessThan(0.02);
    expect(edge.lossProbability).toBeLessThan(0.02);
    expect(edge.medianLogit).toBeGreaterThan(2);
  });

  it('is one for a trial that wins first and loses later, and another the other way round', () => {
    const wave = (sign: number) =>
      series(Array.from({ length: 100 }, (_, d) => sign * (d < 50 ? 1 : -1) + 0.01 * (d % 3)));
    const result = backtestOverfitting([wave(1), wave(-1)], { blocks: 2, embargoDays: 0 });
    expect(result.pbo).toBe(1);
    expect(result.lossProbability).toBe(1);
  });

  it('counts equal trials as the middle', () => {
    const [one] = noise({ trials: 1, days: 60, seed: 8 });
    expect(backtestOverfitting([one, one, one]).pbo).toBeCloseTo(0.5, 12);
  });

  it('leaves out and counts trials with too few trades in a half', () => {
    const trials = [...noise({ trials: 4, days: 60, seed: 1 }), series(new Array(60).fill(9), 0)];
    const result = backtestOverfitting(trials);
    expect(result.excludedShare).toBeCloseTo(0.2, 12);
    expect(backtestOverfitting(trials.map(({ r }) => series(r, 0))).pbo).toBeUndefined();
  });

  it('refuses days that do not fill the blocks', () => {
    expect(() => backtestOverfitting([series([1, 2, 3])])).toThrow(/3 days do not fill 10 blocks/);
  });
});
