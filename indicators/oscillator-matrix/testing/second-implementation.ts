import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Bar, Indicator, Output } from '../../indicator.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const SHARED = process.env.QCM_SHARED ?? resolve(ROOT, '../shared');
/** What the other program had to warm up; rows before it are not compared. */
const FIRST_ROW = 2200;
const RELATIVE = 1e-9;

export interface Table {
  columns: string[];
  rows: Float64Array[];
}

/** Folder of the values of the independent program, or null where it is absent. */
export function secondImplementationFolder(): string | null {
  const folder = resolve(SHARED, 'golden/second-implementation');
  const hasBars = existsSync(resolve(SHARED, 'data/spot/3m/BTCUSDT-3m-2022-12.csv.gz'));
  return existsSync(folder) && hasBars ? folder : null;
}

/** Columns of a gzipped CSV; an empty cell is NaN. */
export function readTable(path: string): Table {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const rows = lines
    .slice(1)
    .map((line) =>
      Float64Array.from(line.split(','), (cell) => (cell === '' ? Number.NaN : Number(cell))),
    );
  return { columns: lines[0].trim().split(','), rows };
}

/** The bars the values were computed from: the first 20,000 of BTCUSDT spot 3m. */
export function secondImplementationBars(): Bar[] {
  const bars: Bar[] = [];
  for (const month of ['2022-12', '2023-01']) {
    const { rows } = readTable(resolve(SHARED, `data/spot/3m/BTCUSDT-3m-${month}.csv.gz`));
    for (const [openTime, open, high, low, close, volume] of rows) {
      bars.push({ openTime, open, high, low, close, volume, takerBuyVolume: Number.NaN });
    }
  }
  return bars.slice(0, 20_000);
}

/** Every cell that differs, as `column@row`, from row 2,200 on. */
export function differingCells<I extends Indicator>(of: {
  indicator: I;
  outputs: readonly Output<I>[];
  golden: Table;
  bars: readonly Bar[];
}): string[] {
  const { indicator, outputs, golden, bars } = of;
  const columns = outputs.map((output) => golden.columns.indexOf(output.name));
  const missing = outputs.filter((_, c) => columns[c] < 0).map((output) => output.name);
  const unread = golden.columns.length - 1 - outputs.length;
  if (missing.length > 0 || unread !== 0) return [`columns differ: ${missing.join(', ')}`];
  if (golden.rows.length !== bars.length) return [`${golden.rows.length} rows`];
  const differing: string[] = [];
  bars.forEach((bar, i) => {
    indicator.update(bar);
    const row = golden.rows[i];
    if (row[0] !== bar.openTime) differing.push(`openTime@${i}`);
    if (i < FIRST_ROW) return;
    outputs.forEach((output, c) => {
      if (!isSame(output.read(indicator), row[columns[c]])) differing.push(`${output.name}@${i}`);
    });
  });
  return differing;
}

function isSame(actual: number, expected: number): boolean {
  if (Number.isNaN(actual) || Number.isNaN(expected)) {
    return Number.isNaN(actual) && Number.isNaN(expected);
  }
  return Math.abs(actual - expected) <= RELATIVE * Math.abs(expected);
}
