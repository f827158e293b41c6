import type { Random } from '../../../data/simulated/random.ts';
import {
  drawUnit,
  fresh,
  type Proposal,
  type Sampler,
  type SamplerOptions,
  type Told,
} from './sampler.ts';
import { SobolSequence } from './sobol-sequence.ts';

const POPULATION_MIN = 20;
/** Share of the population from which a leader is taken. */
const LEADERS = 0.2;

/**
 * Differential evolution (Storn and Price 1997) with the mutation current-to-pbest/1 and binomial
 * crossover of JADE (Zhang and Sanderson 2009): each member moves towards one of the best and along
 * a difference of two others, and is replaced when the moved one is no worse. Factors are drawn
 * anew each time. Batches walk through the population in turn.
 */
export class DifferentialEvolutionSampler implements Sampler {
  readonly name = 'de';
  readonly lag = 1;
  declare private readonly dimensions: number;
  declare private readonly size: number;
  declare private readonly sobol: SobolSequence;
  declare private readonly batchLength: number;
  /** Per member the index of its trial in the history; -1 until tried. */
  declare private readonly members: Int32Array;
  private history: readonly Told[] = [];
  private taken = 0;
  private ranked: number[] = [];
  private batch = 0;

  constructor(options: SamplerOptions) {
    this.dimensions = options.space.dimensions;
    this.batchLength = options.batchSize;
    // Big enough that no member is moved again before its last move is known.
    this.size = Math.max(POPULATION_MIN, options.batchSize * (1 + this.lag));
    this.members = new Int32Array(this.size).fill(-1);
    this.sobol = new SobolSequence({ dimensions: this.dimensions, seed: options.seed });
  }

  begin(batch: number, history: readonly Told[]): void {
    this.history = history;
    this.batch = batch;
    for (; this.taken < history.length; this.taken++) {
      const told = history[this.taken];
      const member = this.memberOf(told.batch, told.slot);
      const before = this.members[member];
      if (before < 0 || told.loss <= history[before].loss) this.members[member] = this.taken;
    }
    this.ranked = [...this.members]
      .map((_, member) => member)
      .filter((member) => this.members[member] >= 0)
      .sort((a, b) => this.lossOf(a) - this.lossOf(b) || a - b);
  }

  propose(slot: number, random: Random): Proposal {
    const member = this.memberOf(this.batch, slot);
    if (this.members[member] < 0 || this.ranked.length < 4) return fresh(this.sobol.next());
    const own = this.unitOf(member);
    const leader = this.unitOf(this.ranked[this.pick(random, LEADERS)]);
    const one = this.unitOf(this.ranked[this.pick(random, 1)]);
    const two = this.unitOf(this.ranked[this.pick(random, 1)]);
    const factor = 0.3 + 0.6 * random.uniform();
    const crossover = random.uniform() < 0.5 ? 0.9 : 0.3;
    const kept = Math.floor(random.uniform() * this.dimensions);
    const unit = drawUnit(this.dimensions, random);
    for (let i = 0; i < unit.length; i++) {
      const isMoved = i === kept || random.uniform() < crossover;
      const moved = own[i] + factor * (leader[i] - own[i]) + factor * (one[i] - two[i]);
      unit[i] = isMoved ? reflected(moved, own[i]) : own[i];
    }
    return fresh(unit);
  }

  private pick(random: Random, share: number): number {
    const among = Math.max(1, Math.floor(this.ranked.length * share));
    return Math.floor(random.uniform() * among);
  }

  private memberOf(batch: number, slot: number): number {
    return (batch * this.batchLength + slot) % this.size;
  }

  private lossOf(member: number): number {
    return this.history[this.members[member]].loss;
  }

  private unitOf(member: number): Float64Array {
    return this.history[this.members[member]].unit;
  }
}

/** Beyond an edge: half the way from where it was to the edge. */
function reflected(value: number, before: number): number {
  if (value < 0) return before / 2;
  return value >= 1 ? (before + 1) / 2 : value;
}
