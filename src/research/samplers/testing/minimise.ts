import type { SearchParameter } from '../../../../strategy/search-space.ts';
import { SearchSpace } from '../../space/search-space.ts';
import { makeSampler, type SamplerName } from '../make-sampler.ts';
import { nextBatch } from '../next-batch.ts';
import type { Told } from '../sampler.ts';

/** A function of the unit cube with a known minimum of 0. */
export type TestFunction = (unit: ArrayLike<number>) => number;

/** sum 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2 over [-5, 10]: a bent valley. */
export function rosenbrock(unit: ArrayLike<number>): number {
  const x = Array.from(unit, (u) => -5 + 15 * u);
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    sum += 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2;
  }
  return sum;
}

/** 10 n + sum x^2 - 10 cos(2 pi x) over [-5.12, 5.12]: an egg box. */
export function rastrigin(unit: ArrayLike<number>): number {
  const x = Array.from(unit, (u) => -5.12 + 10.24 * u);
  return x.reduce((sum, v) => sum + v * v - 10 * Math.cos(2 * Math.PI * v) + 10, 0);
}

export function sphere(unit: ArrayLike<number>): number {
  return Array.from(unit).reduce((sum, u) => sum + (u - 0.3) ** 2, 0);
}

export function cube(dimensions: number): SearchSpace {
  const parameters: SearchParameter[] = Array.from({ length: dimensions }, (_, i) => ({
    path: `x${i}`,
    kind: 'float',
    low: 0,
    high: 1,
  }));
  return new SearchSpace({ name: 'cube', note: '', preset: '', parameters }, {});
}

/** The least value found in so many trials. */
export function minimise(options: {
  of: (unit: Float64Array, space: SearchSpace) => number;
  space: SearchSpace;
  sampler: SamplerName;
  trials: number;
  seed: number;
  batchSize?: number;
}): { least: number; history: Told[] } {
  const { of, space, trials, seed, batchSize = 8 } = options;
  const sampler = makeSampler(options.sampler, { space, seed, batchSize });
  const history: Told[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (let batch = 0; history.length < trials; batch++) {
    const wanted = sampler.batchSize?.(batch) ?? batchSize;
    const size = Math.min(wanted, trials - history.length);
    const known = history.filter((told) => told.batch < batch - sampler.lag);
    const common = { space, sampler, batch, size, variations: 1, seed };
    const candidates = nextBatch({ ...common, history: known });
    for (const { unit, budget, slot } of candidates) {
      const loss = of(unit, space);
      if (budget === 1) least = Math.min(least, loss);
      history.push({ unit, loss, budget, batch, slot });
    }
  }
  return { least, history };
}

export function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
