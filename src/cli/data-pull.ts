import { join } from 'node:path';
import { Command, Option } from 'commander';
import { pullHistory } from '../../data/binance/archive.ts';
import {
  ARCHIVE_URL,
  DAY_MS,
  dayStamp,
  REST_URL,
  type Series,
  seriesName,
} from '../../data/binance/archive-layout.ts';
import { findGaps, type SeriesReport } from '../../data/binance/pull-report.ts';
import { parseTimeframe } from '../../data/readers/bar-time.ts';
import { AppError, closestNames } from '../engine/error.ts';
import { EXIT_INTERRUPTED, PullProgressLine } from './pull-progress.ts';

const INTERVALS = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d'];
const KINDS = ['klines', 'fundingRate', 'aggTrades'] as const;
const GAPS_SHOWN_MAX = 10;

interface Options {
  symbols: string;
  from: string;
  to?: string;
  intervals: string;
  kinds: string;
  out: string;
  parallel: string;
  baseUrl: string;
  restUrl: string;
  refresh?: boolean;
  retryMs?: string;
}

/** `qcm data pull`: public history of Binance USD-M futures; needs no key and no account. */
export function command(): Command {
  return new Command('pull')
    .description('download public history: the archive, and REST for the days not archived yet')
    .option('--symbols <list>', 'comma-separated', 'BTCUSDT,ETHUSDT,SOLUSDT')
    .requiredOption('--from <date>', 'first day: 2025-01-01, or a month: 2025-01')
    .option('--to <date>', 'last day or month, inclusive; today when left out')
    .option('--intervals <list>', 'of klines: 1m, 3m ... 1d', '1m')
    .option('--kinds <list>', KINDS.join(', '), 'klines,fundingRate')
    .option('--out <folder>', 'the store', join('data', 'store'))
    .option('--parallel <n>', 'downloads at once, 1 to 16', '4')
    .option('--refresh', 'ask for checksums again: the archive re-issues files at times')
    .option('--base-url <url>', 'the archive or a copy of it', ARCHIVE_URL)
    .option('--rest-url <url>', 'REST endpoint', REST_URL)
    .addOption(new Option('--retry-ms <n>', 'first wait after a failure').hideHelp())
    .addHelpText('after', HELP)
    .action((options: Options) => pull(options));
}

const HELP = `
Files are verified against their published SHA-256. Ctrl-C loses nothing: the same command goes on.
Example: qcm data pull --symbols BTCUSDT --from 2025-01 --to 2025-06
Then:    qcm backtest --data data/store/futures-um/1m`;

async function pull(options: Options): Promise<void> {
  const nowMs = Date.now();
  const { fromMs, toMs } = parseRange(options.from, options.to, nowMs);
  const series = parseSeries(options);
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const line = new PullProgressLine();
  try {
    const reports = await pullHistory({
      series,
      fromMs,
      toMs,
      nowMs,
      out: options.out,
      baseUrl: parseUrl(options.baseUrl, '--base-url'),
      restUrl: parseUrl(options.restUrl, '--rest-url'),
      parallel: parseCount(options.parallel),
      refresh: options.refresh,
      http: {
        signal: interrupt.signal,
        backoffMs: options.retryMs === undefined ? undefined : Number(options.retryMs),
        onWait: (text) => line.note(text),
      },
      onProgress: (progress) => line.show(progress),
    });
    line.end();
    report(reports, options.out);
  } catch (error) {
    line.end();
    if (!interrupt.signal.aborted) throw withDiskHint(error);
    process.stderr.write('stopped; nothing is lost, the same command goes on from here\n');
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
}

/** Prints what was done; throws when something that was asked for is wrong. */
function report(reports: readonly SeriesReport[], out: string): void {
  const failures: SeriesReport['failed'] = [];
  for (const entry of reports) {
    const { series, fetched, kept, overRest, notListed, missing, superseded, failed } = entry;
    const rows = overRest.reduce((sum, day) => sum + day.rows, 0);
    const parts = [`${fetched.length} files fetched`, `${kept.length} already there`];
    if (rows > 0) parts.push(`${rows} rows over REST`);
    if (superseded > 0) parts.push(`${superseded} replaced by longer files`);
    print(`${seriesName(series)}: ${parts.join(', ')}`);
    if (notListed.length > 0) print(`  not listed yet: ${spanOf(notListed)}`);
    if (missing.length > 0) print(`  not to be had${whyMissing(series)}: ${spanOf(missing)}`);
    for (const { stamp, message } of failed) print(`  FAILED ${stamp}: ${message}`);
    printGaps(entry);
    failures.push(...failed);
  }
  const klines = reports.find(({ series, paths }) => series.kind === 'klines' && paths.length > 0);
  if (klines !== undefined) print(`stored in ${out}; data check shows every finding`);
  if (failures.length === 0) return;
  const text = `${failures.length} of the files asked for could not be brought`;
  const hint = failures[0].hint ?? 'run the same command again';
  throw new AppError('DATA_PULL_INCOMPLETE', text, hint);
}

function printGaps({ series, paths }: SeriesReport): void {
  if (series.kind !== 'klines' || series.timeframeMs === undefined || paths.length === 0) return;
  const gaps = findGaps(paths, series.timeframeMs);
  if (gaps.length === 0) print('  no gaps');
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  for (const { fromMs, toMs, bars } of gaps.slice(0, GAPS_SHOWN_MAX)) {
    print(`  gap: ${time(fromMs)} .. ${time(toMs)} UTC, ${bars} bars`);
  }
  if (gaps.length > GAPS_SHOWN_MAX) print(`  and ${gaps.length - GAPS_SHOWN_MAX} more gaps`);
}

function whyMissing({ kind }: Series): string {
  return kind === 'aggTrades' ? ' (not archived yet, and REST has no history of trades)' : '';
}

function spanOf(stamps: readonly string[]): string {
  if (stamps.length < 4) return stamps.join(', ');
  return `${stamps[0]} .. ${stamps[stamps.length - 1]} (${stamps.length})`;
}

function parseRange(from: string, to: string | undefined, nowMs: number) {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const fromMs = parseDay(from, '--from').first;
  const toMs = to === undefined ? today : Math.min(today, parseDay(to, '--to').last);
  if (fromMs <= toMs) return { fromMs, toMs };
  const text = `--from ${from} is after ${to === undefined ? 'today' : `--to ${to}`}`;
  throw new AppError('USAGE_DATE', text, `the last day that can be had is ${dayStamp(today)}`);
}

/** A day or a month, UTC. */
function parseDay(text: string, option: string): { first: number; last: number } {
  const match = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(text);
  const year = Number(match?.[1]);
  const month = Number(match?.[2]) - 1;
  const day = Number(match?.[3] ?? 1);
  const first = Date.UTC(year, month, day);
  const last = match?.[3] === undefined ? Date.UTC(year, month + 1, 0) : first;
  if (match !== null && dayStamp(first).startsWith(text)) return { first, last };
  throw new AppError('USAGE_DATE', `${option} "${text}" is no date`, 'write 2025-01-31 or 2025-01');
}

function parseSeries(options: Options): Series[] {
  const symbols = listOf(options.symbols).map((symbol) => symbol.toUpperCase());
  const bad = symbols.find((symbol) => !/^[A-Z0-9_]{2,30}$/.test(symbol));
  if (symbols.length === 0 || bad !== undefined) {
    throw new AppError('USAGE_SYMBOL', `--symbols "${bad ?? ''}"`, 'for example BTCUSDT,ETHUSDT');
  }
  const kinds = listOf(options.kinds).map((kind) => oneOf(KINDS, kind, '--kinds'));
  const intervals = listOf(options.intervals).map((text) => oneOf(INTERVALS, text, '--intervals'));
  return symbols.flatMap((symbol) =>
    kinds.flatMap((kind): Series[] => {
      if (kind !== 'klines') return [{ symbol, kind }];
      return intervals.map((text) => ({ symbol, kind, timeframeMs: parseTimeframe(text) }));
    }),
  );
}

function listOf(text: string): string[] {
  return [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== '');
}

function oneOf<T extends string>(known: readonly T[], text: string, option: string): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  const near = closestNames(text, known);
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : known.join(', ');
  throw new AppError('USAGE_OPTION', `${option} does not know "${text}"`, hint);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 16) return count;
  throw new AppError('USAGE_OPTION', `--parallel ${text}`, 'a whole number from 1 to 16');
}

function parseUrl(text: string, option: string): string {
  if (/^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text)) return text;
  throw new AppError('USAGE_OPTION', `${option} "${text}" is no URL`, 'https://host/path');
}

function withDiskHint(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (!['ENOSPC', 'EACCES', 'EROFS', 'EPERM', 'ENOTDIR'].includes(code ?? '')) return error;
  const hint = 'free space or choose another --out; the same command goes on from here';
  return new AppError('STORE_WRITE', `cannot write to the store: ${message}`, hint);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
