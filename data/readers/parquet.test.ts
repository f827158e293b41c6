import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../load.ts';
import { simulateMarket } from '../simulated/market.ts';
import { readParquetBars, readParquetFile, writeParquetBars } from './parquet.ts';

const START_MS = Date.UTC(2025, 0, 1);
const STEP_MS = 180_000;
const COUNT = 50;
const COLUMNS = ['openTime', 'open', 'high', 'low', 'close', 'volume', 'takerBuyVolume'] as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qcm-parquet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const timeOf = (i: number) => START_MS + i * STEP_MS;
const rowsOf = <T>(value: (i: number) => T): T[] =>
  Array.from({ length: COUNT }, (_, i) => value(i));

/** A file of another program: its own time column, names and codec. */
function foreignFile(
  name: string,
  time: ColumnSource,
  options: { replace?: ColumnSource[]; codec?: 'GZIP' | 'ZSTD' | 'BROTLI' | 'UNCOMPRESSED' } = {},
): string {
  const double = (title: string, value: (i: number) => number) => ({
    name: title,
    data: rowsOf(value),
    type: 'DOUBLE' as const,
  });
  const plain: ColumnSource[] = [
    time,
    double('Open', (i) => 100 + i),
    double('High', (i) => 102 + i),
    double('Low', (i) => 99 + i),
    double('Close', (i) => 101 + i),
    double('Volume', (i) => i + 0.5),
    { name: 'remark', data: rowsOf(() => 'other'), type: 'STRING' },
  ];
  const columnData = plain.map(
    (column) => options.replace?.find((other) => other.name === column.name) ?? column,
  );
  const compressors = {
    GZIP: (bytes: Uint8Array) => gzipSync(bytes),
    ZSTD: (bytes: Uint8Array) => zstdCompressSync(bytes),
    BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
  };
  const path = join(folder, name);
  const buffer = parquetWriteBuffer({ columnData, codec: options.codec, compressors });
  writeFileSync(path, new Uint8Array(buffer));
  return path;
}

describe('bars that were written', () => {
  it('come back bit for bit, with symbol, timeframe and label', async () => {
    const [, bars] = simulateMarket({ seed: 1, days: 3, timeframeMs: STEP_MS }).series;
    bars.takerBuyVolume[3] = Number.NaN;
    const path = join(folder, 'any-name.parquet');
    await writeParquetBars(path, bars);
    const back = await readParquetBars(path);
    expect(back).toMatchObject({ symbol: 'ETHUSDT', timeframeMs: STEP_MS, length: 1_440 });
    for (const column of COLUMNS) expect(back[column]).toEqual(bars[column]);
    expect(back.source.kind).toBe('simulated');
    expect(back.source.names[0]).toMatch(/^SIMULATED/);
  });

  it('are found by the loader of data folders', async () => {
    const [bars] = simulateMarket({ seed: 2, days: 1, timeframeMs: STEP_MS }).series;
    const path = join(folder, 'BTCUSDT-3m-2025.parquet');
    await writeParquetBars(path, bars);
    const { series } = await loadDataset({ path, useCache: false });
    for (const column of COLUMNS) expect(series[0][column]).toEqual(bars[column]);
  });

  it('are timestamps and nulls for other programs', async () => {
    const [bars] = simulateMarket({ seed: 2, days: 1, timeframeMs: STEP_MS }).series;
    const path = join(folder, 'schema.parquet');
    await writeParquetBars(path, bars);
    const { schema } = parquetMetadata(new Uint8Array(readFileSync(path)).buffer);
    expect(schema[1]).toMatchObject({ name: 'open_time', converted_type: 'TIMESTAMP_MILLIS' });
    expect(schema.map(({ name }) => name).slice(1)).toEqual([
      'open_time',
      'open',
      'high',
      'low',
      'close',
      'volume',
      'taker_buy_volume',
    ]);
  });
});

describe('files of other programs', () => {
  const timestamp = (unit: 'MILLIS' | 'MICROS' | 'NANOS') => {
    const factor = { MILLIS: 1n, MICROS: 1_000n, NANOS: 1_000_000n }[unit];
    const data = rowsOf((i) => BigInt(timeOf(i)) * factor);
    return { data, logical: { type: 'TIMESTAMP' as const, isAdjustedToUTC: true, unit } };
  };
  const times: Record<string, ColumnSource> = {
    'int64 ms': { name: 'timestamp', data: rowsOf((i) => BigInt(timeOf(i))), type: 'INT64' },
    'int64 us': { name: 'time', data: rowsOf((i) => BigInt(timeOf(i)) * 1_000n), type: 'INT64' },
    'int64 ns': { name: 'ts', data: rowsOf((i) => BigInt(timeOf(i)) * 1_000_000n), type: 'INT64' },
    'double ms': { name: 'openTime', data: rowsOf(timeOf), type: 'DOUBLE' },
    'int32 s': { name: 'unix', data: rowsOf((i) => timeOf(i) / 1_000), type: 'INT32' },
    'timestamp ms': {
      name: 'open_time',
      data: rowsOf((i) => new Date(timeOf(i))),
      type: 'TIMESTAMP',
    },
    'ISO text': {
      name: 'datetime',
      data: rowsOf((i) => new Date(timeOf(i)).toISOString()),
      type: 'STRING',
    },
  };

  it.each(Object.keys(times))('tell the time as %s', async (kind) => {
    const path = foreignFile(`${kind.replace(' ', '-')}.parquet`, times[kind]);
    const bars = await readParquetBars(path, { symbol: 'X', timeframeMs: STEP_MS });
    expect(Array.from(bars.openTime)).toEqual(rowsOf(timeOf));
    expect(bars.high[7]).toBe(109);
    expect(bars.volume[7]).toBe(7.5);
    expect(bars.takerBuyVolume[7]).toBeNaN();
    expect(bars.source.kind).toBe('file');
  });

  it.each(['MICROS', 'NANOS'] as const)('tell the time as timestamp %s', async (unit) => {
    const { data, logical } = timestamp(unit);
    const path = join(folder, `timestamp-${unit}.parquet`);
    const prices = ['open', 'high', 'low', 'close'];
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'time', data },
        ...prices.map((name) => ({ name, data: rowsOf(() => 5.5) })),
      ],
      schema: [
        { name: 'root', num_children: 5 },
        { name: 'time', type: 'INT64', repetition_type: 'REQUIRED', logical_type: logical },
        ...prices.map((name) => ({ name, type: 'DOUBLE', repetition_type: 'REQUIRED' }) as const),
      ],
    });
    writeFileSync(path, new Uint8Array(buffer));
    const raw = await readParquetFile(path);
    expect(Array.from(raw.rows.openTime)).toEqual(rowsOf(timeOf));
    expect(raw.hasVolume).toBe(false);
  });

  it('tell daily bars by date', async () => {
    const day = (i: number) => START_MS + i * 86_400_000;
    const data = rowsOf((i) => new Date(day(i)));
    const prices = ['open', 'high', 'low', 'close'];
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'date', data },
        ...prices.map((name) => ({ name, data: rowsOf(() => 5.5) })),
      ],
      schema: [
        { name: 'root', num_children: 5 },
        { name: 'date', type: 'INT32', repetition_type: 'REQUIRED', converted_type: 'DATE' },
        ...prices.map((name) => ({ name, type: 'DOUBLE', repetition_type: 'REQUIRED' }) as const),
      ],
    });
    const path = join(folder, 'daily.parquet');
    writeFileSync(path, new Uint8Array(buffer));
    const bars = await readParquetBars(path, { symbol: 'X' });
    expect(bars.timeframeMs).toBe(86_400_000);
    expect(Array.from(bars.openTime)).toEqual(rowsOf(day));
  });

  it.each(['GZIP', 'ZSTD', 'BROTLI', 'UNCOMPRESSED'] as const)(
    'are packed by %s',
    async (codec) => {
      const path = foreignFile(`${codec}.parquet`, times['int64 ms'], { codec });
      const bars = await readParquetBars(path, { symbol: 'X', timeframeMs: STEP_MS });
      expect(bars.close[49]).toBe(150);
    },
  );

  it('may keep prices as text', async () => {
    const text: ColumnSource = {
      name: 'Close',
      data: rowsOf((i) => (101 + i).toFixed(2)),
      type: 'STRING',
    };
    const path = foreignFile('text.parquet', times['int64 ms'], { replace: [text] });
    expect((await readParquetBars(path, { symbol: 'X' })).close[2]).toBe(103);
  });
});

describe('wrong files', () => {
  const time: ColumnSource = {
    name: 'time',
    data: rowsOf((i) => BigInt(timeOf(i))),
    type: 'INT64',
  };
  const rejects = async (path: string, code: string, message: RegExp) => {
    const expected = { code, message: expect.stringMatching(message) };
    await expect(readParquetBars(path)).rejects.toMatchObject(expected);
  };

  it('are refused by name, row and reason', async () => {
    await rejects(join(folder, 'none.parquet'), 'DATA_NO_FILE', /none\.parquet does not exist/);
    const empty = join(folder, 'empty.parquet');
    writeFileSync(empty, '');
    await rejects(empty, 'DATA_EMPTY', /0 bytes/);
    const text = join(folder, 'text-file.parquet');
    writeFileSync(text, 'hello, this is no Parquet file');
    await rejects(text, 'DATA_DAMAGED', /not a readable Parquet file/);

    const good = foreignFile('good.parquet', time);
    const cut = join(folder, 'cut.parquet');
    writeFileSync(cut, readFileSync(good).subarray(0, 300));
    await rejects(cut, 'DATA_DAMAGED', /cut\.parquet/);

    const bent = join(folder, 'bent.parquet');
    const bytes = readFileSync(good);
    bytes.fill(0xff, 20, 200);
    writeFileSync(bent, bytes);
    await rejects(bent, 'DATA_DAMAGED', /bent\.parquet/);

    const noTime = foreignFile('no-time.parquet', { ...time, name: 'number' });
    await rejects(noTime, 'DATA_COLUMNS', /no column for time; found number, Open/);
  });

  it('are refused for a missing price, a text that is none, or a time that is none', async () => {
    const withClose = (name: string, data: unknown[], type: 'DOUBLE' | 'STRING') =>
      foreignFile(name, time, { replace: [{ name: 'Close', data, type }] });
    const missing = rowsOf((i) => (i === 4 ? null : 101 + i));
    await rejects(withClose('a.parquet', missing, 'DOUBLE'), 'DATA_CELL', /row 5: close "null"/);
    const texts = rowsOf((i) => (i === 6 ? 'n/a' : String(101 + i)));
    await rejects(withClose('b.parquet', texts, 'STRING'), 'DATA_CELL', /row 7: close "n\/a"/);
    const indices = foreignFile('c.parquet', { ...time, data: rowsOf((i) => BigInt(i)) });
    await rejects(indices, 'DATA_CELL', /row 1: time "0" is not a time/);
  });

  it('are refused when high lies below low', async () => {
    const high: ColumnSource = { name: 'High', data: rowsOf(() => 1), type: 'DOUBLE' };
    await rejects(foreignFile('d.parquet', time, { replace: [high] }), 'DATA_OHLC', /d\.parquet/);
  });
});
