import {
  type Bars,
  type BarsSource,
  createBars,
  emptyBarRow,
  readBarInto,
  writeBar,
} from '../bars/bars.ts';
import { timeframeName } from '../readers/bar-time.ts';
import type { RawBars } from '../readers/raw-bars.ts';
import type { RawFile } from '../readers/read-bars.ts';
import type { Findings } from './findings.ts';

/** A close this many times the one before is a mistake of units, not a market. */
const JUMP_FACTOR = 5;
const ZERO_RUN_MIN = 5;

/**
 * Joins the files of one symbol, checks every row, and returns strictly increasing bars. Shuffled
 * rows are sorted and identical duplicates dropped, both counted; what cannot be mended without
 * inventing a price is refused with file and line.
 */
export function validateBars(options: {
  symbol: string;
  files: readonly RawFile[];
  /** From the file name; found from the rows otherwise. */
  timeframeMs: number | undefined;
  findings: Findings;
}): Bars {
  const { symbol, files, findings } = options;
  for (const file of files) checkRows(symbol, file, findings);
  const joined = joinFiles(files);
  const order = timeOrder(symbol, joined, files, findings);
  const kept = dropDuplicates(symbol, joined, order, findings);
  const timeframeMs = options.timeframeMs ?? commonStep(joined.openTime, kept);
  const source: BarsSource = { kind: 'file', names: files.map((file) => file.path) };
  const bars = createBars({ symbol, timeframeMs, length: kept.length, source });
  const row = emptyBarRow();
  for (let i = 0; i < kept.length; i++) {
    readBarInto(row, joined, kept[i]);
    writeBar(bars, i, row);
  }
  inspectSeries(bars, findings);
  return bars;
}

/** Row-wise checks, with the line of the file in the message. */
function checkRows(symbol: string, file: RawFile, findings: Findings): void {
  const { rows, path } = file;
  if (file.timeUnit === 's' || file.timeUnit === 'ns') {
    const text = `${path}: times are in ${file.timeUnit}, read as ms`;
    findings.note('timeUnit', symbol, rows.length, text);
  }
  if (!file.hasVolume) findings.note('noVolume', symbol, rows.length, `${path} has no volume`);
  let bad = 0;
  let first = '';
  for (let i = 0; i < rows.length; i++) {
    const high = rows.high[i];
    const low = rows.low[i];
    const top = Math.max(rows.open[i], rows.close[i]);
    const bottom = Math.min(rows.open[i], rows.close[i]);
    if (high >= top && low <= bottom && low > 0 && rows.volume[i] >= 0) continue;
    bad++;
    if (first !== '') continue;
    const line = `${path}:${rows.firstLine + i}`;
    if (!(low > 0)) first = `${line}: low ${low} is not a positive price`;
    else if (!(rows.volume[i] >= 0)) first = `${line}: volume ${rows.volume[i]} is negative`;
    else if (high < low) first = `${line}: high ${high} is below low ${low}`;
    else first = `${line}: open or close lies outside [low ${low}, high ${high}]`;
  }
  if (bad > 0) findings.note('ohlc', symbol, bad, `${first} (${bad} such rows)`);
}

function joinFiles(files: readonly RawFile[]): RawBars {
  if (files.length === 1) return files[0].rows;
  const total = files.reduce((sum, file) => sum + file.rows.length, 0);
  const out = { ...files[0].rows } as RawBars;
  const join = (
    field: 'openTime' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'takerBuyVolume',
  ) => {
    const column = new Float64Array(total);
    let at = 0;
    for (const file of files) {
      column.set(file.rows[field].subarray(0, file.rows.length), at);
      at += file.rows.length;
    }
    out[field] = column;
  };
  join('openTime');
  join('open');
  join('high');
  join('low');
  join('close');
  join('volume');
  join('takerBuyVolume');
  out.length = total;
  return out;
}

/** Row indices by time; sorted only when needed, which is counted. */
function timeOrder(
  symbol: string,
  rows: RawBars,
  files: readonly RawFile[],
  findings: Findings,
): Uint32Array {
  const order = new Uint32Array(rows.length);
  let backward = 0;
  for (let i = 0; i < rows.length; i++) {
    order[i] = i;
    if (i > 0 && rows.openTime[i] < rows.openTime[i - 1]) backward++;
  }
  if (backward === 0) return order;
  const text = `${symbol}: ${backward} rows go back in time (${files[0].path} and on), sorted`;
  findings.note('disorder', symbol, backward, text);
  const { openTime } = rows;
  return order.sort((a, b) => openTime[a] - openTime[b] || a - b);
}

function dropDuplicates(
  symbol: string,
  rows: RawBars,
  order: Uint32Array,
  findings: Findings,
): Uint32Array {
  const kept = new Uint32Array(order.length);
  let count = 0;
  let same = 0;
  let conflicts = 0;
  let conflictMs = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i];
    const last = count > 0 ? kept[count - 1] : -1;
    if (last < 0 || rows.openTime[row] !== rows.openTime[last]) {
      kept[count++] = row;
      continue;
    }
    if (isSameBar(rows, row, last)) same++;
    else {
      conflicts++;
      conflictMs = rows.openTime[row];
      // With the policy `keep` the later row of the file counts.
      kept[count - 1] = row;
    }
  }
  if (same > 0) {
    findings.note('duplicate', symbol, same, `${symbol}: ${same} duplicate rows dropped`);
  }
  if (conflicts > 0) {
    const at = new Date(conflictMs).toISOString();
    const text = `${symbol}: ${conflicts} bars come twice with different values, first at ${at}`;
    findings.note('conflict', symbol, conflicts, text);
  }
  return kept.subarray(0, count);
}

function isSameBar(rows: RawBars, a: number, b: number): boolean {
  return (
    rows.open[a] === rows.open[b] &&
    rows.high[a] === rows.high[b] &&
    rows.low[a] === rows.low[b] &&
    rows.close[a] === rows.close[b] &&
    rows.volume[a] === rows.volume[b]
  );
}

/** The step between bars that occurs most often. */
function commonStep(openTime: Float64Array, kept: Uint32Array): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < Math.min(kept.length, 5_000); i++) {
    const step = openTime[kept[i]] - openTime[kept[i - 1]];
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  let best = 60_000;
  let most = 0;
  for (const [step, count] of counts) {
    if (count <= most) continue;
    best = step;
    most = count;
  }
  return best;
}

/** Grid, gaps, jumps of unit and stretches without volume. */
function inspectSeries(bars: Bars, findings: Findings): void {
  const { symbol, timeframeMs, openTime, close, volume, length } = bars;
  let offGrid = 0;
  let gaps = 0;
  let missing = 0;
  let largest = 0;
  let largestAt = 0;
  let jumps = 0;
  let jumpAt = 0;
  for (let i = 0; i < length; i++) {
    // Weeks and longer do not begin at multiples of their length.
    if (timeframeMs < 604_800_000 && openTime[i] % timeframeMs !== 0) offGrid++;
    if (i === 0) continue;
    const step = openTime[i] - openTime[i - 1];
    if (step > timeframeMs) {
      gaps++;
      const bars = Math.round(step / timeframeMs) - 1;
      missing += bars;
      if (bars > largest) {
        largest = bars;
        largestAt = openTime[i - 1] + timeframeMs;
      }
    }
    const ratio = close[i] / close[i - 1];
    if (ratio > JUMP_FACTOR || ratio < 1 / JUMP_FACTOR) {
      jumps++;
      jumpAt = openTime[i];
    }
  }
  const name = `${symbol} ${timeframeName(timeframeMs)}`;
  if (offGrid > 0) {
    findings.note('offGrid', symbol, offGrid, `${name}: ${offGrid} bars do not begin on the grid`);
  }
  if (jumps > 0) {
    const at = new Date(jumpAt).toISOString();
    const text = `${name}: the price jumps by more than ${JUMP_FACTOR} x ${jumps} times, last at ${at}`;
    findings.note('unitJump', symbol, jumps, text);
  }
  if (gaps > 0) {
    const at = new Date(largestAt).toISOString();
    const text = `${name}: ${gaps} gaps, ${missing} bars missing, the longest ${largest} bars at ${at}`;
    findings.note('gap', symbol, gaps, text);
  }
  noteZeroVolume(name, symbol, volume, findings);
}

function noteZeroVolume(name: string, symbol: string, volume: Float64Array, findings: Findings) {
  let runs = 0;
  let bars = 0;
  let run = 0;
  for (let i = 0; i <= volume.length; i++) {
    if (i < volume.length && volume[i] === 0) {
      run++;
      continue;
    }
    if (run >= ZERO_RUN_MIN) {
      runs++;
      bars += run;
    }
    run = 0;
  }
  if (runs === 0) return;
  findings.note('zeroVolume', symbol, bars, `${name}: ${bars} bars without volume in ${runs} runs`);
}
