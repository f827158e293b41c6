import { basename } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { type BarField, findBarColumns } from './bar-columns.ts';
import { parseTimeframe, parseTimeMs, type TimeUnit, timeUnitOf } from './bar-time.ts';
import { type CsvTable, readCsvTable } from './csv-table.ts';
import { parseKlineBytes } from './kline-bytes.ts';
import { readTextBytes } from './open-file.ts';
import { RawBars } from './raw-bars.ts';

/** One file's rows with everything that was noticed while reading; times in ms. */
export interface RawFile {
  path: string;
  rows: RawBars;
  timeUnit: TimeUnit;
  /** True when the source has no volume column at all. */
  hasVolume: boolean;
}

/**
 * Reads any CSV of bars: Binance klines (plain, .gz, .zip; with and without header; ms and us),
 * generic OHLCV, TradingView exports. The known Binance layout takes the fast path.
 * @throws AppError DATA_* with file, line, column and what to do
 */
export function readBarFile(path: string): RawFile {
  const bytes = readTextBytes(path);
  const fast = parseKlineBytes(bytes);
  if (fast !== undefined) return withMsTimes(path, fast);
  return rowsOfTable(readCsvTable(path, bytes));
}

/** Rows of a CSV table: the robust path. */
export function rowsOfTable(table: CsvTable): RawFile {
  const columns = findBarColumns(table.path, table.titles);
  if (table.rows.length === 0) {
    throw new AppError('DATA_EMPTY', `${table.path} holds a header and no rows`);
  }
  const unit = timeUnitOf(table.rows[0][columns.time] ?? '');
  if (unit === undefined) {
    const cell = table.rows[0][columns.time];
    throw new AppError(
      'DATA_TIME',
      `${table.path}:${table.firstLine}: "${cell}" in column ${columns.time + 1} is not a time`,
      'expected unix seconds, ms or us, or ISO 8601',
    );
  }
  const rows = new RawBars(table.rows.length);
  rows.firstLine = table.firstLine;
  const fields: Exclude<BarField, 'time'>[] = ['open', 'high', 'low', 'close'];
  if (columns.volume >= 0) fields.push('volume');
  table.rows.forEach((cells, index) => {
    const i = rows.add();
    rows.openTime[i] = parseTimeMs(cells[columns.time] ?? '', unit);
    if (!Number.isFinite(rows.openTime[i])) throw badCell(table, index, columns.time, 'a time');
    for (const field of fields) {
      const value = cellNumber(cells[columns[field]]);
      if (!Number.isFinite(value)) throw badCell(table, index, columns[field], 'a number');
      rows[field][i] = value;
    }
    const taker = columns.takerBuyVolume < 0 ? '' : (cells[columns.takerBuyVolume] ?? '');
    rows.takerBuyVolume[i] = cellNumber(taker);
  });
  return { path: table.path, rows, timeUnit: unit, hasVolume: columns.volume >= 0 };
}

/** NaN for an empty cell; `Number('')` would be 0. */
export function cellNumber(text: string | undefined): number {
  return text === undefined || text === '' ? Number.NaN : Number(text);
}

function badCell(table: CsvTable, index: number, column: number, wanted: string): AppError {
  const line = table.firstLine + index;
  const title = table.titles[column] ?? `column ${column + 1}`;
  const cell = table.rows[index][column];
  return new AppError(
    'DATA_CELL',
    `${table.path}:${line}: "${cell ?? ''}" in ${title} is not ${wanted}`,
    'mend or remove the line',
  );
}

function withMsTimes(path: string, rows: RawBars): RawFile {
  const unit = timeUnitOf(String(rows.openTime[0]));
  if (unit === undefined || unit === 'iso') {
    const cell = rows.openTime[0];
    const text = `${path}:${rows.firstLine}: "${cell}" in column 1 is not a time`;
    throw new AppError('DATA_TIME', text, 'expected unix seconds, ms or us');
  }
  if (unit !== 'ms') {
    for (let i = 0; i < rows.length; i++) {
      rows.openTime[i] = parseTimeMs(String(rows.openTime[i]), unit);
    }
  }
  return { path, rows, timeUnit: unit, hasVolume: true };
}

/** `BTCUSDT-3m-2023-01.csv.gz` -> symbol and timeframe; undefined parts when the name is other. */
export function describeFileName(path: string): {
  symbol: string | undefined;
  timeframeMs: number | undefined;
} {
  const name = basename(path);
  const symbol = /(?:^|[^A-Za-z0-9])([A-Z0-9]{2,12}(?:USDT|USDC|BUSD|USD))(?=[^A-Z0-9]|$)/.exec(
    name,
  );
  const timeframe = /[-_](\d+[smhdw])[-_.]/.exec(name);
  return {
    symbol: symbol?.[1],
    timeframeMs: timeframe === null ? undefined : parseTimeframe(timeframe[1]),
  };
}
