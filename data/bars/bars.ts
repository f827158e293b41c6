import { intern } from '../../src/engine/intern.ts';

/**
 * Closed bars of one symbol and timeframe in columns over shared memory, so that worker threads can
 * read them without a copy. Index i is one bar; time strictly increases.
 */
export interface Bars {
  symbol: string;
  /** Length of a bar in ms. */
  timeframeMs: number;
  length: number;
  /** Start of the bar, ms UTC. */
  openTime: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  /** Base asset volume. */
  volume: Float64Array;
  /** Base volume bought by takers; NaN where the source does not have it. */
  takerBuyVolume: Float64Array;
  /** What was read, for labels and manifests. */
  source: BarsSource;
}

export interface BarsSource {
  /** `file`, `simulated` (labelled SIMULATED wherever shown) or `derived` (resampled). */
  kind: 'file' | 'simulated' | 'derived';
  /** File names or the simulation's description. */
  names: readonly string[];
}

/** Columns of NaN over shared memory, to be filled by a reader. */
export function createBars(options: {
  symbol: string;
  timeframeMs: number;
  length: number;
  source: BarsSource;
}): Bars {
  const { length } = options;
  const column = () => new Float64Array(new SharedArrayBuffer(length * 8));
  return {
    symbol: intern(options.symbol),
    timeframeMs: options.timeframeMs,
    length,
    openTime: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    takerBuyVolume: column().fill(Number.NaN),
    source: options.source,
  };
}

/** The prices and volumes of one bar. */
export type BarRow = Record<
  'openTime' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'takerBuyVolume',
  number
>;

/** The columns alone. */
type BarColumns = Readonly<Record<keyof BarRow, Float64Array>>;

/** Copies bar `index` into one object that is used for all of them. */
export function readBarInto(into: BarRow, bars: BarColumns, index: number): void {
  into.openTime = bars.openTime[index];
  into.open = bars.open[index];
  into.high = bars.high[index];
  into.low = bars.low[index];
  into.close = bars.close[index];
  into.volume = bars.volume[index];
  into.takerBuyVolume = bars.takerBuyVolume[index];
}

/** Copies a row into another one that is used for all of them. */
export function copyBarRow(into: BarRow, from: Readonly<BarRow>): void {
  into.openTime = from.openTime;
  into.open = from.open;
  into.high = from.high;
  into.low = from.low;
  into.close = from.close;
  into.volume = from.volume;
  into.takerBuyVolume = from.takerBuyVolume;
}

/** Puts a row into the columns. */
export function writeBar(bars: Bars, index: number, row: Readonly<BarRow>): void {
  bars.openTime[index] = row.openTime;
  bars.open[index] = row.open;
  bars.high[index] = row.high;
  bars.low[index] = row.low;
  bars.close[index] = row.close;
  bars.volume[index] = row.volume;
  bars.takerBuyVolume[index] = row.takerBuyVolume;
}

/** NaN, so that the fields are doubles from the start. */
export function emptyBarRow(): BarRow {
  const { NaN: unknown } = Number;
  return {
    openTime: unknown,
    open: unknown,
    high: unknown,
    low: unknown,
    close: unknown,
    volume: unknown,
    takerBuyVolume: unknown,
  };
}

/** A view of bars [from, to) that shares memory with the whole. */
export function sliceBars(bars: Bars, from: number, to: number): Bars {
  const cut = (column: Float64Array) => column.subarray(from, to);
  return {
    ...bars,
    length: Math.max(0, to - from),
    openTime: cut(bars.openTime),
    open: cut(bars.open),
    high: cut(bars.high),
    low: cut(bars.low),
    close: cut(bars.close),
    volume: cut(bars.volume),
    takerBuyVolume: cut(bars.takerBuyVolume),
  };
}
