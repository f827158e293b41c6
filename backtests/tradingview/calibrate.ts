import type { Bars } from '../../data/bars/bars.ts';
import { AppError, closestNames } from '../../src/engine/error.ts';
import { findModule } from '../series/modules.ts';
import { compareEvents, compareLines } from './compare-series.ts';
import { type ColumnDiff, type DiffOptions, diffChart } from './diff-chart.ts';
import type { ChartExport } from './read-export.ts';

export interface CalibrateOptions {
  chart: ChartExport;
  module: string;
  /** Preset that the search starts from. */
  preset?: string;
  bars?: Bars;
  maps?: readonly string[];
  /** Share of the export that is searched on; the rest is held out. */
  fitShare?: number;
  /** Settings that are not searched. */
  fixed?: Readonly<Record<string, string>>;
  onProgress?: (progress: CalibrationProgress) => void;
  signal?: AbortSignal;
}

export interface CalibrationProgress {
  evaluations: number;
  best: number;
  set: Readonly<Record<string, string>>;
}

/** How well one column is met: 1 is equal; lines by RMSE over spread, events by F1 within a bar. */
export interface ColumnScore {
  label: string;
  kind: 'line' | 'event';
  fit: number;
  heldOut: number;
}

export interface Calibration {
  module: string;
  preset: string;
  /** Settings that differ from the defaults of `qcm series`. */
  set: Record<string, string>;
  /** Mean scores on the searched part and on the rest, before and after. */
  before: { fit: number; heldOut: number };
  after: { fit: number; heldOut: number };
  columns: ColumnScore[];
  /** Searched settings whose value makes no difference to this export. */
  undecided: string[];
  evaluations: number;
  wasStopped: boolean;
}

const WHOLE = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

/**
 * What is tried, by module. The first setting with words is a fork: each of its words is searched
 * from on its own, since lengths that fit one form may mislead another.
 */
export const SEARCH_SPACE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'oscillator-matrix': {
    form: ['A', 'B'],
    hyperwave: WHOLE(3, 30),
    signal: WHOLE(2, 10),
    moneyFlow: WHOLE(10, 60),
    smooth: WHOLE(1, 12),
    divergence: ['5', '10', '15', '20', '25', '30', '40', '50'],
    reversal: WHOLE(1, 10),
    divergenceMode: ['confirmed', 'realtime'],
  },
  'signals-overlays': {
    autopilot: ['off', 'short', 'medium', 'long'],
    sensitivity: WHOLE(5, 25),
    smartTrail: WHOLE(1, 5),
    catcher: WHOLE(1, 5),
    tracer: WHOLE(1, 5),
    neoCloud: WHOLE(1, 5),
  },
  'supertrend-ai': {
    cluster: ['best', 'average', 'worst'],
    atr: WHOLE(5, 30),
    memory: WHOLE(2, 40),
    min: ['0.5', '1', '1.5', '2'],
    max: ['3', '4', '5', '6', '8'],
    step: ['0.25', '0.5', '1'],
  },
  smc: {
    mitigation: ['highLow', 'close'],
    internal: WHOLE(3, 15),
    swing: ['20', '30', '40', '50', '60', '80', '100'],
    filter: ['atr', 'cumulativeMeanRange'],
    confluence: ['off', 'on'],
    equal: WHOLE(1, 10),
    threshold: ['0.05', '0.1', '0.15', '0.2', '0.3', '0.5'],
  },
  'price-action': {
    mitigation: ['close', 'wick', 'average'],
    internal: WHOLE(3, 15),
    swing: ['20', '30', '40', '50', '60', '80', '100'],
    threshold: ['0.05', '0.1', '0.15', '0.2', '0.3'],
    fvgThreshold: ['0', '0.25', '0.5', '0.6', '0.75', '1'],
  },
};

const ROUNDS_MAX = 4;
/** Scores closer than this are equal. */
const EPSILON = 1e-9;
const BARS_MIN = 400;

/**
 * Searches the settings of a module for the closest match with an export: coordinate descent over
 * `SEARCH_SPACE` from each fork, on the first part; the match on the rest is only reported. Same
 * input, same result.
 * @throws AppError USAGE_UNKNOWN_MODULE, DATA_TOO_SHORT, DATA_NOTHING_COMPARABLE
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const search = new Search(options);
  const forks = search.forks();
  let best: Candidate | undefined;
  for (const fork of forks) {
    const found = await search.descend(fork);
    if (best === undefined || found.fit > best.fit + EPSILON) best = found;
    if (search.wasStopped) break;
  }
  return search.result(best ?? search.evaluate({}));
}

interface Candidate {
  set: Record<string, string>;
  fit: number;
  heldOut: number;
  columns: ColumnScore[];
}

class Search {
  wasStopped = false;
  declare private readonly options: CalibrateOptions;
  declare private readonly space: Readonly<Record<string, readonly string[]>>;
  declare private readonly split: number;
  private readonly seen = new Map<string, Candidate>();
  private bestFit = Number.NEGATIVE_INFINITY;
  private bestSet: Readonly<Record<string, string>> = {};

  constructor(options: CalibrateOptions) {
    const { chart, module, fitShare = 0.6, fixed = {} } = options;
    findModule(module);
    const space = SEARCH_SPACE[module];
    if (space === undefined) {
      const near = closestNames(module, Object.keys(SEARCH_SPACE));
      const hint = `modules that can be searched: ${Object.keys(SEARCH_SPACE).join(', ')}`;
      const text = near.length > 0 ? `did you mean ${near[0]}? ${hint}` : hint;
      throw new AppError('USAGE_UNKNOWN_MODULE', `${module} has no settings to search`, text);
    }
    if (chart.bars.length < BARS_MIN) {
      throw new AppError(
        'DATA_TOO_SHORT',
        `${chart.path} has ${chart.bars.length} bars; a search needs ${BARS_MIN}`,
        'scroll back in the chart before exporting, so that it holds more bars',
      );
    }
    this.options = options;
    const open = Object.entries(space).filter(([name]) => fixed[name] === undefined);
    this.space = Object.fromEntries(open);
    this.split = Math.floor(chart.bars.length * fitShare);
  }

  /** One start for each word of the first setting that has words. */
  forks(): Record<string, string>[] {
    const words = Object.entries(this.space).find(([, values]) => Number.isNaN(Number(values[0])));
    if (words === undefined) return [{}];
    return words[1].map((value) => ({ [words[0]]: value }));
  }

  /** Improves one setting at a time until none improves. */
  async descend(start: Record<string, string>): Promise<Candidate> {
    let best = this.evaluate(start);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const before = best.fit;
      for (const [name, values] of Object.entries(this.space)) {
        for (const value of values) {
          if (name in start && value !== start[name]) continue;
          const found = await this.tryOne({ ...best.set, [name]: value });
          if (found !== undefined && found.fit > best.fit + EPSILON) best = found;
          if (this.wasStopped) return best;
        }
      }
      if (!(best.fit > before + EPSILON) || best.fit > 1 - EPSILON) break;
    }
    return best;
  }

  evaluate(set: Record<string, string>): Candidate {
    const all = { ...this.options.fixed, ...set };
    const key = JSON.stringify(Object.entries(all).sort());
    const known = this.seen.get(key);
    if (known !== undefined) return known;
    const columns = this.diff(all).map((column) => this.scoreOf(column));
    const candidate = {
      set: all,
      fit: mean(columns.map((column) => column.fit)),
      heldOut: mean(columns.map((column) => column.heldOut)),
      columns,
    };
    this.seen.set(key, candidate);
    if (candidate.fit > this.bestFit) {
      this.bestFit = candidate.fit;
      this.bestSet = all;
    }
    return candidate;
  }

  result(best: Candidate): Calibration {
    const before = this.evaluate({});
    const undecided = Object.entries(this.space)
      .filter(([name, values]) =>
        values.every((value) => {
          const other = this.evaluate({ ...best.set, [name]: value });
          return Math.abs(other.fit - best.fit) <= EPSILON;
        }),
      )
      .map(([name]) => name);
    const decided = Object.entries(best.set).filter(([name]) => !undecided.includes(name));
    return {
      module: this.options.module,
      preset: this.options.preset ?? 'chart',
      set: Object.fromEntries(decided),
      before: { fit: before.fit, heldOut: before.heldOut },
      after: { fit: best.fit, heldOut: best.heldOut },
      columns: best.columns,
      undecided,
      evaluations: this.seen.size,
      wasStopped: this.wasStopped,
    };
  }

  /** Between two evaluations the terminal is heard. */
  private async tryOne(set: Record<string, string>): Promise<Candidate | undefined> {
    if (this.options.signal?.aborted) {
      this.wasStopped = true;
      return undefined;
    }
    const found = this.evaluate(set);
    const progress = { evaluations: this.seen.size, best: this.bestFit, set: this.bestSet };
    this.options.onProgress?.(progress);
    await new Promise<void>((resolve) => setImmediate(resolve));
    return found;
  }

  private diff(set: Readonly<Record<string, string>>): ColumnDiff[] {
    const { chart, bars, maps, module, preset } = this.options;
    const texts = Object.entries(set).map(([name, value]) => `${name}=${value}`);
    const options: DiffOptions = { chart, bars, maps, module, preset, set: texts };
    return diffChart(options).compared.filter((column) => column.target.startsWith(module));
  }

  private scoreOf(column: ColumnDiff): ColumnScore {
    const { theirs, ours, events, from, label } = column;
    const part = (a: number, b: number) =>
      events === undefined
        ? lineScore(theirs.subarray(a, b), ours.subarray(a, b))
        : eventScore(events.theirs.subarray(a, b), events.ours.subarray(a, b));
    return {
      label,
      kind: column.match.kind,
      fit: part(Math.min(from, this.split), this.split),
      heldOut: part(Math.max(from, this.split), theirs.length),
    };
  }
}

/** 1 - RMSE / spread of theirs, not below 0; NaN without common values. */
function lineScore(theirs: Float64Array, ours: Float64Array): number {
  const { bars, rmse } = compareLines(theirs, ours, { from: 0, tolerance: 0 });
  if (bars < 2) return Number.NaN;
  const values = theirs.filter((value) => !Number.isNaN(value));
  const middle = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce(
    (sum, value) => sum + ((value - middle) * (value - middle)) / values.length,
    0,
  );
  return variance > 0 ? Math.max(0, 1 - rmse / Math.sqrt(variance)) : Number(rmse === 0);
}

/** F1 within one bar; NaN when neither has an event. */
function eventScore(theirs: Uint8Array, ours: Uint8Array): number {
  const match = compareEvents(theirs, ours, { from: 0 });
  if (match.theirs + match.ours === 0) return Number.NaN;
  const within = match.within.find((entry) => entry.bars === 1);
  return within === undefined || Number.isNaN(within.f1) ? 0 : within.f1;
}

/** Of those that have a value. */
function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}
