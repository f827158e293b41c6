import { Random } from '../../../data/simulated/random.ts';
import { AppError } from '../../engine/error.ts';
import type { PointValues, SearchSpace } from '../space/search-space.ts';
import type { Proposal, Sampler, Told } from './sampler.ts';

export interface Candidate {
  unit: Float64Array;
  values: PointValues;
  budget: number;
  batch: number;
  slot: number;
}

/** Draws for one place before the space counts as impossible there. */
const RETRIES = 2_000;

/**
 * The points of one batch. Each place has random numbers of its own, by seed, batch and place alone.
 * With `variations` above one, so many neighbours share the settings that make signals and differ in
 * execution only: then signals are computed once for all of them.
 */
export function nextBatch(options: {
  space: SearchSpace;
  sampler: Sampler;
  history: readonly Told[];
  batch: number;
  size: number;
  variations: number;
  seed: number;
}): Candidate[] {
  const { space, sampler, history, batch, size, variations, seed } = options;
  sampler.begin(batch, history);
  const signalDimensions = variations > 1 ? space.signalDimensions : [];
  const out: Candidate[] = [];
  for (let slot = 0; slot < size; slot++) {
    const random = new Random(seed, 1 + batch * 4_096 + slot);
    const first = slot % variations === 0 ? undefined : out[slot - (slot % variations)];
    const redraw = () => {
      const proposal = sampler.propose(slot, random);
      if (first !== undefined && !proposal.isRepeat) {
        for (const i of signalDimensions) proposal.unit[i] = first.unit[i];
      }
      return proposal;
    };
    const { unit, budget, values } = allowed(space, redraw);
    out.push({ unit, values, budget, batch, slot });
  }
  return out;
}

function allowed(
  space: SearchSpace,
  draw: () => Proposal,
): Pick<Candidate, 'unit' | 'budget' | 'values'> {
  for (let i = 0; i < RETRIES; i++) {
    const { unit, budget } = draw();
    const values = space.decode(unit);
    if (space.isAllowed(values)) return { unit, budget, values };
  }
  throw new AppError(
    'RESEARCH_SPACE_IMPOSSIBLE',
    `${RETRIES} points in a row break the constraints of space "${space.declaration.name}"`,
    'widen the ranges or drop a constraint',
  );
}
