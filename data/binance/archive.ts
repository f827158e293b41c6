import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { fetchArchiveFile } from './archive-file.ts';
import {
  archivePath,
  DAY_MS,
  dayStamp,
  daysOfMonth,
  type MonthPlan,
  planMonths,
  type Series,
  storePath,
} from './archive-layout.ts';
import { mergeFunding } from './funding-store.ts';
import { PublicHttp, type PublicHttpOptions } from './public-http.ts';
import { emptyReport, type SeriesReport } from './pull-report.ts';
import { RestHistory, rowsPerDay } from './rest-history.ts';

const KLINE_HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
  'taker_buy_volume,taker_buy_quote_volume,ignore';
/** Months are published on the first Monday after them; later than this one is not to come. */
const PUBLISHED_WITHIN_MS = 10 * DAY_MS;

export interface PullOptions {
  series: readonly Series[];
  /** First and last day, inclusive, 00:00 UTC. */
  fromMs: number;
  toMs: number;
  nowMs: number;
  /** Root of the store, `data/store`. */
  out: string;
  baseUrl: string;
  restUrl: string;
  /** Downloads at once. */
  parallel: number;
  refresh?: boolean;
  http?: PublicHttpOptions;
  onProgress?: (progress: PullProgress) => void;
}

export interface PullProgress {
  monthsDone: number;
  months: number;
  bytes: number;
  /** The file that was touched last. */
  current: string;
}

/**
 * Brings history into the store: monthly zips of Binance's public archive, daily ones for months
 * that are not complete, REST for the days not archived yet. State is the files alone: stopping at
 * any moment loses nothing, and a second run goes on. A file that is wrong is reported and does not
 * stop the others.
 * @throws AppError EXCHANGE_* when the network or the exchange refuses altogether
 */
export async function pullHistory(options: PullOptions): Promise<SeriesReport[]> {
  const stop = new AbortController();
  const outer = options.http?.signal;
  const signal = outer === undefined ? stop.signal : AbortSignal.any([stop.signal, outer]);
  const puller = new Puller(options, new PublicHttp({ ...options.http, signal }));
  try {
    return await Promise.all(options.series.map((series) => puller.pull(series)));
  } catch (error) {
    stop.abort();
    throw error;
  }
}

class Puller {
  private readonly options: PullOptions;
  private readonly http: PublicHttp;
  private readonly rest: RestHistory;
  private readonly slots: Slots;
  private readonly months: readonly MonthPlan[];
  private readonly listings: Map<string, Promise<number | undefined>>;
  private readonly progress: PullProgress;

  constructor(options: PullOptions, http: PublicHttp) {
    this.options = options;
    this.http = http;
    this.rest = new RestHistory(http, options.restUrl);
    this.slots = new Slots(options.parallel);
    this.months = planMonths(options.fromMs, options.toMs);
    this.listings = new Map();
    const months = this.months.length * options.series.length;
    this.progress = { monthsDone: 0, months, bytes: 0, current: '' };
  }

  async pull(series: Series): Promise<SeriesReport> {
    const report = emptyReport(series);
    const open = await Promise.all(this.months.map((month) => this.pullMonth(report, month)));
    const days = open.flat();
    try {
      if (series.kind === 'klines') {
        for (const day of days) await this.pullDayOverRest(report, day);
      } else if (series.kind === 'fundingRate') await this.pullFunding(report, days);
      else report.missing.push(...days.map(dayStamp));
    } catch (error) {
      noteRestFailure(report, error);
    }
    for (const list of [report.fetched, report.kept, report.missing]) list.sort();
    report.paths.sort((a, b) => (stampOf(a) < stampOf(b) ? -1 : 1));
    return report;
  }

  /** Returns the days of the month that the archive does not have. */
  private async pullMonth(report: SeriesReport, month: MonthPlan): Promise<number[]> {
    try {
      return await this.daysNotArchived(report, month);
    } catch (error) {
      noteFailure(report, month.stamp, error);
      return [];
    } finally {
      this.progress.monthsDone++;
      this.tell(month.stamp);
    }
  }

  private async daysNotArchived(report: SeriesReport, month: MonthPlan): Promise<number[]> {
    const { series } = report;
    const { nowMs } = this.options;
    const isOver = month.endMs <= nowMs;
    // A month of trades is hundreds of megabytes: taken only when all of it is wanted.
    const isWhole = month.days.length * DAY_MS === month.endMs - month.startMs;
    if (isOver && (series.kind !== 'aggTrades' || isWhole)) {
      if (await this.pullFile(report, month.stamp)) {
        this.removeSuperseded(report, daysOfMonth(month));
        return [];
      }
      const isLate = nowMs - month.endMs > PUBLISHED_WITHIN_MS;
      const listed = isLate ? await this.listedFrom(series.symbol) : undefined;
      if (listed !== undefined && listed >= month.endMs) {
        report.notListed.push(month.stamp);
        return [];
      }
    }
    if (series.kind === 'fundingRate') return month.days;
    const open = await Promise.all(month.days.map((day) => this.pullDay(report, day)));
    return month.days.filter((_, i) => open[i]);
  }

  /** True when the archive does not have the day. */
  private async pullDay(report: SeriesReport, day: number): Promise<boolean> {
    const stamp = dayStamp(day);
    try {
      if (day >= this.options.nowMs) return false;
      if (day + DAY_MS > this.options.nowMs) return true;
      if (!(await this.pullFile(report, stamp))) return true;
      this.removeSuperseded(report, [stamp], 'csv');
    } catch (error) {
      noteFailure(report, stamp, error);
    }
    return false;
  }

  /** False when the archive does not have the file. */
  private pullFile(report: SeriesReport, stamp: string): Promise<boolean> {
    const { series } = report;
    const { baseUrl, out, refresh } = this.options;
    const path = storePath(out, series, { stamp, extension: 'zip' });
    return this.slots.run(async () => {
      this.tell(`${series.symbol} ${stamp}`);
      const outcome = await fetchArchiveFile({
        http: this.http,
        url: `${baseUrl.replace(/\/+$/, '')}/${archivePath(series, stamp)}`,
        path,
        refresh,
        onBytes: (bytes) => {
          this.progress.bytes += bytes;
          this.options.onProgress?.(this.progress);
        },
      });
      if (outcome === 'absent') return false;
      report[outcome].push(stamp);
      report.paths.push(path);
      return true;
    });
  }

  private async pullDayOverRest(report: SeriesReport, day: number): Promise<void> {
    const { series } = report;
    const { out, nowMs } = this.options;
    const timeframeMs = series.timeframeMs ?? DAY_MS;
    const stamp = dayStamp(day);
    const path = storePath(out, series, { stamp, extension: 'csv' });
    const full = rowsPerDay(timeframeMs);
    if (existsSync(path) && readFileSync(path, 'utf8').trimEnd().split('\n').length > full) {
      report.kept.push(stamp);
      report.paths.push(path);
      return;
    }
    this.tell(`${series.symbol} ${stamp} (REST)`);
    const range = { fromMs: day, toMs: day + DAY_MS, nowMs };
    const lines = await this.slots.run(() =>
      this.rest.klines({ symbol: series.symbol, timeframeMs, ...range }),
    );
    if (lines.length === 0) {
      const listed = await this.listedFrom(series.symbol);
      const isListed = listed === undefined || listed < day + DAY_MS;
      // The first minutes of today have no closed bar: nothing is missing.
      if (day + DAY_MS <= nowMs) (isListed ? report.missing : report.notListed).push(stamp);
      return;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.part`, `${[KLINE_HEADER, ...lines].join('\n')}\n`);
    renameSync(`${path}.part`, path);
    report.overRest.push({ stamp, rows: lines.length });
    report.paths.push(path);
  }

  private async pullFunding(report: SeriesReport, days: readonly number[]): Promise<void> {
    const { symbol } = report.series;
    const last = days.at(-1);
    const toMs = Math.min(this.options.nowMs, (last ?? 0) + DAY_MS);
    const rows =
      last === undefined
        ? []
        : await this.slots.run(() => this.rest.funding({ symbol, fromMs: days[0], toMs }));
    if (rows.length > 0) report.overRest.push({ stamp: dayStamp(days[0]), rows: rows.length });
    const total = mergeFunding(this.options.out, report.series, rows);
    if (total === 0) report.missing.push(...days.map(dayStamp));
  }

  /** When the symbol was listed; undefined when the exchange cannot be asked. */
  private listedFrom(symbol: string): Promise<number | undefined> {
    let listing = this.listings.get(symbol);
    if (listing === undefined) {
      listing = this.rest.firstDay(symbol).catch((error: unknown) => {
        // The archive is reachable from places and in copies where REST is not.
        if (isRestRefusal(error)) return undefined;
        throw error;
      });
      this.listings.set(symbol, listing);
    }
    return listing;
  }

  private removeSuperseded(
    report: SeriesReport,
    days: readonly string[],
    only?: 'csv' | 'zip',
  ): void {
    for (const stamp of days) {
      for (const extension of ['zip', 'csv'] as const) {
        if (only !== undefined && extension !== only) continue;
        const path = storePath(this.options.out, report.series, { stamp, extension });
        if (!existsSync(path)) continue;
        rmSync(path);
        rmSync(`${path}.CHECKSUM`, { force: true });
        report.superseded++;
      }
    }
  }

  private tell(current: string): void {
    this.progress.current = current;
    this.options.onProgress?.(this.progress);
  }
}

/** At most so many at a time, first come first served. */
class Slots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(count: number) {
    this.free = count;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}

/** Wrong data concerns one file and is noted; anything else ends the whole pull. */
function noteFailure(report: SeriesReport, stamp: string, error: unknown): void {
  if (!(error instanceof AppError) || !error.code.startsWith('DATA_')) throw error;
  const { message, hint } = error;
  const isTold = report.failed.some((failure) => failure.message === message);
  if (!isTold) report.failed.push({ stamp, message, hint });
}

function noteRestFailure(report: SeriesReport, error: unknown): void {
  if (!isRestRefusal(error)) noteFailure(report, 'REST', error);
  else report.failed.push({ stamp: 'REST', message: error.message, hint: error.hint });
}

/** Blocked or unreachable, but not the ban, after which every request makes it longer. */
function isRestRefusal(error: unknown): error is AppError {
  return (
    error instanceof AppError &&
    error.code.startsWith('EXCHANGE_') &&
    error.code !== 'EXCHANGE_BANNED'
  );
}

function stampOf(path: string): string {
  return /(\d{4}-\d\d(?:-\d\d)?)\.\w+$/.exec(path)?.[1] ?? '';
}
