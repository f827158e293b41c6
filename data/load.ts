import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../src/engine/error.ts';
import type { Bars } from './bars/bars.ts';
import { BarsCache } from './cache/bars-cache.ts';
import { type Calendar, readCalendar } from './calendar/calendar.ts';
import { type FundingTable, findFundingFile, readFunding } from './funding/funding.ts';
import { timeframeName } from './readers/bar-time.ts';
import { describeFileName, readBarFile } from './readers/read-bars.ts';
import { type Finding, type FindingKind, Findings, type Policy } from './validate/findings.ts';
import { validateBars } from './validate/validate-bars.ts';

export interface LoadOptions {
  /** A folder of bar files, or one file. */
  path: string;
  symbols?: readonly string[];
  strict?: boolean;
  policy?: Partial<Record<FindingKind, Policy>>;
  /** Symbol of a file whose name does not tell it. */
  symbol?: string;
  fundingPath?: string;
  calendarPath?: string;
  cacheFolder?: string;
  /** False reads every file again. */
  useCache?: boolean;
  onProgress?: (text: string) => void;
}

export interface DataFile {
  path: string;
  bytes: number;
  sha256?: string;
}

export interface Dataset {
  path: string;
  /** The finest series of each symbol, symbols in alphabetical order. */
  series: Bars[];
  findings: Finding[];
  files: DataFile[];
  funding: FundingTable[];
  calendar: Calendar | undefined;
  notes: string[];
}

const BAR_FILE = /\.(csv|csv\.gz|zip|parquet)$/i;

/**
 * Finds, reads, validates and caches everything below a path: bars of each symbol (months joined,
 * the finest timeframe when there are several), funding tables and the economic calendar from
 * `funding/` and `calendar/` in or above the folder.
 * @throws AppError DATA_* naming the file and what to do
 */
export async function loadDataset(options: LoadOptions): Promise<Dataset> {
  const root = resolve(options.path);
  if (!existsSync(root)) {
    throw new AppError('DATA_NO_FILE', `${options.path} does not exist`, 'check --data');
  }
  const groups = groupFiles(root, options);
  const cache = new BarsCache(options.cacheFolder ?? join(process.cwd(), '.cache', 'bars'));
  const series: Bars[] = [];
  const findings: Finding[] = [];
  const files: DataFile[] = [];
  for (const group of groups) {
    options.onProgress?.(`reading ${group.symbol} (${group.paths.length} files)`);
    const loaded = await loadGroup(group, options, cache);
    series.push(loaded.bars);
    findings.push(...loaded.findings);
    for (const path of group.paths) files.push({ path, bytes: statSync(path).size });
  }
  const notes = cache.problem === undefined ? [] : [cache.problem];
  const symbols = series.map((bars) => bars.symbol);
  const funding = loadFunding(root, symbols, options.fundingPath, notes);
  const calendar = loadCalendar(root, options.calendarPath, notes);
  for (const table of funding) files.push({ path: table.path, bytes: statSync(table.path).size });
  for (const path of calendar?.paths ?? []) files.push({ path, bytes: statSync(path).size });
  return { path: root, series, findings, files, funding, calendar, notes };
}

/** Fills in the content hash of every file; slow on purpose, for manifests and `data check`. */
export function hashFiles(files: readonly DataFile[]): DataFile[] {
  return files.map((file) => ({
    ...file,
    sha256: createHash('sha256').update(readFileSync(file.path)).digest('hex'),
  }));
}

interface FileGroup {
  symbol: string;
  timeframeMs: number | undefined;
  paths: string[];
}

function groupFiles(root: string, options: LoadOptions): FileGroup[] {
  const paths = statSync(root).isDirectory() ? barFilesBelow(root) : [root];
  const groups = new Map<string, FileGroup>();
  for (const path of paths) {
    const described = describeFileName(path);
    const symbol = described.symbol ?? options.symbol;
    if (symbol === undefined) {
      if (paths.length > 1) continue;
      const name = basename(path).split('.')[0];
      groups.set(name, { symbol: name, timeframeMs: described.timeframeMs, paths: [path] });
      continue;
    }
    if (options.symbols !== undefined && !options.symbols.includes(symbol)) continue;
    const key = `${symbol} ${described.timeframeMs ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { symbol, timeframeMs: described.timeframeMs, paths: [path] });
    } else group.paths.push(path);
  }
  if (groups.size === 0) {
    throw new AppError(
      'DATA_NO_BARS',
      `${options.path} holds no bar files`,
      'expected files like BTCUSDT-3m-2023-01.csv, .csv.gz, .zip or .parquet',
    );
  }
  return finestPerSymbol([...groups.values()]);
}

function barFilesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && BAR_FILE.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

function finestPerSymbol(groups: readonly FileGroup[]): FileGroup[] {
  const best = new Map<string, FileGroup>();
  for (const group of groups) {
    const other = best.get(group.symbol);
    const isFiner = (group.timeframeMs ?? 0) < (other?.timeframeMs ?? Number.POSITIVE_INFINITY);
    if (other === undefined || isFiner) best.set(group.symbol, group);
  }
  return [...best.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

async function loadGroup(
  group: FileGroup,
  options: LoadOptions,
  cache: BarsCache,
): Promise<{ bars: Bars; findings: Finding[] }> {
  const policy = JSON.stringify([group.symbol, options.strict ?? false, options.policy ?? {}]);
  const useCache = options.useCache ?? true;
  const key = useCache ? cache.key(group.paths, policy) : '';
  const cached = useCache ? cache.read(key) : undefined;
  if (cached !== undefined) return cached;
  const findings = new Findings({ policy: options.policy, strict: options.strict });
  const bars = await readGroup(group, findings);
  if (useCache) cache.write(key, bars, findings.list);
  return { bars, findings: findings.list };
}

async function readGroup(group: FileGroup, findings: Findings): Promise<Bars> {
  const { symbol, timeframeMs, paths } = group;
  if (paths.some((path) => path.endsWith('.parquet'))) {
    const { readParquetFile } = await import('./readers/parquet.ts');
    const files = await Promise.all(paths.map((path) => readParquetFile(path)));
    return validateBars({ symbol, timeframeMs, files, findings });
  }
  const files = paths.map((path) => readBarFile(path));
  return validateBars({ symbol, timeframeMs, files, findings });
}

function loadFunding(
  root: string,
  symbols: readonly string[],
  given: string | undefined,
  notes: string[],
): FundingTable[] {
  const folder = given ?? findAbove(root, 'funding');
  if (folder === undefined || !existsSync(folder)) {
    if (given !== undefined) throw new AppError('DATA_NO_FILE', `${given} does not exist`);
    notes.push('no funding rates: payments and the funding filter are left out');
    return [];
  }
  const tables: FundingTable[] = [];
  for (const symbol of symbols) {
    const path = statSync(folder).isFile() ? folder : findFundingFile(folder, symbol);
    if (path === undefined) notes.push(`no funding rates for ${symbol} in ${folder}`);
    else tables.push(readFunding(path, symbol));
  }
  return tables;
}

function loadCalendar(
  root: string,
  given: string | undefined,
  notes: string[],
): Calendar | undefined {
  const path = given ?? findAbove(root, 'calendar') ?? SHIPPED_CALENDAR;
  if (!existsSync(path)) {
    if (given !== undefined) throw new AppError('DATA_NO_FILE', `${given} does not exist`);
    notes.push('no economic calendar: releases are not avoided');
    return undefined;
  }
  return readCalendar(path);
}

export const SHIPPED_CALENDAR = join(import.meta.dirname, 'calendar', 'us-macro.csv');

/** A folder of this name in the data folder or in one of the three above it. */
function findAbove(root: string, name: string): string | undefined {
  let folder = statSync(root).isDirectory() ? root : dirname(root);
  for (let level = 0; level < 4; level++) {
    const candidate = join(folder, name);
    // Only a folder beside data counts, not the one of this program's sources.
    const isSource = candidate === join(import.meta.dirname, name);
    if (!isSource && existsSync(candidate) && statSync(candidate).isDirectory()) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return undefined;
}

/** One line about a series, for lists and reports. */
export function describeBars(bars: Bars): string {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const span =
    bars.length === 0
      ? 'no bars'
      : `${day(bars.openTime[0])} .. ${day(bars.openTime[bars.length - 1])}`;
  return `${bars.symbol} ${timeframeName(bars.timeframeMs)}  ${bars.length} bars  ${span}`;
}
