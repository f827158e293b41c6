import type { Bars } from '../../data/bars/bars.ts';
import type { TradeRecord } from '../../src/engine/trade-record.ts';
import type { ChartDrawings } from '../chart-drawings.ts';
import type { EquityPoint } from '../equity-curve.ts';

/** What the page's script draws. Columns are base64 of little-endian Int32. */
export interface RunPageData {
  symbol: string;
  /** Price = ticks x tick. */
  tick: number;
  digits: number;
  barMinutes: number;
  /** Minutes since 1970, then open, high, low, close in ticks. */
  bars: { length: number; time: string; open: string; high: string; low: string; close: string };
  /** Five numbers a block: side, index from, index to, top, bottom in ticks. */
  blocks: string;
  /** Five numbers a break: kind 0..5, side, index from, index to, price in ticks. */
  breaks: string;
  /** Three numbers an alert: side, index, 1 for an entry. */
  alerts: string;
  trades: PageTrade[];
  /** Unix seconds and equity. */
  equity: [number, number][];
}

/** A trade as the chart shows it; indices of bars. */
export interface PageTrade {
  side: 1 | -1;
  from: number;
  to: number;
  entry: number;
  exit: number;
  stop: number;
  finalStop: number;
  label: string;
}

/** Points of the equity curve that are kept; the lowest and highest of each stretch are. */
const EQUITY_POINTS_MAX = 4_000;

export function runPageData(input: {
  bars: Bars;
  tick: number;
  drawings: ChartDrawings;
  trades: readonly TradeRecord[];
  equity: readonly EquityPoint[];
}): RunPageData {
  const { bars, tick, drawings } = input;
  const { length, openTime } = bars;
  const ticks = (values: Float64Array) =>
    pack(Int32Array.from(values, (v) => Math.round(v / tick)));
  const place = placeIn(openTime);
  return {
    symbol: bars.symbol,
    tick,
    digits: Math.max(0, Math.ceil(-Math.log10(tick) - 1e-9)),
    barMinutes: bars.timeframeMs / 60_000,
    bars: {
      length,
      time: pack(Int32Array.from(openTime, (ms) => ms / 60_000)),
      open: ticks(bars.open),
      high: ticks(bars.high),
      low: ticks(bars.low),
      close: ticks(bars.close),
    },
    blocks: packDrawings(drawings, tick, place).blocks,
    breaks: packDrawings(drawings, tick, place).breaks,
    alerts: packDrawings(drawings, tick, place).alerts,
    trades: input.trades.map((trade) => pageTrade(trade, place)),
    equity: thinned(input.equity),
  };
}

/** Index of the bar that a time lies in. */
function placeIn(openTime: Float64Array): (ms: number) => number {
  return (ms) => {
    let low = 0;
    let high = openTime.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (openTime[middle] <= ms) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  };
}

function packDrawings(drawings: ChartDrawings, tick: number, place: (ms: number) => number) {
  const inTicks = (price: number) => Math.round(price / tick);
  const end = Number.MAX_SAFE_INTEGER;
  const kinds = ['BOS', 'CHoCH', 'CHoCH+'];
  const blocks = drawings.blocks.flatMap(({ side, fromMs, toMs, top, bottom }) => [
    side,
    place(fromMs),
    place(Number.isNaN(toMs) ? end : toMs),
    inTicks(top),
    inTicks(bottom),
  ]);
  const breaks = drawings.breaks.flatMap(({ kind, isSwing, side, fromMs, toMs, price }) => [
    kinds.indexOf(kind) + (isSwing ? 3 : 0),
    side,
    place(fromMs),
    place(toMs),
    inTicks(price),
  ]);
  const alerts = drawings.alerts.flatMap(({ side, atMs, isEntry }) => [
    side,
    place(atMs),
    isEntry ? 1 : 0,
  ]);
  const packed = (values: number[]) => pack(Int32Array.from(values));
  return { blocks: packed(blocks), breaks: packed(breaks), alerts: packed(alerts) };
}

function pageTrade(trade: TradeRecord, place: (ms: number) => number): PageTrade {
  return {
    side: trade.direction,
    from: place(trade.firstFillMs),
    to: place(trade.closedMs),
    entry: trade.entryPrice,
    exit: trade.exitPrice,
    stop: trade.initialStop,
    finalStop: trade.finalStop,
    label: `${trade.exitReason} ${trade.tradeR.toFixed(2)} R`,
  };
}

/** Keeps first, last, lowest and highest of each stretch, so that no drawdown is smoothed away. */
export function thinned(points: readonly EquityPoint[]): [number, number][] {
  const stretch = Math.ceil(points.length / (EQUITY_POINTS_MAX / 4));
  const kept: EquityPoint[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const part = points.slice(from, from + stretch);
    const low = part.reduce((a, b) => (b.equity < a.equity ? b : a));
    const high = part.reduce((a, b) => (b.equity > a.equity ? b : a));
    kept.push(...new Set([part[0], low, high, part[part.length - 1]]));
  }
  const seconds = (ms: number) => Math.floor(ms / 1_000);
  const sorted = kept.sort((a, b) => a.atMs - b.atMs);
  const byTime = new Map(sorted.map(({ atMs, equity }) => [seconds(atMs), equity]));
  return [...byTime].map(([time, equity]) => [time, Math.round(equity * 100) / 100]);
}

function pack(values: Int32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}
