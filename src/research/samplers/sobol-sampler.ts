import { fresh, type Proposal, type Sampler, type SamplerOptions } from './sampler.ts';
import { SobolSequence } from './sobol-sequence.ts';

/** Points that fill the cube evenly: better than random where few trials can be paid. */
export class SobolSampler implements Sampler {
  readonly name = 'sobol';
  readonly lag = 1;
  declare private readonly sequence: SobolSequence;

  constructor(options: Pick<SamplerOptions, 'space' | 'seed'>) {
    this.sequence = new SobolSequence({ dimensions: options.space.dimensions, seed: options.seed });
  }

  begin(): void {}

  propose(): Proposal {
    return fresh(this.sequence.next());
  }
}
