import { type Bars, emptyBarRow, readBarInto } from '../../data/bars/bars.ts';
import type { Bar } from '../../indicators/indicator.ts';

/** Something with named outputs that is fed bar by bar. */
export interface Watched {
  columns: readonly string[];
  update: (bar: Bar, row: Float64Array) => void;
}

export interface WarmUpOptions {
  /** A fresh instance; the full run and each late start have their own. */
  open: () => Watched;
  /** Indices at which late starts begin. */
  starts: readonly number[];
  /** Bars for which each late start is followed. */
  bars: number;
}

/** What one output needs. */
export interface WarmUpOfColumn {
  column: string;
  /** Bars after which every late start equals the full run for good; the worst start counts. */
  bars: number;
  /** Differences within the last quarter of what was followed: it may never converge. */
  isOpen: boolean;
  /** Pairs of values that were numbers on either side. 0: equal only because it is always blank. */
  compared: number;
}

/** The word of the table: bars, `never`, or `no data` where nothing was there to compare. */
export function warmUpText(of: WarmUpOfColumn): string {
  if (of.compared === 0) return 'no data';
  return of.isOpen ? 'never' : String(of.bars);
}

/** Values further apart than this, relative to the larger, are different. */
const TOLERANCE = 1e-9;

/**
 * After how many bars a run that begins late equals the run over everything, for each output: NaN
 * equals NaN, numbers within 1e-9 of the larger one. A late start knows nothing of what came
 * before, as a daemon that loads a limited history.
 * @throws RangeError when a start leaves no room for its bars
 */
export function measureWarmUp(bars: Bars, options: WarmUpOptions): WarmUpOfColumn[] {
  const { starts, open } = options;
  const last = Math.max(...starts) + options.bars;
  if (last > bars.length) throw new RangeError(`${bars.length} bars are fewer than ${last}`);
  const full = open();
  const { columns } = full;
  const row = new Float64Array(columns.length);
  const late = starts.map((start) => new LateStart(start, options.bars, open));
  const bar = emptyBarRow();
  for (let i = 0; i < last; i++) {
    readBarInto(bar, bars, i);
    full.update(bar, row);
    for (const each of late) each.follow(i, bar, row);
  }
  return columns.map((column, c) => {
    const needed = late.map((each) => each.differentUntil[c]);
    const most = Math.max(...needed);
    const compared = late.reduce((sum, each) => sum + each.compared[c], 0);
    return { column, bars: most, isOpen: most > 0.75 * options.bars, compared };
  });
}

/** The worst of several measurements, column by column. */
export function worstWarmUp(all: readonly (readonly WarmUpOfColumn[])[]): WarmUpOfColumn[] {
  return all[0].map(({ column }, c) => ({
    column,
    bars: Math.max(...all.map((one) => one[c].bars)),
    isOpen: all.some((one) => one[c].isOpen),
    compared: all.reduce((sum, one) => sum + one[c].compared, 0),
  }));
}

class LateStart {
  /** Bars since the start after which no difference was seen, by column. */
  declare readonly differentUntil: Float64Array;
  declare readonly compared: Float64Array;
  declare private readonly start: number;
  declare private readonly end: number;
  declare private readonly run: Watched;
  declare private readonly row: Float64Array;

  constructor(start: number, length: number, open: () => Watched) {
    this.run = open();
    this.start = start;
    this.end = start + length;
    this.row = new Float64Array(this.run.columns.length);
    this.differentUntil = new Float64Array(this.run.columns.length);
    this.compared = new Float64Array(this.run.columns.length);
  }

  follow(index: number, bar: Bar, full: Float64Array): void {
    if (index < this.start || index >= this.end) return;
    const { row } = this;
    this.run.update(bar, row);
    for (let c = 0; c < row.length; c++) {
      if (!Number.isNaN(row[c]) || !Number.isNaN(full[c])) this.compared[c]++;
      if (isDifferent(row[c], full[c])) this.differentUntil[c] = index - this.start + 1;
    }
  }
}

function isDifferent(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return false;
  return !(Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b)));
}
