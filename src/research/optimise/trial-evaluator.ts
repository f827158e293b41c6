import { runBacktest } from '../../../backtests/run.ts';
import type { BacktestResult } from '../../../backtests/run-options.ts';
import { composeBacktest } from '../../compose.ts';
import type { Config } from '../../config.ts';
import { AppError } from '../../engine/error.ts';
import { DAY_MS } from '../../engine/units.ts';
import type { MarketData } from '../../market-data.ts';
import { configOfPoint } from '../space/load-space.ts';
import type { Learning } from '../trial/learned-states.ts';
import type { LegTape } from '../trial/leg-tape.ts';
import { runRecorded } from '../trial/recorded-run.ts';
import {
  learningKey,
  makeLearning,
  makeRecording,
  type Recording,
  recordedOptions,
  recordingKey,
} from '../trial/recording.ts';
import type { TrialOutcome, TrialTask } from './trial.ts';
import { figuresOf } from './trial-figures.ts';

/** What all trials of a study have in common; plain data over shared memory. */
export interface EvaluatorInput {
  data: MarketData;
  /** Charts of possible hedge legs, recorded once. */
  legs: readonly LegTape[];
  preset: string;
  sets: readonly string[];
  /** Stops a trial whose drawdown has passed this fraction; undefined runs all to the end. */
  pruneAbove: number | undefined;
  /** Recordings kept for further trials; 0 uses none: every trial walks all bars. */
  recordings: number;
  /** Measures pools: each trial only waits so long. */
  probeMs?: number;
}

/** Turns settings into figures. Same input, same figures, wherever and in whatever order. */
export class TrialEvaluator {
  declare private readonly input: EvaluatorInput;
  private learning: { key: string; learning: Learning } | undefined;
  /** Newest last. */
  private readonly recordings = new Map<string, Recording>();

  constructor(input: EvaluatorInput) {
    this.input = input;
  }

  evaluate(task: TrialTask): TrialOutcome {
    const { number } = task;
    if (this.input.probeMs !== undefined) return probe(number, this.input.probeMs);
    try {
      const { config } = configOfPoint(this.input, task.values);
      const { result, isPruned } = this.run(config, task.budget);
      const figures = figuresOf(result, config.risk.perTradePercent);
      const status = isPruned ? 'pruned' : figures.trades === 0 ? 'noTrades' : 'done';
      return { number, status, figures };
    } catch (error) {
      const why = error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
      return { number, status: 'failed', figures: null, why };
    }
  }

  /** The backtest of one configuration over a part of the span. */
  run(config: Config, budget: number): { result: BacktestResult; isPruned: boolean } {
    const { data, legs, pruneAbove, recordings } = this.input;
    const toMs = endOf(data, budget);
    if (recordings === 0) {
      const result = runBacktest(
        composeBacktest({
          config,
          data,
          codeVersion: '',
          configHash: '',
          equityStopOnBreach: 'observe',
          toMs,
        }),
      );
      return { result, isPruned: false };
    }
    const recording = this.recordingOf(config);
    const options = recordedOptions(config, data, { recording, legs, toMs });
    return runRecorded({ options, entries: recording.entries, drawdownMax: pruneAbove });
  }

  private learningOf(config: Config): Learning {
    const key = learningKey(config);
    if (this.learning?.key !== key || !this.learning.learning.isReusable) {
      this.learning = { key, learning: makeLearning(config, this.input.data) };
    }
    return this.learning.learning;
  }

  private recordingOf(config: Config): Recording {
    const key = recordingKey(config);
    const known = this.recordings.get(key);
    const recording = known ?? makeRecording(config, this.input.data, this.learningOf(config));
    this.recordings.delete(key);
    this.recordings.set(key, recording);
    if (this.recordings.size > this.input.recordings) {
      const [oldest] = this.recordings.keys();
      this.recordings.delete(oldest);
    }
    return recording;
  }
}

function probe(number: number, ms: number): TrialOutcome {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return { number, status: 'noTrades', figures: null };
}

/** End of this part of the data, at 00:00 UTC; undefined for all of it. */
function endOf(data: MarketData, budget: number): number | undefined {
  if (budget >= 1) return undefined;
  const firstMs = Math.min(...data.series.map((bars) => bars.openTime[0]));
  const lastMs = Math.max(
    ...data.series.map((bars) => bars.openTime[bars.length - 1] + bars.timeframeMs),
  );
  const days = Math.max(1, Math.round(((lastMs - firstMs) * budget) / DAY_MS));
  return (Math.floor(firstMs / DAY_MS) + days) * DAY_MS;
}
