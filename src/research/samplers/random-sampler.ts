import type { Random } from '../../../data/simulated/random.ts';
import { drawUnit, fresh, type Proposal, type Sampler, type SamplerOptions } from './sampler.ts';

/** Independent uniform points: the yardstick of the others, and a fixed design for the tests of overfitting. */
export class RandomSampler implements Sampler {
  readonly name = 'random';
  readonly lag = 1;
  declare private readonly dimensions: number;

  constructor(options: Pick<SamplerOptions, 'space'>) {
    this.dimensions = options.space.dimensions;
  }

  begin(): void {}

  propose(_slot: number, random: Random): Proposal {
    return fresh(drawUnit(this.dimensions, random));
  }
}
