import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors, FileMetaData, ParquetParsers } from 'hyparquet';
import { AppError } from '../../src/engine/error.ts';
import type { Bars } from '../bars/bars.ts';
import { Findings } from '../validate/findings.ts';
import { validateBars } from '../validate/validate-bars.ts';
import { type BarField, findBarColumns } from './bar-columns.ts';
import { parseTimeMs, type TimeUnit, timeUnitOf } from './bar-time.ts';
import { RawBars } from './raw-bars.ts';
import { describeFileName, type RawFile } from './read-bars.ts';

const FIELDS: readonly BarField[] = [
  'time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'takerBuyVolume',
];
/** Two centuries of 1m bars: more is a damaged header. */
const ROWS_MAX = 100_000_000;
/** Keys of what a file of ours knows about its bars. */
const KEYS = { symbol: 'qcm.symbol', timeframeMs: 'qcm.timeframeMs', kind: 'qcm.kind' };

/**
 * Validated bars of one Parquet file. Symbol and timeframe come from the options, the file's own
 * metadata, its name, or (timeframe) its rows, in this order. Simulated bars stay labelled.
 * @throws AppError DATA_* naming the file, the row and what to do
 */
export async function readParquetBars(
  path: string,
  options: { symbol?: string; timeframeMs?: number } = {},
): Promise<Bars> {
  const { metadata, bytes } = await openParquet(path);
  const raw = await readRows(path, metadata, bytes);
  const known = (key: string) =>
    metadata.key_value_metadata?.find((entry) => entry.key === key)?.value;
  const name = describeFileName(path);
  const written = known(KEYS.timeframeMs);
  const bars = validateBars({
    symbol: options.symbol ?? known(KEYS.symbol) ?? name.symbol ?? basename(path).split('.')[0],
    timeframeMs:
      options.timeframeMs ?? (written === undefined ? name.timeframeMs : Number(written)),
    files: [raw],
    findings: new Findings(),
  });
  if (known(KEYS.kind) !== 'simulated') return bars;
  return { ...bars, source: { kind: 'simulated', names: [`SIMULATED ${path}`] } };
}

/**
 * Rows of a Parquet file before validation; columns are recognised by the same titles as a CSV's.
 * Times may be timestamps of any unit, dates, 64-bit or floating numbers (s, ms, us, ns) or ISO
 * text. Compressed with snappy, gzip, zstd, brotli or not at all.
 * @throws AppError DATA_* naming the file, the row and what to do
 */
export async function readParquetFile(path: string): Promise<RawFile> {
  const { metadata, bytes } = await openParquet(path);
  return readRows(path, metadata, bytes);
}

/** Writes bars as Parquet: `open_time` is a timestamp in ms, a missing taker volume is null. */
export async function writeParquetBars(path: string, bars: Bars): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const double = (name: string, data: Float64Array) => ({
    name,
    data: new Float64Array(data),
    type: 'DOUBLE' as const,
    nullable: false,
  });
  const buffer = parquetWriteBuffer({
    columnData: [
      {
        name: 'open_time',
        data: Array.from(bars.openTime, (time) => new Date(time)),
        type: 'TIMESTAMP',
        nullable: false,
      },
      double('open', bars.open),
      double('high', bars.high),
      double('low', bars.low),
      double('close', bars.close),
      double('volume', bars.volume),
      {
        name: 'taker_buy_volume',
        data: Array.from(bars.takerBuyVolume, (value) => (Number.isNaN(value) ? null : value)),
        type: 'DOUBLE',
      },
    ],
    kvMetadata: [
      { key: KEYS.symbol, value: bars.symbol },
      { key: KEYS.timeframeMs, value: String(bars.timeframeMs) },
      { key: KEYS.kind, value: bars.source.kind },
    ],
  });
  writeFileSync(`${path}.part`, new Uint8Array(buffer));
  renameSync(`${path}.part`, path);
}

async function openParquet(path: string): Promise<{ metadata: FileMetaData; bytes: ArrayBuffer }> {
  if (!existsSync(path)) {
    throw new AppError('DATA_NO_FILE', `${path} does not exist`, 'check the path');
  }
  if (statSync(path).size === 0) {
    throw new AppError('DATA_EMPTY', `${path} is empty (0 bytes)`, 'write or download it again');
  }
  const { parquetMetadata } = await import('hyparquet');
  const bytes = new Uint8Array(readFileSync(path)).buffer;
  try {
    return { metadata: parquetMetadata(bytes), bytes };
  } catch (error) {
    throw damaged(path, error);
  }
}

async function readRows(path: string, metadata: FileMetaData, file: ArrayBuffer): Promise<RawFile> {
  const { parquetRead, parquetSchema } = await import('hyparquet');
  const titles = parquetSchema(metadata).children.map((child) => child.element.name);
  const columns = findBarColumns(path, titles);
  const count = Number(metadata.num_rows);
  if (count === 0) throw new AppError('DATA_EMPTY', `${path} has columns and no rows`);
  if (count > ROWS_MAX) throw damaged(path, new Error(`it claims ${count} rows`));
  const rows = new RawBars(count);
  rows.length = count;
  if (columns.volume < 0) rows.volume.fill(0);
  rows.takerBuyVolume.fill(Number.NaN);
  const sink = new RowSink(path, rows);
  const present = FIELDS.filter((field) => columns[field] >= 0);
  try {
    await parquetRead({
      file,
      metadata,
      columns: present.map((field) => titles[columns[field]]),
      compressors: COMPRESSORS,
      parsers: PARSERS,
      onChunk: ({ columnName, columnData, rowStart }) => {
        const index = titles.indexOf(columnName);
        const field = present.find((name) => columns[name] === index);
        if (field !== undefined) sink.take(field, columnData, rowStart);
      },
    });
  } catch (error) {
    throw damaged(path, error);
  }
  sink.finish(present.length);
  return { path, rows, timeUnit: sink.unit ?? 'ms', hasVolume: columns.volume >= 0 };
}

/**
 * Takes column chunks as they are decoded; no object per row is made. The library does not wait for
 * its callback, so a wrong cell is kept until `finish` and not thrown inside it.
 */
class RowSink {
  unit: TimeUnit | undefined;
  private readonly path: string;
  private readonly rows: RawBars;
  private wrong: AppError | undefined;
  private cells: number;

  constructor(path: string, rows: RawBars) {
    this.path = path;
    this.rows = rows;
    this.unit = undefined;
    this.wrong = undefined;
    this.cells = 0;
  }

  /** @throws AppError for the first wrong cell, or when cells are missing */
  finish(columns: number): void {
    if (this.wrong !== undefined) throw this.wrong;
    const expected = columns * this.rows.length;
    if (this.cells === expected) return;
    throw damaged(this.path, new Error(`${this.cells} of ${expected} cells came out of it`));
  }

  take(field: BarField, values: ArrayLike<unknown>, rowStart: number): void {
    this.cells += values.length;
    if (this.wrong !== undefined) return;
    if (field === 'time') {
      this.takeTimes(values, rowStart);
      return;
    }
    const column = this.rows[field];
    const isOptional = field === 'takerBuyVolume';
    for (let i = 0; i < values.length; i++) {
      const value = numberOf(values[i]);
      if (!Number.isFinite(value) && !isOptional) {
        this.wrong = this.badCell({
          field,
          row: rowStart + i,
          value: values[i],
          wanted: 'a number',
        });
        return;
      }
      column[rowStart + i] = value;
    }
  }

  private takeTimes(values: ArrayLike<unknown>, rowStart: number): void {
    const { openTime } = this.rows;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      const row = rowStart + i;
      const text = value === null || value === undefined ? '' : String(value);
      this.unit ??= timeUnitOf(text);
      const time = this.unit === undefined ? Number.NaN : parseTimeMs(text, this.unit);
      if (text === '' || !Number.isFinite(time)) {
        this.wrong = this.badCell({ field: 'time', row, value, wanted: 'a time' });
        return;
      }
      openTime[row] = time;
    }
  }

  private badCell(cell: { field: string; row: number; value: unknown; wanted: string }): AppError {
    const { field, row, value, wanted } = cell;
    const shown = String(value).slice(0, 40);
    const text = `${this.path}: row ${row + 1}: ${field} "${shown}" is not ${wanted}`;
    return new AppError('DATA_CELL', text, 'mend or remove the row');
  }
}

/** NaN for what is missing; text is allowed, as some writers keep prices as text. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/** Timestamps become plain ms: no Date per row, and nanoseconds keep their ms exactly. */
const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => Number(millis),
  timestampFromMicroseconds: (micros) => Number(micros / 1_000n),
  timestampFromNanoseconds: (nanos) => Number(nanos / 1_000_000n),
  dateFromDays: (days) => days * 86_400_000,
};

/** The codecs other tools write by default; each page says how large it may become. */
const COMPRESSORS: Compressors = {
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
};

function damaged(path: string, error: unknown): AppError {
  const text = `${path} is not a readable Parquet file: ${(error as Error).message}`;
  return new AppError('DATA_DAMAGED', text, 'write or download it again');
}
