import { exp, ln, type Random } from '../../../data/simulated/random.ts';
import type { SearchSpace } from '../space/search-space.ts';
import { fresh, type Proposal, type Sampler, type SamplerOptions, type Told } from './sampler.ts';
import { SobolSequence } from './sobol-sequence.ts';

/** Even cover of the space before anything is inferred. */
const START_TRIALS = 20;
const CANDIDATES = 24;
const GOOD_MAX = 25;
/** Of the others, this many evenly over the ranks are enough to say where not to look. */
const OTHERS_MAX = 120;
const TRUNCATED_MASS_MIN = 1e-12;

/**
 * Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl, NeurIPS 2011): the best
 * tenth of the trials and the rest become two densities, good and other; of some draws from
 * the good one the point with the largest ratio good / other is tried. Joint kernels, so that pairs of
 * settings that go together stay together; choices by smoothed counts; a parameter that is not active at
 * a point takes no part in its density.
 */
export class TpeSampler implements Sampler {
  readonly name = 'tpe';
  readonly lag = 1;
  declare private readonly space: SearchSpace;
  declare private readonly startTrials: number;
  declare private readonly sobol: SobolSequence;
  private good: Density | undefined;
  private others: Density | undefined;

  constructor(options: SamplerOptions) {
    this.space = options.space;
    this.startTrials = Math.max(options.batchSize, START_TRIALS);
    this.sobol = new SobolSequence({ dimensions: options.space.dimensions, seed: options.seed });
  }

  begin(_batch: number, history: readonly Told[]): void {
    const usable = history.filter(({ loss }) => Number.isFinite(loss));
    this.good = undefined;
    if (history.length < this.startTrials || usable.length < 4) return;
    const sorted = [...usable].sort((a, b) => a.loss - b.loss);
    const count = Math.min(GOOD_MAX, Math.max(2, Math.ceil(0.1 * sorted.length)));
    // What failed is where not to look as well.
    const failed = history.filter(({ loss }) => !Number.isFinite(loss));
    const rest = thinned([...sorted.slice(count), ...failed], OTHERS_MAX);
    this.good = new Density(this.space, sorted.slice(0, count));
    this.others = new Density(this.space, rest);
  }

  propose(_slot: number, random: Random): Proposal {
    const { good, others } = this;
    if (good === undefined || others === undefined) return fresh(this.sobol.next());
    let best = good.draw(random);
    let bestRatio = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < CANDIDATES; i++) {
      const candidate = i === 0 ? best : good.draw(random);
      const active = this.space.activeAt(candidate);
      const ratio = good.logAt(candidate, active) - others.logAt(candidate, active);
      if (!(ratio > bestRatio)) continue;
      best = candidate;
      bestRatio = ratio;
    }
    return fresh(best);
  }
}

function thinned(told: readonly Told[], most: number): Told[] {
  if (told.length <= most) return [...told];
  return Array.from({ length: most }, (_, i) => told[Math.floor((i * told.length) / most)]);
}

/** A mixture of one kernel a trial and a flat one, over the unit cube. */
class Density {
  declare private readonly space: SearchSpace;
  declare private readonly units: readonly Float64Array[];
  declare private readonly actives: readonly boolean[][];
  /** By dimension: standard deviation of a kernel, or the count of choices as a negative number. */
  declare private readonly widths: Float64Array;
  declare private readonly masses: readonly Float64Array[];

  constructor(space: SearchSpace, told: readonly Told[]) {
    this.space = space;
    this.units = told.map(({ unit }) => unit);
    this.actives = this.units.map((unit) => space.activeAt(unit));
    this.widths = Float64Array.from(space.parameters, (parameter, i) =>
      parameter.kind === 'choice'
        ? -parameter.choices.length
        : kernelWidth(this.units.map((unit) => unit[i])),
    );
    this.masses = this.units.map((unit) =>
      Float64Array.from(unit, (centre, i) => massWithin(centre, this.widths[i])),
    );
  }

  draw(random: Random): Float64Array {
    const { units, widths } = this;
    const which = Math.floor(random.uniform() * (units.length + 1));
    const unit = new Float64Array(this.space.dimensions);
    for (let i = 0; i < unit.length; i++) {
      const centre = units[which]?.[i];
      const isKept = centre !== undefined && this.actives[which][i];
      if (!isKept) unit[i] = random.uniform();
      else if (widths[i] < 0) unit[i] = drawChoice(centre, -widths[i], units.length, random);
      else unit[i] = drawWithin(centre, widths[i], random);
    }
    return unit;
  }

  /** Logarithm of the density at a point, over its active dimensions; the flat kernel has 1. */
  logAt(unit: Float64Array, active: readonly boolean[]): number {
    const { units } = this;
    let sum = 1;
    for (let k = 0; k < units.length; k++) sum += this.kernel(k, unit, active);
    return ln(sum / (units.length + 1));
  }

  private kernel(k: number, unit: Float64Array, active: readonly boolean[]): number {
    const { widths } = this;
    const centre = this.units[k];
    const mass = this.masses[k];
    const known = this.actives[k];
    let exponent = 0;
    let factor = 1;
    for (let i = 0; i < unit.length; i++) {
      if (!active[i] || !known[i]) continue;
      const width = widths[i];
      if (width < 0) {
        const isSame = Math.floor(unit[i] * -width) === Math.floor(centre[i] * -width);
        // Against the flat density, in which each choice has 1 / count.
        const keep = keepShare(this.units.length);
        factor *= isSame ? keep * -width + (1 - keep) : 1 - keep;
      } else {
        const z = (unit[i] - centre[i]) / width;
        exponent += 0.5 * z * z;
        factor /= mass[i];
      }
    }
    return exponent > 600 ? 0 : factor * exp(-exponent);
  }
}

/** How strongly a choice is held on to; the rest is spread over all of them. */
function keepShare(count: number): number {
  return count / (count + 3);
}

function drawChoice(centre: number, choices: number, count: number, random: Random): number {
  const which =
    random.uniform() < keepShare(count)
      ? Math.floor(centre * choices)
      : Math.floor(random.uniform() * choices);
  return (which + 0.5) / choices;
}

/** Scott's rule on the spread of the values, within bounds: fewer trials, wider kernels. */
function kernelWidth(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const sd = Math.sqrt(squares / Math.max(1, n - 1));
  const scott = 1.06 * sd * exp(-0.2 * ln(n));
  return Math.min(0.5, Math.max(scott, 1 / Math.min(100, 2 + n)));
}

/** sqrt(2 pi) x width x the part of the normal that lies within [0, 1]. */
function massWithin(centre: number, width: number): number {
  if (width < 0) return 1;
  const part = normalShare((1 - centre) / width) - normalShare(-centre / width);
  return Math.max(TRUNCATED_MASS_MIN, part * width * Math.sqrt(2 * Math.PI));
}

/** Normal distribution function, by the logistic approximation of Bowling et al. (2009). */
function normalShare(z: number): number {
  const x = Math.min(30, Math.max(-30, z));
  return 1 / (1 + exp(-(1.5976 * x + 0.07056 * x * x * x)));
}

function drawWithin(centre: number, width: number, random: Random): number {
  for (let i = 0; i < 20; i++) {
    const value = centre + width * random.normal();
    if (value >= 0 && value < 1) return value;
  }
  return random.uniform();
}
