import type { Bars } from '../../../data/bars/bars.ts';
import { differences, packInts } from './pack-ints.ts';

/** Columns for the page: times in bars since the first, prices in ticks. */
export interface PackedBars {
  count: number;
  firstMs: number;
  timeframeMs: number;
  tick: number;
  /** Digits after the point of a price. */
  digits: number;
  /** Steps of time from bar to bar, in bars. */
  time: string;
  /** Open less the close before; the first as it is. */
  open: string;
  /** Close less open; high over the body; body over low. */
  close: string;
  high: string;
  low: string;
}

/** @param tickSize as the instrument has it, e.g. "0.10" */
export function packBars(bars: Bars, range: { from: number; to: number; tickSize: string }) {
  const { from, to, tickSize } = range;
  const tick = Number(tickSize);
  const count = Math.max(0, to - from);
  const at = (column: Float64Array, i: number) => Math.round(column[from + i] / tick);
  const each = (make: (i: number) => number) =>
    packInts(Float64Array.from({ length: count }, (_, i) => make(i)));
  const firstMs = count > 0 ? bars.openTime[from] : 0;
  const steps = Float64Array.from(
    { length: count },
    (_, i) => (bars.openTime[from + i] - firstMs) / bars.timeframeMs,
  );
  const { open, high, low, close } = bars;
  const packed: PackedBars = {
    count,
    firstMs,
    timeframeMs: bars.timeframeMs,
    tick,
    digits: digitsOf(tickSize),
    time: packInts(differences(steps)),
    open: each((i) => at(open, i) - (i === 0 ? 0 : at(close, i - 1))),
    close: each((i) => at(close, i) - at(open, i)),
    high: each((i) => at(high, i) - Math.max(at(open, i), at(close, i))),
    low: each((i) => Math.min(at(open, i), at(close, i)) - at(low, i)),
  };
  return packed;
}

function digitsOf(tickSize: string): number {
  const plain = tickSize.replace(/0+$/, '');
  const point = plain.indexOf('.');
  return point < 0 ? 0 : plain.length - point - 1;
}

/**
 * The inverse, as it runs in the page: columns by index, times in seconds. Objects are only made of
 * the bars that are asked for: a year of them would keep the collector busy in every pan.
 */
export const UNPACK_BARS_SCRIPT = `
function unpackBars(packed) {
  const { count, firstMs, timeframeMs, tick } = packed;
  // A whole number over a power of ten is the nearest double to the price as printed.
  const scale = 10 ** packed.digits;
  const stepTicks = Math.round(tick * scale);
  const round = (ticks) => ticks * stepTicks / scale;
  const steps = sums(unpackInts(packed.time));
  const opens = unpackInts(packed.open);
  const closes = unpackInts(packed.close);
  const highs = unpackInts(packed.high);
  const lows = unpackInts(packed.low);
  let last = 0;
  for (let i = 0; i < count; i++) {
    const open = last + opens[i];
    const close = open + closes[i];
    last = close;
    opens[i] = open;
    closes[i] = close;
    highs[i] += Math.max(open, close);
    lows[i] = Math.min(open, close) - lows[i];
  }
  const bar = (i) => ({
    time: (firstMs + steps[i] * timeframeMs) / 1000,
    open: round(opens[i]),
    high: round(highs[i]),
    low: round(lows[i]),
    close: round(closes[i]),
  });
  return {
    length: count,
    slice(from, to) {
      const out = [];
      for (let i = Math.max(0, from); i < Math.min(count, to); i++) out.push(bar(i));
      return out;
    },
  };
}
`;
