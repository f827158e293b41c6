import type { Bars } from '../../data/bars/bars.ts';
import type { Bar } from '../../indicators/indicator.ts';
import { AppError } from '../../src/engine/error.ts';
import { findModule, SERIES_MODULES } from '../series/modules.ts';
import { checkSettings } from '../series/series-module.ts';
import {
  compareEvents,
  compareLines,
  type EventMatch,
  firstCommon,
  type LineMatch,
} from './compare-series.ts';
import type { ChartExport, ExportColumn } from './read-export.ts';
import {
  type ModuleTarget,
  needsVolume,
  recogniseColumn,
  type Target,
  targetName,
} from './recognise-column.ts';
import { TA_NAMES } from './ta-functions.ts';

export interface DiffOptions {
  chart: ChartExport;
  /** Bars to compute on: longer history or volume; the export's own without them. */
  bars?: Bars;
  /** Looks for titles among the columns of this module only. */
  module?: string;
  /** Indicator preset of modules that have presets; `chart` when left out. */
  preset?: string;
  /** Options of the module, `name=value`. */
  set?: readonly string[];
  /** `Column=series`, over what is recognised. */
  maps?: readonly string[];
  /** Bars after which modules are compared; Pine functions agree from their first value on. */
  warmUpBars?: number;
  /** Relative difference that counts as one; 1e-6 when left out. */
  tolerance?: number;
}

/** One column of the export beside ours. */
export interface ColumnDiff {
  /** Hostile text. */
  label: string;
  target: string;
  /** Index of the first bar that counts. */
  from: number;
  theirs: Float64Array;
  ours: Float64Array;
  /** Of events: 1 on the bars that have one. */
  events?: { theirs: Uint8Array; ours: Uint8Array };
  match: ({ kind: 'line' } & LineMatch) | ({ kind: 'event' } & EventMatch);
}

export interface ChartDiff {
  compared: ColumnDiff[];
  /** Columns left out, each with the reason. */
  left: { label: string; why: string }[];
  notes: string[];
}

const MODULE_WARM_UP_BARS = 200;

/**
 * Recomputes what is recognised in an export and compares it, aligned by bar time.
 * @throws AppError DATA_NOTHING_COMPARABLE listing the columns and how to map them; USAGE_MAP
 */
export function diffChart(options: DiffOptions): ChartDiff {
  const { chart } = options;
  if (options.module !== undefined) findModule(options.module);
  const maps = parseMaps(chart, options.maps ?? []);
  const unavailable = new Set<string>();
  const left: ChartDiff['left'] = [];
  const wanted: { column: ExportColumn; target: Target }[] = [];
  const hasVolume = chart.hasVolume || options.bars !== undefined;
  for (const column of chart.columns) {
    const target =
      maps.get(column.label) ??
      recogniseColumn(column.title, { module: options.module, unavailable });
    const why = refusal(column, target, hasVolume);
    if (target === undefined || why !== undefined)
      left.push({ label: column.label, why: why ?? '' });
    else wanted.push({ column, target });
  }
  const notes = [...chart.notes];
  for (const name of unavailable) notes.push(`module ${name} is not in this build`);
  if (wanted.length === 0) throw nothingComparable(chart, left, notes);
  const bars = options.bars ?? chart.bars;
  const rows = alignedRows(chart.bars, bars);
  const missing = rows.filter((row) => row < 0).length;
  if (missing > 0) notes.push(`${missing} of ${rows.length} bars are not in the bars given`);
  const ours = computeAll(
    wanted.map(({ target }) => target),
    { ...options, bars, rows },
  );
  const compared = wanted.map(({ column, target }, i) =>
    compareColumn(column, target, ours[i], options),
  );
  return { compared, left, notes };
}

function refusal(
  column: ExportColumn,
  target: Target | undefined,
  hasVolume: boolean,
): string | undefined {
  if (target === undefined) return 'not recognised';
  if (needsVolume(target) && !hasVolume) return 'needs volume: export it too, or give --bars';
  if (column.values.every((value) => Number.isNaN(value))) return 'no values';
  return undefined;
}

function nothingComparable(
  chart: ChartExport,
  left: ChartDiff['left'],
  notes: readonly string[],
): AppError {
  const listed = left.map(({ label, why }) => `  ${printable(label)}: ${why}`);
  const missing = notes.filter((note) => note.startsWith('module '));
  const what = listed.length === 0 ? '  (only time, prices and volume)' : listed.join('\n');
  const modules = SERIES_MODULES.map((module) => module.name).join(', ');
  return new AppError(
    'DATA_NOTHING_COMPARABLE',
    [`${chart.path}: no column that can be compared`, what, ...missing].join('\n'),
    `name a series of ours: --map "Column=ta.ema(close, 20)" or --map "Column=smc.swingTrend"; ` +
      `a repeated title is "Column #2"; functions: ${TA_NAMES.join(', ')}; modules: ${modules}`,
  );
}

/** Titles come from elsewhere: no control characters reach the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?').slice(0, 120);
}

function parseMaps(chart: ChartExport, maps: readonly string[]): Map<string, Target> {
  const found = new Map<string, Target>();
  for (const text of maps) {
    // Titles and expressions may both hold "=": the longest title that fits is meant.
    const column = chart.columns
      .filter(({ label }) => text.startsWith(`${label}=`))
      .sort((x, y) => y.label.length - x.label.length)[0];
    if (column === undefined) {
      const labels = chart.columns.map(({ label }) => printable(label)).join(' | ');
      throw new AppError('USAGE_MAP', `--map "${text}" names no column`, `columns: ${labels}`);
    }
    const series = text.slice(column.label.length + 1).trim();
    const target = recogniseColumn(series);
    if (target === undefined) {
      const hint = 'write ta.ema(close, 20), module.column, or a column of qcm series';
      throw new AppError('USAGE_MAP', `--map: "${series}" is no series of ours`, hint);
    }
    found.set(column.label, target);
  }
  return found;
}

/** Index of each export bar among the bars computed on; -1 where it is missing. */
function alignedRows(chart: Bars, bars: Bars): Int32Array {
  const index = new Map<number, number>();
  for (let i = 0; i < bars.length; i++) index.set(bars.openTime[i], i);
  return Int32Array.from(chart.openTime, (time) => index.get(time) ?? -1);
}

/** Ours for each target, one pass over the bars for each module and function. */
function computeAll(
  targets: readonly Target[],
  options: DiffOptions & { bars: Bars; rows: Int32Array },
): Float64Array[] {
  const { bars, rows } = options;
  const whole = targets.map(() => new Float64Array(bars.length));
  const modules = new Set(targets.flatMap((t) => (t.kind === 'module' ? [t.module] : [])));
  const runs: ((bar: Bar, i: number) => void)[] = [];
  for (const name of modules) {
    const session = openModule(name, options);
    const row = new Float64Array(session.columns.length);
    const reads = targets.map((target) =>
      target.kind === 'module' && target.module === name ? reader(target, session.columns) : null,
    );
    runs.push((bar, i) => {
      session.update(bar, row);
      for (let t = 0; t < reads.length; t++) whole[t][i] = reads[t]?.(row) ?? whole[t][i];
    });
  }
  targets.forEach((target, t) => {
    if (target.kind !== 'ta') return;
    const compute = target.taFunction.open();
    runs.push((bar, i) => {
      whole[t][i] = compute(bar);
    });
  });
  for (let i = 0; i < bars.length; i++) {
    const bar = barAt(bars, i);
    for (const run of runs) run(bar, i);
  }
  return whole.map((values) =>
    Float64Array.from(rows, (row) => (row < 0 ? Number.NaN : values[row])),
  );
}

function openModule(name: string, options: DiffOptions & { bars: Bars }) {
  const module = findModule(name);
  const { symbol, timeframeMs } = options.bars;
  const preset = module.presets.length === 0 ? undefined : (options.preset ?? 'chart');
  const set = options.module === name ? (options.set ?? []) : [];
  return module.openSeries(checkSettings(module, { symbol, timeframeMs, set, preset }));
}

function reader(target: ModuleTarget, columns: readonly string[]): (row: Float64Array) => number {
  const at = columns.indexOf(target.column);
  const { when, also } = target;
  if (when === undefined) return (row) => row[at];
  const alsoAt = also === undefined ? -1 : columns.indexOf(also[0]);
  return (row) => Number(row[at] === when && (also === undefined || row[alsoAt] === also[1]));
}

function compareColumn(
  column: ExportColumn,
  target: Target,
  ours: Float64Array,
  options: DiffOptions,
): ColumnDiff {
  const { chart, tolerance = 1e-6 } = options;
  const theirs = column.values;
  const isModule = target.kind === 'module';
  const own = options.bars === undefined || options.bars === chart.bars;
  const warmUp = options.warmUpBars ?? (isModule && own ? MODULE_WARM_UP_BARS : 0);
  const kind = (isModule ? target.compare : 'line') ?? lookOf(ours);
  const common = { label: column.label, target: targetName(target), theirs, ours };
  if (kind === 'line') {
    const from = Math.max(warmUp, firstCommon(theirs, ours));
    return { ...common, from, match: { kind, ...compareLines(theirs, ours, { from, tolerance }) } };
  }
  const from = Math.min(warmUp, theirs.length);
  const isSide = kind === 'side';
  const sides = isSide ? sidesOf(chart.bars.close, theirs) : theirs;
  const idle = isModule ? target.idle : undefined;
  const marked = (values: Float64Array) => (isSide ? turns(values) : marks(values, idle));
  const events = { theirs: marked(sides), ours: marked(ours) };
  const match = compareEvents(events.theirs, events.ours, { from });
  return { ...common, from, events, match: { kind: 'event', ...match } };
}

/** Values of 0 and 1 only are events. A direction is a line: its sign must agree, bar by bar. */
function lookOf(values: Float64Array): 'line' | 'event' {
  return values.some((v) => !(Number.isNaN(v) || v === 0 || v === 1)) ? 'line' : 'event';
}

function marks(values: Float64Array, idle: number | undefined): Uint8Array {
  return Uint8Array.from(values, (v) => Number(!Number.isNaN(v) && v !== 0 && v !== idle));
}

function sidesOf(close: Float64Array, lineValues: Float64Array): Float64Array {
  return lineValues.map((value, i) => Math.sign(close[i] - value));
}

function turns(sides: Float64Array): Uint8Array {
  return Uint8Array.from(sides, (side, i) => {
    const before = sides[i - 1] ?? Number.NaN;
    return Number(!Number.isNaN(side) && !Number.isNaN(before) && side !== before);
  });
}

function barAt(bars: Bars, i: number): Bar {
  return {
    openTime: bars.openTime[i],
    open: bars.open[i],
    high: bars.high[i],
    low: bars.low[i],
    close: bars.close[i],
    volume: bars.volume[i],
    takerBuyVolume: bars.takerBuyVolume[i],
  };
}
