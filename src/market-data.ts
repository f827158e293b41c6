import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FundingRow } from '../backtests/run-options.ts';
import type { Bars } from '../data/bars/bars.ts';
import type { CalendarEvent } from '../data/calendar/calendar.ts';
import { calendarAlarm } from '../data/calendar/calendar.ts';
import type { FundingTable } from '../data/funding/funding.ts';
import { type Dataset, hashFiles, loadDataset } from '../data/load.ts';
import { agreementNote } from '../data/recorded/agreement.ts';
import { type FoundTapes, findTapes } from '../data/recorded/find-tapes.ts';
import type { Tape, TapeSpan } from '../data/recorded/tape.ts';
import { simulateMarket } from '../data/simulated/market.ts';
import { AppError } from './engine/error.ts';

/** Where `qcm data pull` puts what it downloads. */
export const STORE_FOLDER = join('data', 'store');
export const PULL_COMMAND =
  'npm run -s qcm -- data pull --symbols BTCUSDT,ETHUSDT,SOLUSDT --from 2025-01-01';

/** What a run trades on, and what its report must say about it. */
export interface MarketData {
  kind: 'file' | 'simulated';
  /** Shown on top of every report; begins with SIMULATED for the simulated market. */
  label: string;
  series: Bars[];
  /** Recorded trades and books, used where they cover a bar. */
  tapes?: readonly Tape[];
  funding: FundingRow[];
  events: readonly CalendarEvent[];
  manifest: ManifestFile[];
  findings: string[];
  notes: string[];
  dataHash: string;
  calendarHash: string;
}

export interface ManifestFile {
  name: string;
  bytes: number;
  sha256: string;
}

export interface MarketDataRequest {
  /** `--data`; otherwise the download folder, otherwise the simulated market. */
  path?: string;
  symbols: readonly string[];
  strict: boolean;
  fundingPath?: string;
  calendarPath?: string;
  /**
   * Whether recorded trades and books are wanted; research changes bars, which no recording follows.
   */
  usesRecordings?: boolean;
  /** `--trades` and `--book`; otherwise the folders of these names inside the data folder. */
  tradesPath?: string;
  bookPath?: string;
  cacheFolder?: string;
  simulation: { seed: number; days: number };
  onProgress: (text: string) => void;
}

/** The best data there is: a given path, else what was downloaded, else the simulated market. */
export async function findMarketData(request: MarketDataRequest): Promise<MarketData> {
  const path = request.path ?? downloadedBars(STORE_FOLDER, request.symbols[0]);
  return path === undefined ? simulated(request) : fromFiles(path, request);
}

async function fromFiles(path: string, request: MarketDataRequest): Promise<MarketData> {
  const { symbols, strict, fundingPath, calendarPath, cacheFolder, onProgress } = request;
  const dataset = await loadDataset({
    path,
    symbols,
    // A file whose name does not tell its symbol is taken for the one that is traded.
    symbol: existsSync(path) && statSync(path).isFile() ? symbols[0] : undefined,
    strict,
    fundingPath,
    calendarPath,
    cacheFolder,
    onProgress,
  });
  const ends = dataset.series.map((bars) => bars.openTime[bars.length - 1] + bars.timeframeMs);
  const firstMs = Math.min(...dataset.series.map((bars) => bars.openTime[0]));
  const found = tapesFor(path, request, { fromMs: firstMs, toMs: Math.max(...ends) });
  onProgress('hashing files');
  const tapeFiles = found.paths.map((each) => ({ path: each, bytes: statSync(each).size }));
  const manifest = hashFiles([...dataset.files, ...tapeFiles]).map((file) => ({
    name: basename(file.path),
    bytes: file.bytes,
    sha256: file.sha256 ?? '',
  }));
  const calendarPaths = dataset.calendar?.paths ?? [];
  const isCalendar = (name: string) => calendarPaths.some((each) => basename(each) === name);
  const alarm = calendarAlarm(dataset.calendar, Math.max(...ends));
  const funding = fundingRows(dataset.funding);
  const agreement = dataset.series.flatMap((bars) => agreementNote(bars, found.tapes) ?? []);
  return {
    kind: isSimulated(dataset) ? 'simulated' : 'file',
    label: fileLabel(path, dataset),
    series: requireSymbols(dataset.series, request),
    tapes: found.tapes,
    funding: inOrder(funding.filter((row) => row.atMs >= firstMs && row.atMs <= Math.max(...ends))),
    events: dataset.calendar?.events ?? [],
    manifest,
    findings: dataset.findings.map((finding) => `${finding.policy}: ${finding.text}`),
    notes: [...new Set([...dataset.notes, ...(alarm === undefined ? [] : [alarm]), ...agreement])],
    dataHash: hashOf(manifest.filter((file) => !isCalendar(file.name)).map((file) => file.sha256)),
    calendarHash: hashOf(
      manifest.filter((file) => isCalendar(file.name)).map((file) => file.sha256),
    ),
  };
}

function tapesFor(path: string, request: MarketDataRequest, span: TapeSpan): FoundTapes {
  if (request.usesRecordings !== true) return { tapes: [], paths: [] };
  const inside = (name: string) => {
    const folder = join(path, name);
    return existsSync(folder) && statSync(folder).isDirectory() ? folder : undefined;
  };
  const { tradesPath = inside('trades'), bookPath = inside('book') } = request;
  if (tradesPath === undefined && bookPath === undefined) return { tapes: [], paths: [] };
  const { symbols, onProgress } = request;
  return findTapes({ tradesPath, bookPath, symbols, span, onProgress });
}

/** Files written by `qcm simulate` say so in their names, and stay SIMULATED wherever shown. */
function isSimulated(dataset: Dataset): boolean {
  return dataset.files.some((file) => basename(file.path).includes('SIMULATED'));
}

function fileLabel(path: string, dataset: Dataset): string {
  const symbols = dataset.series.map((bars) => bars.symbol).join(', ');
  const warning = isSimulated(dataset) ? 'SIMULATED market, not real prices: ' : '';
  return `${warning}${basename(path)}: ${symbols}`;
}

function simulated(request: MarketDataRequest): MarketData {
  request.onProgress('simulating a market');
  const { seed, days } = request.simulation;
  const market = simulateMarket({ seed, days, timeframeMs: 60_000, symbols: request.symbols });
  const label = `SIMULATED market, not real prices: seed ${seed}, ${days} days, 1m bars`;
  return {
    kind: 'simulated',
    label,
    series: requireSymbols(market.series, request),
    funding: inOrder(fundingRows(market.funding)),
    events: [],
    manifest: [],
    findings: [],
    notes: ['no economic calendar: releases do not exist in the simulated market'],
    dataHash: hashOf([label]),
    calendarHash: hashOf([]),
  };
}

/** Legs may be missing; without the main symbol there is nothing to trade. */
function requireSymbols(series: Bars[], request: MarketDataRequest): Bars[] {
  const [main] = request.symbols;
  if (series.some((bars) => bars.symbol === main && bars.length > 0)) return series;
  throw new AppError(
    'DATA_SYMBOL',
    `there are no bars of ${main} in ${request.path ?? STORE_FOLDER}`,
    'choose another symbol with --set symbols.main=...',
  );
}

function fundingRows(tables: readonly FundingTable[]): FundingRow[] {
  return tables.flatMap((table) =>
    Array.from(table.times, (atMs, i) => ({
      symbol: table.symbol,
      atMs,
      rate: table.rates[i],
      intervalHours: table.intervalHours[i],
    })),
  );
}

function inOrder(rows: FundingRow[]): FundingRow[] {
  return rows.sort((a, b) => a.atMs - b.atMs || (a.symbol < b.symbol ? -1 : 1));
}

/** Finest first: detail bars order what happens inside a signal bar. */
const STORE_INTERVALS = ['1m', '3m', '5m'];

/** The folder of the store with the finest bars of a symbol; undefined when there are none. */
export function downloadedBars(store: string, symbol: string): string | undefined {
  const folders = STORE_INTERVALS.map((interval) => join(store, 'futures-um', interval));
  return [...folders, store].find(
    (folder) =>
      existsSync(folder) &&
      readdirSync(folder).some(
        (name) => name.includes(symbol) && /\.(csv|csv\.gz|zip|parquet)$/i.test(name),
      ),
  );
}

export function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\n');
  return hash.digest('hex');
}
