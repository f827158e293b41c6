import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { parseTimeMs, timeUnitOf } from '../readers/bar-time.ts';
import { readCsvTable } from '../readers/csv-table.ts';
import { readTextBytes } from '../readers/open-file.ts';

const HOUR_MS = 3_600_000;

/** Settlements of one symbol, ascending; rates per interval, positive: longs pay. */
export interface FundingTable {
  symbol: string;
  times: Float64Array;
  rates: Float64Array;
  /** Hours of the interval that ends with each settlement. */
  intervalHours: Float64Array;
  /** Stretches without settlements, `from` exclusive to `to` exclusive, ms. */
  gaps: { from: number; to: number }[];
  path: string;
}

/**
 * Reads `fundingTime,fundingRate` or the archive's
 * `calc_time,funding_interval_hours,last_funding_rate`. Times are a few ms late in both and are
 * rounded to the hour; a missing interval is taken from the neighbour.
 * @throws AppError DATA_FUNDING with file and line
 */
export function readFunding(path: string, symbol: string): FundingTable {
  const table = readCsvTable(path, readTextBytes(path));
  const titles = table.titles.map((title) => title.toLowerCase().replace(/[^a-z]/g, ''));
  const time = titles.findIndex((title) => title === 'fundingtime' || title === 'calctime');
  const rate = titles.findIndex((title) => title === 'fundingrate' || title === 'lastfundingrate');
  const hours = titles.indexOf('fundingintervalhours');
  if (time < 0 || rate < 0) {
    throw new AppError(
      'DATA_FUNDING',
      `${path}:1: no columns fundingTime and fundingRate; found ${table.titles.join(', ')}`,
      'use a funding rate history file',
    );
  }
  const rows = table.rows.map((cells, i) => {
    const unit = timeUnitOf(cells[time] ?? '');
    const value = Number(cells[rate]);
    if (unit === undefined || cells[rate] === '' || !Number.isFinite(value)) {
      const line = table.firstLine + i;
      throw new AppError(
        'DATA_FUNDING',
        `${path}:${line}: "${cells.join(',')}" is not a settlement`,
      );
    }
    const ms = Math.round(parseTimeMs(cells[time], unit) / HOUR_MS) * HOUR_MS;
    return { ms, rate: value, hours: hours < 0 ? Number.NaN : Number(cells[hours]) };
  });
  rows.sort((a, b) => a.ms - b.ms);
  const unique = rows.filter((row, i) => i === 0 || row.ms !== rows[i - 1].ms);
  const intervals = intervalsOf(unique);
  return {
    symbol,
    times: Float64Array.from(unique, (row) => row.ms),
    rates: Float64Array.from(unique, (row) => row.rate),
    intervalHours: intervals,
    gaps: gapsOf(unique, intervals),
    path,
  };
}

/** Index of the first settlement at or after a time. */
export function firstSettlement(table: FundingTable, ms: number): number {
  let low = 0;
  let high = table.times.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (table.times[mid] < ms) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** The table of a symbol in a folder: a file whose name begins with the symbol. */
export function findFundingFile(folder: string, symbol: string): string | undefined {
  const name = readdirSync(folder)
    .sort()
    .find((file) => file.toUpperCase().startsWith(symbol) && /\.(csv|csv\.gz|zip)$/.test(file));
  return name === undefined ? undefined : join(folder, name);
}

function intervalsOf(rows: readonly { ms: number; hours: number }[]): Float64Array {
  return Float64Array.from(rows, (row, i) => {
    if (row.hours > 0) return row.hours;
    const before = i > 0 ? (row.ms - rows[i - 1].ms) / HOUR_MS : Number.POSITIVE_INFINITY;
    const after = i + 1 < rows.length ? (rows[i + 1].ms - row.ms) / HOUR_MS : before;
    const nearest = Math.min(before, after);
    return nearest >= 1 && nearest <= 8 ? nearest : 8;
  });
}

function gapsOf(rows: readonly { ms: number }[], intervals: Float64Array) {
  const gaps: { from: number; to: number }[] = [];
  for (let i = 1; i < rows.length; i++) {
    const step = (rows[i].ms - rows[i - 1].ms) / HOUR_MS;
    if (step > Math.max(8, intervals[i])) gaps.push({ from: rows[i - 1].ms, to: rows[i].ms });
  }
  return gaps;
}
