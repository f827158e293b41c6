import { join } from 'node:path';
import { timeframeName } from '../readers/bar-time.ts';

/** Where Binance publishes history: no key, no account. */
export const ARCHIVE_URL = 'https://data.binance.vision';
export const REST_URL = 'https://fapi.binance.com';

export const DAY_MS = 86_400_000;

/** One kind of data of one symbol; `timeframeMs` for klines only. */
export interface Series {
  symbol: string;
  kind: 'klines' | 'fundingRate' | 'aggTrades';
  timeframeMs?: number;
}

/** A month with the days of it that are wanted, ms UTC at 00:00. */
export interface MonthPlan {
  stamp: string;
  startMs: number;
  endMs: number;
  days: number[];
}

/** The part of a file's name that says what is in it: `3m`, `aggTrades`, `fundingRate`. */
export function contentName(series: Series): string {
  return series.timeframeMs === undefined ? series.kind : timeframeName(series.timeframeMs);
}

/** `BTCUSDT 3m`, for messages. */
export function seriesName(series: Series): string {
  return `${series.symbol} ${contentName(series)}`;
}

/** Path of a zip below the archive's root; a stamp of `2023-01` is a month, `2023-01-15` a day. */
export function archivePath(series: Series, stamp: string): string {
  const { symbol, kind } = series;
  const period = stamp.length === 7 ? 'monthly' : 'daily';
  const content = contentName(series);
  const folder = kind === 'klines' ? `${kind}/${symbol}/${content}` : `${kind}/${symbol}`;
  return `data/futures/um/${period}/${folder}/${symbol}-${content}-${stamp}.zip`;
}

/** Folder of a series in the store; funding settlements have one per symbol. */
export function storeFolder(root: string, series: Series): string {
  if (series.kind === 'fundingRate') return join(root, 'funding', series.symbol);
  return join(root, 'futures-um', contentName(series));
}

/** File of a month or day in the store: an archive zip, or a CSV of rows that came over REST. */
export function storePath(
  root: string,
  series: Series,
  file: { stamp: string; extension: 'zip' | 'csv' },
): string {
  const name = `${series.symbol}-${contentName(series)}-${file.stamp}.${file.extension}`;
  return join(storeFolder(root, series), name);
}

/** The months that hold the days from `fromMs` to `toMs`, both inclusive and at 00:00 UTC. */
export function planMonths(fromMs: number, toMs: number): MonthPlan[] {
  const months: MonthPlan[] = [];
  for (let day = fromMs; day <= toMs; day += DAY_MS) {
    const stamp = dayStamp(day).slice(0, 7);
    let month = months.at(-1);
    if (month?.stamp !== stamp) {
      const date = new Date(day);
      const at = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset);
      month = { stamp, startMs: at(0), endMs: at(1), days: [] };
      months.push(month);
    }
    month.days.push(day);
  }
  return months;
}

export function dayStamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** All days of a month, as stamps. */
export function daysOfMonth(month: MonthPlan): string[] {
  const days: string[] = [];
  for (let day = month.startMs; day < month.endMs; day += DAY_MS) days.push(dayStamp(day));
  return days;
}
