import { AppError } from '../../src/engine/error.ts';
import type { Bars } from '../bars/bars.ts';
import { ROW_BUY, ROW_SELL, type Tape, type TapePart, type TapeRows } from './tape.ts';

/** Bars that are compared; enough to tell another market from a few late trades. */
const PROBE_BARS = 500;
/** Trades and bars of one market differ by nothing; spot and perpetual by some basis points. */
const MEDIAN_BPS_MAX = 1;

/**
 * Recorded trades must be of the market that the bars are of: high and low of the first covered
 * bars are compared with those of the trades inside. Small differences are told in a note.
 * @throws AppError DATA_TRADES_DISAGREE when the median bar differs by more than 1 bp
 */
export function agreementNote(bars: Bars, tapes: readonly Tape[]): string | undefined {
  const tape = tapes.find(({ symbol }) => symbol === bars.symbol);
  const part = tape?.parts.find(
    (each) => each.fromMs < lastMs(bars) && each.toMs > bars.openTime[0],
  );
  if (part === undefined) return undefined;
  const distances = distancesOf(bars, part);
  if (distances.length === 0) return undefined;
  const sorted = distances.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] * 10_000;
  if (median > MEDIAN_BPS_MAX) {
    throw new AppError(
      'DATA_TRADES_DISAGREE',
      `${part.names.join(', ')} and the bars of ${bars.symbol} differ by ${median.toFixed(1)} bps`,
      'are the bars spot and the trades futures (or the other way round)?',
    );
  }
  const off = distances.filter((each) => each > 1e-9).length;
  if (off === 0) return undefined;
  const worst = (sorted[sorted.length - 1] * 10_000).toFixed(2);
  return (
    `${bars.symbol}: in ${off} of ${distances.length} bars compared the recorded trades reach ` +
    `another high or low than the bar, by ${worst} bps at most`
  );
}

/** Larger difference of high and low, as a fraction of price, bar by bar. */
function distancesOf(bars: Bars, part: TapePart): number[] {
  const rows = part.rows();
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < bars.length && out.length < PROBE_BARS; i++) {
    const openMs = bars.openTime[i];
    const closeMs = openMs + bars.timeframeMs;
    if (openMs < part.fromMs || closeMs > part.toMs) continue;
    if (rows.gaps.some((gap) => gap.fromMs < closeMs && gap.toMs > openMs)) continue;
    while (next < rows.length && rows.atMs[next] < openMs) next++;
    const range = rangeUntil(rows, next, closeMs);
    if (range.low > range.high) continue;
    const distance = Math.max(
      Math.abs(range.high / bars.high[i] - 1),
      Math.abs(range.low / bars.low[i] - 1),
    );
    out.push(distance);
  }
  return out;
}

function rangeUntil(rows: TapeRows, from: number, toMs: number): { low: number; high: number } {
  const range = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  for (let i = from; i < rows.length && rows.atMs[i] < toMs; i++) {
    if (rows.kind[i] !== ROW_BUY && rows.kind[i] !== ROW_SELL) continue;
    range.low = Math.min(range.low, rows.price[i]);
    range.high = Math.max(range.high, rows.price[i]);
  }
  return range;
}

function lastMs(bars: Bars): number {
  return bars.openTime[bars.length - 1] + bars.timeframeMs;
}
