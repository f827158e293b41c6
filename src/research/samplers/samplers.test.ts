import { describe, expect, it } from 'vitest';
import type { SearchParameter } from '../../../strategy/search-space.ts';
import { SearchSpace } from '../space/search-space.ts';
import { makeSampler, type SamplerName } from './make-sampler.ts';
import { nextBatch } from './next-batch.ts';
import { cube, medianOf, minimise, rastrigin, rosenbrock, sphere } from './testing/minimise.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7];

function median(sampler: SamplerName, of: typeof rosenbrock, trials: number): number {
  const space = cube(8);
  return medianOf(SEEDS.map((seed) => minimise({ of, space, sampler, trials, seed }).least));
}

describe('samplers that learn, against random search, medians over 7 seeds in 8 dimensions', () => {
  it('TPE halves what random search leaves after 100 trials, and more on the sphere', () => {
    expect(median('tpe', rosenbrock, 100)).toBeLessThan(0.5 * median('random', rosenbrock, 100));
    expect(median('tpe', rastrigin, 100)).toBeLessThan(median('random', rastrigin, 100));
    expect(median('tpe', sphere, 100)).toBeLessThan(0.4 * median('random', sphere, 100));
  });

  it('differential evolution does so after 300', () => {
    expect(median('de', rosenbrock, 300)).toBeLessThan(0.2 * median('random', rosenbrock, 300));
    expect(median('de', rastrigin, 300)).toBeLessThan(0.75 * median('random', rastrigin, 300));
    expect(median('de', sphere, 300)).toBeLessThan(0.2 * median('random', sphere, 300));
  });

  it('TPE finds choices and their conditional numbers', () => {
    const space = new SearchSpace(MIXED, {});
    const least = (sampler: SamplerName) =>
      medianOf(
        SEEDS.map((seed) => minimise({ of: mixed, space, sampler, trials: 100, seed }).least),
      );
    expect(least('tpe')).toBeLessThan(0.5 * least('random'));
  });

  it('learns from the others when trials fail', () => {
    const of = (unit: ArrayLike<number>) =>
      unit[0] > 0.5 ? Number.POSITIVE_INFINITY : rosenbrock(unit);
    const { history } = minimise({ of, space: cube(4), sampler: 'tpe', trials: 120, seed: 1 });
    const failed = (from: number) =>
      history.slice(from, from + 40).filter(({ loss }) => loss === Number.POSITIVE_INFINITY);
    expect(failed(80).length).toBeLessThan(failed(0).length / 2);
  });
});

const MIXED = {
  name: 'mixed',
  note: '',
  preset: '',
  parameters: [
    { path: 'kind', kind: 'choice', choices: ['a', 'b', 'c', 'd', 'e'] },
    { path: 'other', kind: 'choice', choices: [1, 2, 3, 4] },
    { path: 'depth', kind: 'float', low: 0, high: 1, when: { path: 'kind', in: ['d'] } },
    { path: 'noise', kind: 'float', low: 0, high: 1 },
  ] satisfies SearchParameter[],
};

/** Least where kind is d, other is 2, depth 0.77 and noise 0.2. */
function mixed(unit: ArrayLike<number>, space: SearchSpace): number {
  const { kind, other, depth = 2, noise } = space.decode(unit) as Record<string, number | string>;
  const wrong = (kind === 'd' ? 0 : 1) + (other === 2 ? 0 : 0.5);
  return wrong + Math.abs(Number(depth) - 0.77) + 0.3 * Math.abs(Number(noise) - 0.2);
}

describe('a batch', () => {
  const options = { space: cube(5), seed: 3, batchSize: 8 };

  it('comes out the same for the same history, for every sampler', () => {
    for (const name of ['random', 'sobol', 'tpe', 'de', 'halving'] as const) {
      const run = () =>
        minimise({ of: sphere, space: cube(5), sampler: name, trials: 60, seed: 4 });
      expect(run().history.map(({ unit }) => [...unit])).toEqual(
        run().history.map(({ unit }) => [...unit]),
      );
    }
  });

  it('shares the settings that make signals among its variations', () => {
    const parameters: SearchParameter[] = [
      { path: 'a', kind: 'float', low: 0, high: 1 },
      { path: 'b', kind: 'float', low: 0, high: 1, executionOnly: true },
      { path: 'c', kind: 'float', low: 0, high: 1 },
    ];
    const space = new SearchSpace({ name: 's', note: '', preset: '', parameters }, {});
    const sampler = makeSampler('random', { ...options, space });
    const batch = nextBatch({
      ...options,
      space,
      sampler,
      history: [],
      batch: 0,
      size: 8,
      variations: 4,
    });
    const keys = batch.map(({ values }) => `${values.a} ${values.c}`);
    expect(new Set(keys).size).toBe(2);
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(new Set(batch.map(({ values }) => values.b)).size).toBe(8);
  });

  it('is refused where the constraints leave nothing', () => {
    const space = new SearchSpace(
      {
        name: 'none',
        note: '',
        preset: '',
        parameters: [{ path: 'a', kind: 'float', low: 0, high: 1 }],
        constraints: [{ left: 'a', is: '>', right: 2 }],
      },
      {},
    );
    const sampler = makeSampler('random', { ...options, space });
    const ask = () =>
      nextBatch({ ...options, space, sampler, history: [], batch: 0, size: 1, variations: 1 });
    expect(ask).toThrow(/break the constraints of space "none"/);
    expect(() => space.checkPossible()).toThrow(/no point of space "none"/);
  });
});

describe('successive halving', () => {
  it('takes the best third of each rung to three times the data', () => {
    const { history } = minimise({
      of: sphere,
      space: cube(3),
      sampler: 'halving',
      trials: 39,
      seed: 2,
    });
    const rungs = [0, 1, 2].map((batch) => history.filter((told) => told.batch === batch));
    expect(rungs.map((rung) => rung.length)).toEqual([27, 9, 3]);
    expect(rungs.map((rung) => rung[0].budget)).toEqual([1 / 9, 1 / 3, 1]);
    const best = (rung: typeof history, count: number) =>
      rung
        .map(({ loss }) => loss)
        .sort((a, b) => a - b)
        .slice(0, count);
    expect(best(rungs[1], 9)).toEqual(best(rungs[0], 9));
    expect(best(rungs[2], 3)).toEqual(best(rungs[0], 3));
  });
});
