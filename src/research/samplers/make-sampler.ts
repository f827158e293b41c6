import { DifferentialEvolutionSampler } from './de-sampler.ts';
import { HalvingSampler } from './halving-sampler.ts';
import { RandomSampler } from './random-sampler.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';
import { SobolSampler } from './sobol-sampler.ts';
import { TpeSampler } from './tpe-sampler.ts';

export const SAMPLERS = {
  tpe: 'tree-structured Parzen estimator: learns from the best tenth; best under some 300 trials',
  de: 'differential evolution: a population that moves; best from some 300 trials',
  sobol: 'even cover of the space; a fixed design for tests of overfitting',
  random: 'independent points; the yardstick',
  halving: 'successive halving: many points on a ninth of the data, the best on more',
} as const;

export type SamplerName = keyof typeof SAMPLERS;

export function makeSampler(name: SamplerName, options: SamplerOptions): Sampler {
  switch (name) {
    case 'tpe':
      return new TpeSampler(options);
    case 'de':
      return new DifferentialEvolutionSampler(options);
    case 'sobol':
      return new SobolSampler(options);
    case 'random':
      return new RandomSampler(options);
    case 'halving':
      return new HalvingSampler(options);
  }
}
