import type { Random } from '../../../data/simulated/random.ts';
import type { SearchSpace } from '../space/search-space.ts';

/** One finished trial as a sampler sees it. */
export interface Told {
  unit: Float64Array;
  /** Smaller is better; infinite for a trial that failed. Ranks carry over, sizes need not. */
  loss: number;
  /** Part of the data it was tried on. */
  budget: number;
  batch: number;
  /** Place within its batch. */
  slot: number;
}

export interface Proposal {
  unit: Float64Array;
  /** Part of the data to try it on, 1 for all. */
  budget: number;
  /** A point that was tried before: not to be changed. */
  isRepeat: boolean;
}

/**
 * Proposes whole batches, so that results do not depend on how many workers try them. Everything it
 * knows comes from `begin`: the same history gives the same proposals, which is what makes a study
 * resumable.
 */
export interface Sampler {
  readonly name: string;
  /**
   * Batches that may still be under way when the next one is proposed: with one, workers never wait
   * for the slowest of a batch, and what is known at a proposal is fixed all the same.
   */
  readonly lag: number;
  /** Trials of this batch; undefined for the study's own size. */
  batchSize?(batch: number): number;
  /** Before each batch, in order: all trials up to `lag` batches before it. */
  begin(batch: number, history: readonly Told[]): void;
  /** A point for this place; called again when the last one was not allowed. */
  propose(slot: number, random: Random): Proposal;
}

export interface SamplerOptions {
  space: SearchSpace;
  seed: number;
  batchSize: number;
}

export function fresh(unit: Float64Array, budget = 1): Proposal {
  return { unit, budget, isRepeat: false };
}

export function drawUnit(dimensions: number, random: Random): Float64Array {
  const unit = new Float64Array(dimensions);
  for (let i = 0; i < dimensions; i++) unit[i] = random.uniform();
  return unit;
}
