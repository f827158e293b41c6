import { readFileSync } from 'node:fs';
import { runBacktest } from '../backtests/run.ts';
import type { Bars } from '../data/bars/bars.ts';
import { loadDataset } from '../data/load.ts';
import { readParquetFile } from '../data/readers/parquet.ts';
import { readBarFile } from '../data/readers/read-bars.ts';
import { INDICATORS } from '../indicators/catalog.ts';
import type { Indicator } from '../indicators/indicator.ts';
import { SmartMoneyConcepts } from '../indicators/smart-money-concepts/smart-money-concepts.ts';
import { SuperTrendAi } from '../indicators/supertrend-ai/supertrend-ai.ts';
import { SIGNAL_PRESETS } from '../strategy/presets/signal-presets.ts';
import { tagSetup } from '../strategy/presets/tag-setup.ts';
import { TagPipeline } from '../strategy/tags/tag-pipeline.ts';
import { SideTrigger } from '../strategy/tags/triggers.ts';
import { feed } from './feed.ts';
import { floorPipeline, floorReader } from './floor.ts';
import type { SampleFolder } from './sample-folder.ts';
import { composeFolder } from './whole-run.ts';

/** One run of a case, and how many rows or bars it handles. */
export interface Work {
  items: number;
  run: () => unknown;
}

/** What is measured, in a process of its own, next to its floor. */
export interface Case {
  name: string;
  group: 'readers' | 'indicators' | 'backtest';
  unit: 'rows' | 'bars';
  /** Items a second that are asked for; undefined when nothing is. */
  goal?: number;
  /** The least that anything doing this must do. */
  floor?: (folder: SampleFolder) => Promise<Work>;
  prepare: (folder: SampleFolder) => Promise<Work>;
}

const KLINES = 'BTCUSDT-3m-2025-01.csv';
const TICK = 0.1;
const THREE_MINUTES_MS = 180_000;
const FIFTEEN_MINUTES_MS = 900_000;

export const CASES: readonly Case[] = [
  readerCase('Binance CSV', KLINES, readBarFile),
  readerCase('Binance CSV, gzip', `${KLINES}.gz`, readBarFile),
  readerCase('Parquet', 'BTCUSDT-3m-2025-01.parquet', readParquetFile),
  readerCase('generic OHLCV CSV', 'generic.csv', readBarFile, 50_000),
  readerCase('TradingView export', 'tradingview.csv', readBarFile, 50_000),
  {
    name: 'data set, first load',
    group: 'readers',
    unit: 'rows',
    prepare: (folder) => datasetLoad(folder, false),
  },
  {
    name: 'data set, second load',
    group: 'readers',
    unit: 'rows',
    goal: 438_000 / 0.12,
    prepare: (folder) => datasetLoad(folder, true),
  },
  barCase('SMC, all parts', undefined, (bars) => () => feed(bars, [new SmartMoneyConcepts()])),
  barCase('SuperTrend AI', undefined, (bars) => () => feed(bars, [new SuperTrendAi()])),
  barCase('pipeline: structure, blocks, SuperTrend AI', 2_000_000, (bars) => () => {
    feed(bars, [structure(), new SuperTrendAi()]);
  }),
  barCase('six tags: 3m + 15m, alert expression', 1_000_000, (bars) => () => feedTags(bars)),
  barCase('every indicator of the library', 400_000, (bars) => () => feed(bars, library())),
  wholeCase('whole backtest, one symbol, 3m', {
    goal: 1_500_000,
    sets: [],
    preset: 'smc-stand-in',
    isHedged: false,
  }),
  wholeCase('the same without a trade', {
    sets: ['risk.costRMax=0.01'],
    preset: 'smc-stand-in',
    isHedged: false,
  }),
  wholeCase('six tags traded, one symbol, 3m', { sets: [], preset: 'sequence', isHedged: false }),
  wholeCase('hedged on three symbols, 1m detail', {
    goal: 3_000_000,
    sets: [],
    preset: 'sequence',
    isHedged: true,
  }),
];

function readerCase(
  name: string,
  file: string,
  read: (path: string) => unknown,
  items?: number,
): Case {
  return {
    name,
    group: 'readers',
    unit: 'rows',
    floor: async (folder) => {
      const bytes = readFileSync(folder.path(KLINES));
      const rows = (await folder.mainBars()).length;
      const columns = Array.from({ length: 6 }, () => new Float64Array(rows));
      return { items: rows, run: () => floorReader(bytes, columns) };
    },
    prepare: async (folder) => ({
      items: items ?? (await folder.mainBars()).length,
      run: () => read(folder.path(file)),
    }),
  };
}

async function datasetLoad(folder: SampleFolder, useCache: boolean): Promise<Work> {
  const { series } = await folder.load(folder.coarse);
  const items = series.reduce((sum, bars) => sum + bars.length, 0);
  const options = { path: folder.coarse, cacheFolder: folder.path('cache'), useCache };
  return { items, run: () => loadDataset(options) };
}

async function barFloor(folder: SampleFolder): Promise<Work> {
  const bars = await folder.mainBars();
  return { items: bars.length, run: () => floorPipeline(bars) };
}

function barCase(name: string, goal: number | undefined, work: (bars: Bars) => () => void): Case {
  return {
    name,
    group: 'indicators',
    unit: 'bars',
    goal,
    floor: barFloor,
    prepare: async (folder) => {
      const bars = await folder.mainBars();
      return { items: bars.length, run: work(bars) };
    },
  };
}

/** One of each class: an indicator that the catalog lists under several presets is fed once. */
function library(): Indicator[] {
  const all = INDICATORS.map((entry) => entry.create(TICK));
  return [...new Map(all.map((indicator) => [indicator.constructor, indicator])).values()];
}

/** Structure and order blocks of both sizes, as the first strategy reads them. */
function structure(): SmartMoneyConcepts {
  return new SmartMoneyConcepts({
    mitigation: 'close',
    fairValueGaps: false,
    equalLevels: false,
  });
}

/** Everything that the tags need on both timeframes, and both sides' rule. */
function feedTags(bars: Bars): void {
  const { pipeline, trigger } = tagSetup(SIGNAL_PRESETS.sequence, {
    signalTimeframeMs: THREE_MINUTES_MS,
    biasTimeframeMs: FIFTEEN_MINUTES_MS,
    tickSize: TICK,
  });
  const tags = new TagPipeline(pipeline);
  const sides = ([1, -1] as const).map((direction) => new SideTrigger({ ...trigger, direction }));
  const rules = sides.map((side) => ({ update: (bar: never) => side.update(tags, bar) }));
  feed(bars, [tags, ...rules]);
}

function wholeCase(
  name: string,
  of: { goal?: number; sets: string[]; preset: string; isHedged: boolean },
): Case {
  return {
    name,
    group: 'backtest',
    unit: 'bars',
    goal: of.goal,
    floor: of.isHedged ? fineFloor : barFloor,
    prepare: async (folder) => {
      const bars = of.isHedged ? 'fine' : 'coarse';
      const compose = await composeFolder(folder, { ...of, bars });
      const items = compose().feeds.reduce((sum, bars) => sum + bars.length, 0);
      return { items, run: () => runBacktest(compose()) };
    },
  };
}

/** The arithmetic on 3m of three symbols, told per 1m bar. */
async function fineFloor(folder: SampleFolder): Promise<Work> {
  const { series } = await folder.load(folder.fine);
  const items = series.reduce((sum, bars) => sum + bars.length, 0);
  return { items, run: () => series.map((bars) => floorPipeline(bars)) };
}
