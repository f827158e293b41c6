import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runBacktest } from '../backtests/run.ts';
import { type Bars, sliceBars } from '../data/bars/bars.ts';
import { loadDataset } from '../data/load.ts';
import { readParquetFile, writeParquetBars } from '../data/readers/parquet.ts';
import { readBarFile } from '../data/readers/read-bars.ts';
import { simulateMarket } from '../data/simulated/market.ts';
import { SmartMoneyConcepts } from '../indicators/smart-money-concepts/smart-money-concepts.ts';
import { SuperTrendAi } from '../indicators/supertrend-ai/supertrend-ai.ts';
import { composeBacktest } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import { floorPipeline, floorReader } from './floor.ts';
import { klineCsv, ohlcvCsv, tradingViewCsv } from './sample-files.ts';

/** One measured piece of work. */
export interface Case {
  name: string;
  group: 'readers' | 'indicators' | 'backtest';
  /** Rows or bars of one run. */
  items: number;
  unit: 'rows' | 'bars';
  /** Items a second that are asked for; undefined when nothing is. */
  goal?: number;
  /** Name of the case that is its floor. */
  floor?: string;
  work: () => unknown;
}

export interface CaseSet {
  cases: Case[];
  /** A folder of three symbols, for the memory run. */
  storeFolder: string;
  dispose: () => void;
}

/** Rows of ten months of three symbols at 3m, the size the goals were set for. */
const ROWS_ALL = 438_000;
const ROWS_SLOW = 50_000;
const THREE_MINUTES_MS = 180_000;
const DAY_BARS = 480;

export async function buildCases(): Promise<CaseSet> {
  const folder = mkdtempSync(join(tmpdir(), 'qcm-bench-'));
  const days = Math.ceil(ROWS_ALL / 3 / DAY_BARS);
  const market = simulateMarket({ seed: 7, days, timeframeMs: THREE_MINUTES_MS });
  const bars = market.series[0];
  const cases = [
    ...(await readerCases(folder, market.series)),
    ...indicatorCases(bars),
    ...backtestCases(bars),
  ];
  return {
    cases,
    storeFolder: join(folder, 'store'),
    dispose: () => rmSync(folder, { recursive: true }),
  };
}

async function readerCases(folder: string, series: readonly Bars[]): Promise<Case[]> {
  const [bars] = series;
  const few = sliceBars(bars, 0, ROWS_SLOW);
  const path = (name: string) => join(folder, name);
  const store = path('store');
  const klines = klineCsv(bars);
  writeFileSync(path('BTCUSDT-3m-2025-01.csv'), klines);
  writeFileSync(path('BTCUSDT-3m-2025-01.csv.gz'), gzipSync(klines, { level: 6 }));
  writeFileSync(path('generic.csv'), ohlcvCsv(few));
  writeFileSync(path('tradingview.csv'), tradingViewCsv(few));
  await writeParquetBars(path('BTCUSDT-3m-2025-01.parquet'), bars);
  writeStore(store, series);
  const bytes = readFileSync(path('BTCUSDT-3m-2025-01.csv'));
  const columns = Array.from({ length: 6 }, () => new Float64Array(bars.length));
  const load = { path: store, cacheFolder: path('cache') };
  const all = series.reduce((sum, each) => sum + each.length, 0);
  const rows = { group: 'readers', unit: 'rows', items: bars.length } as const;
  const slow = { ...rows, items: few.length };
  const floor = 'floor: bytes to six columns';
  const read = (name: string) => readBarFile(path(name));
  return [
    { ...rows, name: floor, work: () => floorReader(bytes, columns) },
    { ...rows, name: 'Binance CSV', floor, work: () => read('BTCUSDT-3m-2025-01.csv') },
    { ...rows, name: 'Binance CSV, gzip', floor, work: () => read('BTCUSDT-3m-2025-01.csv.gz') },
    {
      ...rows,
      name: 'Parquet',
      floor,
      work: () => readParquetFile(path('BTCUSDT-3m-2025-01.parquet')),
    },
    { ...slow, name: 'generic OHLCV CSV', floor, work: () => read('generic.csv') },
    { ...slow, name: 'TradingView export', floor, work: () => read('tradingview.csv') },
    {
      ...rows,
      name: 'data set, first load',
      items: all,
      work: () => loadDataset({ ...load, useCache: false }),
    },
    {
      ...rows,
      name: 'data set, second load',
      items: all,
      goal: all / 0.12,
      work: () => loadDataset(load),
    },
  ];
}

function writeStore(folder: string, series: readonly Bars[]): void {
  mkdirSync(folder);
  for (const bars of series) {
    const path = join(folder, `${bars.symbol}-3m-2025-01.csv`);
    writeFileSync(path, klineCsv(bars));
  }
}

function indicatorCases(bars: Bars): Case[] {
  const common = { group: 'indicators', unit: 'bars', items: bars.length } as const;
  const floor = 'floor: averages, five lines, pivots';
  const structure = () => new SmartMoneyConcepts({ mitigation: 'close' });
  return [
    { ...common, name: floor, work: () => floorPipeline(bars) },
    { ...common, name: 'SMC, all parts', floor, work: () => feed(bars, [structure()]) },
    { ...common, name: 'SuperTrend AI', floor, work: () => feed(bars, [new SuperTrendAi()]) },
    {
      ...common,
      name: 'pipeline: SMC and SuperTrend AI',
      floor,
      goal: 2_000_000,
      work: () => feed(bars, [structure(), new SuperTrendAi()]),
    },
  ];
}

interface Fed {
  update(bar: typeof EMPTY_BAR): unknown;
}

const EMPTY_BAR = { openTime: 0, open: 0, high: 0, low: 0, close: 0, volume: 0, takerBuyVolume: 0 };

/** As the runner does: one bar object, filled anew for each bar. */
function feed(bars: Bars, indicators: readonly Fed[]): void {
  const bar = { ...EMPTY_BAR };
  for (let i = 0; i < bars.length; i++) {
    bar.openTime = bars.openTime[i];
    bar.open = bars.open[i];
    bar.high = bars.high[i];
    bar.low = bars.low[i];
    bar.close = bars.close[i];
    bar.volume = bars.volume[i];
    bar.takerBuyVolume = bars.takerBuyVolume[i];
    for (const indicator of indicators) indicator.update(bar);
  }
}

function backtestCases(bars: Bars): Case[] {
  const common = { group: 'backtest', unit: 'bars', items: bars.length } as const;
  const floor = 'floor: averages, five lines, pivots';
  const run = (sets: string[]) => () => {
    const { config, hash } = loadConfig({ ignoreFile: true, sets, env: {} });
    const options = composeBacktest({
      config,
      data: {
        kind: 'simulated',
        label: 'SIMULATED',
        series: [bars],
        funding: [],
        events: [],
        manifest: [],
        findings: [],
        notes: [],
        dataHash: '',
        calendarHash: '',
      },
      codeVersion: 'bench',
      configHash: hash,
      equityStopOnBreach: 'observe',
    });
    return runBacktest(options);
  };
  return [
    { ...common, name: 'whole backtest, one symbol, 3m', floor, goal: 1_500_000, work: run([]) },
    {
      ...common,
      name: 'the same without a trade',
      floor,
      work: run(['risk.costRMax=0.01']),
    },
  ];
}
