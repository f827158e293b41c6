import { basename } from 'node:path';
import { type Bars, createBars } from '../../data/bars/bars.ts';
import { timeframeName } from '../../data/readers/bar-time.ts';
import { readCsvTable } from '../../data/readers/csv-table.ts';
import { readTextBytes } from '../../data/readers/open-file.ts';
import { cellNumber, describeFileName, rowsOfTable } from '../../data/readers/read-bars.ts';
import { AppError } from '../../src/engine/error.ts';

/** A chart export of TradingView: its bars, and every other column as numbers. */
export interface ChartExport {
  path: string;
  bars: Bars;
  hasVolume: boolean;
  /** What stands beside time, open, high, low, close and volume. */
  columns: readonly ExportColumn[];
  /** Oddities met while reading, in words. */
  notes: readonly string[];
}

export interface ExportColumn {
  /** The title; a repeated one gets ` #2`, ` #3` so that each can be named. Hostile text. */
  label: string;
  /** The title as it stands in the file. */
  title: string;
  /** One value a bar; NaN for empty, NaN or unreadable cells. */
  values: Float64Array;
}

/** Pine's largest number stands for "no value" in some exports. */
const NO_VALUE_FROM = 1e99;

/**
 * Reads what TradingView's "Export chart data" writes: unix seconds or ISO times with Z or an
 * offset, repeated titles, literal NaN, CRLF, a byte order mark, no volume.
 * @throws AppError DATA_* naming the file, and its columns where that helps
 */
export function readChartExport(path: string): ChartExport {
  const table = readCsvTable(path, readTextBytes(path));
  const labels = uniqueLabels(table.titles);
  if (table.rows.length === 0) {
    throw new AppError(
      'DATA_EMPTY',
      `${path} holds a header and no rows; its columns: ${labels.join(' | ')}`,
      'export again with the bars loaded on the chart',
    );
  }
  if (table.titles.some((title) => /^trade #$/i.test(title.trim()))) {
    const hint = 'qcm diff --trades FILE --ours trades.csv compares it with trades of a backtest';
    throw new AppError('DATA_TRADES', `${path} is a list of trades, not chart data`, hint);
  }
  const { rows, timeUnit, hasVolume } = rowsOfTable(table);
  const bars = createBars({
    symbol: describeFileName(path).symbol ?? 'EXPORT',
    timeframeMs: commonStep(path, rows.openTime.subarray(0, rows.length)),
    length: rows.length,
    source: { kind: 'file', names: [basename(path)] },
  });
  for (const field of ['openTime', 'open', 'high', 'low', 'close'] as const) {
    bars[field].set(rows[field].subarray(0, rows.length));
  }
  // Indicators refuse NaN; whoever needs volume is refused by `hasVolume` before.
  if (hasVolume) bars.volume.set(rows.volume.subarray(0, rows.length));
  const barTitles = new Set(barColumnIndexes(table.titles));
  const columns: ExportColumn[] = [];
  let unreadable = 0;
  table.titles.forEach((title, c) => {
    if (barTitles.has(c)) return;
    const values = new Float64Array(rows.length);
    table.rows.forEach((cells, i) => {
      const cell = cells[c];
      const value = cellNumber(cell);
      values[i] = Math.abs(value) < NO_VALUE_FROM ? value : Number.NaN;
      if (Number.isNaN(value) && cell !== undefined && !/^(|nan|na|n\/a|∅)$/i.test(cell)) {
        unreadable++;
      }
    });
    columns.push({ label: labels[c], title, values });
  });
  const notes = [`times: ${timeUnit === 'iso' ? 'ISO 8601' : `unix ${timeUnit}`}`];
  if (!hasVolume) notes.push('no volume column');
  if (labels.some((label, c) => label !== table.titles[c])) notes.push('repeated titles numbered');
  if (unreadable > 0) notes.push(`${unreadable} cells are neither numbers nor NaN`);
  const holes = holesOf(bars);
  if (holes > 0) notes.push(`${holes} gaps in time (${timeframeName(bars.timeframeMs)} bars)`);
  return { path, bars, hasVolume, columns, notes };
}

function uniqueLabels(titles: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return titles.map((title) => {
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    return count === 1 ? title : `${title} #${count}`;
  });
}

/** The first column of each bar field; a later "High" is an indicator that happens to be so called. */
function barColumnIndexes(titles: readonly string[]): number[] {
  const plain = titles.map((title) => title.toLowerCase());
  return ['time', 'open', 'high', 'low', 'close', 'volume'].map((name) => plain.indexOf(name));
}

/** The most frequent distance of two bars. @throws AppError DATA_ORDER when time goes back */
function commonStep(path: string, times: Float64Array): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const step = times[i] - times[i - 1];
    if (!(step > 0)) {
      const at = new Date(times[i]).toISOString();
      throw new AppError('DATA_ORDER', `${path}: ${at} does not come after the bar before it`);
    }
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const best = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
  if (best === undefined) throw new AppError('DATA_EMPTY', `${path} holds one bar only`);
  return best[0];
}

function holesOf(bars: Bars): number {
  let holes = 0;
  for (let i = 1; i < bars.length; i++) {
    if (bars.openTime[i] - bars.openTime[i - 1] !== bars.timeframeMs) holes++;
  }
  return holes;
}
