import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { AppError } from '../../src/engine/error.ts';
import type { Bars } from '../bars/bars.ts';
import { type BarField, findBarColumns } from './bar-columns.ts';
import { parseTimeMs, timeUnitOf } from './bar-time.ts';
import { RawBars } from './raw-bars.ts';
import type { RawFile } from './read-bars.ts';

/**
 * Bars of a Parquet file; columns are recognised by the same titles as a CSV's. Times may be
 * numbers, 64-bit integers or timestamps.
 * @throws AppError DATA_* naming the file
 */
export async function readParquetFile(path: string): Promise<RawFile> {
  if (!existsSync(path) || statSync(path).size === 0) {
    throw new AppError('DATA_NO_FILE', `${path} does not exist or is empty`);
  }
  const { parquetReadObjects, parquetMetadata, parquetSchema } = await import('hyparquet');
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  let titles: string[];
  let records: Record<string, unknown>[];
  try {
    titles = parquetSchema(parquetMetadata(file)).children.map((child) => child.element.name);
    records = await parquetReadObjects({ file });
  } catch (error) {
    const { message } = error as Error;
    throw new AppError('DATA_DAMAGED', `${path} is not a readable Parquet file: ${message}`);
  }
  const columns = findBarColumns(path, titles);
  const rows = new RawBars(Math.max(1, records.length));
  const value = (record: Record<string, unknown>, field: BarField) =>
    columns[field] < 0 ? undefined : record[titles[columns[field]]];
  const unit = timeUnitOf(timeText(value(records[0] ?? {}, 'time')));
  if (unit === undefined) {
    throw new AppError('DATA_TIME', `${path}: column ${titles[columns.time]} holds no times`);
  }
  records.forEach((record, index) => {
    const i = rows.add();
    rows.openTime[i] = parseTimeMs(timeText(value(record, 'time')), unit);
    for (const field of ['open', 'high', 'low', 'close'] as const) {
      rows[field][i] = Number(value(record, field));
      if (!Number.isFinite(rows[field][i])) {
        throw new AppError('DATA_CELL', `${path}: row ${index + 1}: ${field} is not a number`);
      }
    }
    rows.volume[i] = columns.volume < 0 ? 0 : Number(value(record, 'volume'));
    rows.takerBuyVolume[i] = Number(value(record, 'takerBuyVolume') ?? Number.NaN);
  });
  return { path, rows, timeUnit: unit, hasVolume: columns.volume >= 0 };
}

/** Writes bars as Parquet with Binance's column names; readable by `readParquetFile`. */
export async function writeParquetBars(path: string, bars: Bars): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const column = (name: string, data: Float64Array) => ({
    name,
    data: Array.from(data),
    type: 'DOUBLE' as const,
  });
  const buffer = parquetWriteBuffer({
    columnData: [
      column('open_time', bars.openTime),
      column('open', bars.open),
      column('high', bars.high),
      column('low', bars.low),
      column('close', bars.close),
      column('volume', bars.volume),
      column('taker_buy_volume', bars.takerBuyVolume),
    ],
  });
  writeFileSync(path, new Uint8Array(buffer));
}

function timeText(value: unknown): string {
  if (value instanceof Date) return String(value.getTime());
  return String(value ?? '');
}
