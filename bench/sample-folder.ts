import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Bars, sliceBars } from '../data/bars/bars.ts';
import { loadDataset } from '../data/load.ts';
import { writeParquetBars } from '../data/readers/parquet.ts';
import { simulateMarket } from '../data/simulated/market.ts';
import { klineCsv, ohlcvCsv, tradingViewCsv } from './sample-files.ts';

/** Rows of ten months of three symbols at 3m, the size the goals were set for. */
const ROWS_ALL = 438_000;
/** Days of 1m bars. */
const FINE_DAYS = 60;
const ROWS_SLOW = 50_000;
const MINUTE_MS = 60_000;
const DAY_BARS = 480;

/** Where each kind of sample lies; everything in it is SIMULATED. */
export class SampleFolder {
  declare readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** Three symbols, 3m, ten months. */
  get coarse(): string {
    return this.path('3m');
  }

  /** Three symbols, 1m, two months. */
  get fine(): string {
    return this.path('1m');
  }

  load(folder: string) {
    return loadDataset({ path: folder, cacheFolder: this.path('cache') });
  }

  /** Bars of the main symbol, 3m. */
  async mainBars(): Promise<Bars> {
    const { series } = await this.load(this.coarse);
    const bars = series.find((each) => each.symbol === 'BTCUSDT');
    if (bars === undefined) throw new Error('the sample folder has no BTCUSDT');
    return bars;
  }

  /** Makes the samples; some seconds. */
  async write(): Promise<void> {
    const coarseDays = Math.ceil(ROWS_ALL / 3 / DAY_BARS);
    const coarse = simulateMarket({ seed: 7, days: coarseDays, timeframeMs: 3 * MINUTE_MS });
    const fine = simulateMarket({ seed: 7, days: FINE_DAYS, timeframeMs: MINUTE_MS });
    this.writeStore('3m', coarse.series);
    this.writeStore('1m', fine.series);
    const [bars] = coarse.series;
    const few = sliceBars(bars, 0, ROWS_SLOW);
    const klines = klineCsv(bars);
    writeFileSync(this.path('BTCUSDT-3m-2025-01.csv'), klines);
    writeFileSync(this.path('BTCUSDT-3m-2025-01.csv.gz'), gzipSync(klines, { level: 6 }));
    writeFileSync(this.path('generic.csv'), ohlcvCsv(few));
    writeFileSync(this.path('tradingview.csv'), tradingViewCsv(few));
    await writeParquetBars(this.path('BTCUSDT-3m-2025-01.parquet'), bars);
    await this.load(this.coarse);
    await this.load(this.fine);
  }

  private writeStore(name: string, series: readonly Bars[]): void {
    mkdirSync(this.path(name));
    for (const bars of series) {
      const path = join(this.path(name), `${bars.symbol}-${name}-2025-01.csv`);
      writeFileSync(path, klineCsv(bars));
    }
  }
}
