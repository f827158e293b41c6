import { join } from 'node:path';
import { type Bars, sliceBars } from '../../../data/bars/bars.ts';
import { codeVersion } from '../../code-version.ts';
import { hashOf, type MarketData } from '../../market-data.ts';
import { prepareStudy, type StudySettings } from '../optimise/prepare-study.ts';
import { dataBefore } from '../optimise/search-data.ts';
import { runStudy } from '../optimise/study.ts';
import { bestTrial } from '../optimise/study-summary.ts';
import type { TrialFigures } from '../optimise/trial.ts';
import { TrialLedger } from '../optimise/trial-ledger.ts';
import { TrialStore } from '../optimise/trial-store.ts';
import { LocalPool } from '../pool/local-pool.ts';
import { WorkerPool } from '../pool/worker-pool.ts';
import type { SamplerName } from '../samplers/make-sampler.ts';
import type { LoadedSpace } from '../space/load-space.ts';
import type { PointValues } from '../space/search-space.ts';
import type { TrainWindow, WindowChoice, WindowOptimiser } from './window-optimiser.ts';

const TRADES_MIN = 100;
const DRAWDOWN_MAX = 0.08;
const BATCH = 16;
const RECORDINGS = 4;

export interface StudyOptimiserOptions {
  loaded: LoadedSpace;
  data: MarketData;
  sampler: SamplerName;
  /** Of each window. */
  trials: number;
  seed: number;
  workers: number;
  /** Trials are kept below it, so that an interrupted walk goes on. */
  folder: string;
  ledgerPath: string;
}

/**
 * Searches each train window anew with the optimiser. The bars of a window are cut out, so its
 * first days only warm the indicators up. Adaptive trials cluster: they choose, but the statistics of
 * overfitting never use them.
 */
export class StudyOptimiser implements WindowOptimiser {
  readonly name: string;
  declare private readonly options: StudyOptimiserOptions;

  constructor(options: StudyOptimiserOptions) {
    this.options = options;
    const { sampler, loaded } = options;
    this.name = `${sampler} over ${loaded.space.declaration.name}, anew in each window`;
  }

  async best(window: TrainWindow): Promise<WindowChoice> {
    const { loaded, data, trials, workers, folder, ledgerPath } = this.options;
    const settings = this.settings();
    const study = prepareStudy(loaded, windowOf(data, window), settings, codeVersion());
    const store = new TrialStore(join(folder, study.id), study.identity);
    const ledger = new TrialLedger(ledgerPath);
    const pool = workers === 1 ? new LocalPool(study.input) : new WorkerPool(study.input, workers);
    try {
      const records = await runStudy({
        ...settings,
        space: loaded.space,
        sampler: study.sampler,
        trials,
        pool,
        store,
        ledger: { ledger, data: data.dataHash, study: study.id, what: 'walk-forward' },
      });
      const enough = { ...settings.goal, drawdownMax: Number.POSITIVE_INFINITY };
      const feasible = bestTrial(records, settings.goal);
      const chosen = feasible ?? bestTrial(records, enough);
      const trades = records.map(({ figures }) => figures?.trades ?? 0);
      return {
        sets: chosen === undefined ? undefined : setsOf(chosen.values),
        trials: records.length,
        judged: trades.filter((count) => count >= TRADES_MIN).length,
        isFeasible: feasible !== undefined,
        ...figuresOf(chosen?.figures ?? null, Math.max(0, ...trades)),
      };
    } finally {
      await pool.close();
      store.close();
      ledger.close();
    }
  }

  private settings(): StudySettings {
    const { sampler, seed, loaded } = this.options;
    const { hasExecutionOnly, signalDimensions } = loaded.space;
    return {
      sampler,
      seed,
      batchSize: BATCH,
      variations: hasExecutionOnly && signalDimensions.length > 0 ? 4 : 1,
      goal: { objectives: ['profitFactor'], drawdownMax: DRAWDOWN_MAX, tradesMin: TRADES_MIN },
      // Trials beyond the drawdown limit are wanted whole: all of them may lie beyond it.
      isPruning: false,
      // The window itself lies before the hold-out.
      allData: true,
      recordings: RECORDINGS,
    };
  }
}

/** Bars of the window alone, under a hash of their own: each window is another study. */
export function windowOf(data: MarketData, window: TrainWindow): MarketData {
  const before = dataBefore(data, window.toMs);
  return {
    ...before,
    series: before.series.map((bars) => barsFrom(bars, window.fromMs)),
    funding: before.funding.filter(({ atMs }) => atMs >= window.fromMs),
    dataHash: hashOf([data.dataHash, String(window.fromMs), String(window.toMs)]),
  };
}

function barsFrom(bars: Bars, fromMs: number): Bars {
  let start = 0;
  while (start < bars.length && bars.openTime[start] < fromMs) start++;
  return sliceBars(bars, start, bars.length);
}

/** As on the command line. */
export function setsOf(values: PointValues): string[] {
  return Object.entries(values).map(
    ([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}

function figuresOf(figures: TrialFigures | null, mostTrades: number) {
  return {
    score: figures?.profitFactorLow,
    trades: figures?.trades ?? mostTrades,
    profitFactor: figures?.profitFactor ?? undefined,
    meanR: figures?.meanR ?? undefined,
  };
}
