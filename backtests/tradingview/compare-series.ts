/** How close two lines are, over the bars on which both have a value after the warm-up. */
export interface LineMatch {
  bars: number;
  /** Pearson; NaN when one of them does not move. */
  correlation: number;
  rmse: number;
  maxError: number;
  /** Bars beyond the tolerance, or on which only one has a value. */
  differing: number[];
}

/** How well our events hit theirs. Rates are NaN where their denominator is 0. */
export interface EventMatch {
  theirs: number;
  ours: number;
  within: { bars: number; matched: number; precision: number; recall: number; f1: number }[];
  /** Offset of our nearest event to each of theirs, in bars; ours later is positive. */
  offsets: { offset: number; count: number }[];
  /** Their events with none of ours within `OFFSET_BARS_MAX`. */
  unmatched: number;
  /** Bars on which exactly one side has an event. */
  differing: number[];
}

export const OFFSET_BARS_MAX = 10;

/**
 * Compares values bar by bar. `from` excludes the warm-up; before it nothing counts. `tolerance` is
 * relative to the size of their value.
 */
export function compareLines(
  theirs: Float64Array,
  ours: Float64Array,
  options: { from: number; tolerance: number },
): LineMatch {
  const { from, tolerance } = options;
  const differing: number[] = [];
  let bars = 0;
  let squares = 0;
  let maxError = 0;
  const mean = [0, 0];
  const spread = [0, 0, 0];
  for (let i = from; i < theirs.length; i++) {
    const [a, b] = [theirs[i], ours[i]];
    if (Number.isNaN(a) && Number.isNaN(b)) continue;
    const error = Math.abs(a - b);
    if (!(error <= tolerance * Math.max(Math.abs(a), 1e-6))) differing.push(i);
    if (Number.isNaN(error)) continue;
    bars++;
    squares += error * error;
    maxError = Math.max(maxError, error);
    // Welford: prices far from 0 keep their digits.
    const [da, db] = [a - mean[0], b - mean[1]];
    mean[0] += da / bars;
    mean[1] += db / bars;
    spread[0] += da * (a - mean[0]);
    spread[1] += db * (b - mean[1]);
    spread[2] += da * (b - mean[1]);
  }
  return {
    bars,
    correlation: spread[2] / Math.sqrt(spread[0] * spread[1]),
    rmse: Math.sqrt(squares / bars),
    maxError: bars === 0 ? Number.NaN : maxError,
    differing,
  };
}

/** Compares events (1 or 0 a bar) one to one, at 0, 1 and 2 bars. */
export function compareEvents(
  theirs: Uint8Array,
  ours: Uint8Array,
  options: { from: number },
): EventMatch {
  const a = barsOf(theirs, options.from);
  const b = barsOf(ours, options.from);
  const within = [0, 1, 2].map((bars) => {
    const matched = pairs(a, b, bars);
    const precision = matched / b.length;
    const recall = matched / a.length;
    const f1 = (2 * matched) / (a.length + b.length);
    return { bars, matched, precision, recall, f1 };
  });
  const counts = new Map<number, number>();
  let unmatched = 0;
  for (const bar of a) {
    const offset = nearest(b, bar) - bar;
    if (Math.abs(offset) <= OFFSET_BARS_MAX) counts.set(offset, (counts.get(offset) ?? 0) + 1);
    else unmatched++;
  }
  const offsets = [...counts].map(([offset, count]) => ({ offset, count }));
  offsets.sort((x, y) => x.offset - y.offset);
  const differing: number[] = [];
  for (let i = options.from; i < theirs.length; i++) if (theirs[i] !== ours[i]) differing.push(i);
  return { theirs: a.length, ours: b.length, within, offsets, unmatched, differing };
}

/** Index of the first bar on which both have a value; the length when there is none. */
export function firstCommon(theirs: Float64Array, ours: Float64Array): number {
  const at = theirs.findIndex((value, i) => !Number.isNaN(value) && !Number.isNaN(ours[i]));
  return at < 0 ? theirs.length : at;
}

function barsOf(events: Uint8Array, from: number): number[] {
  const bars: number[] = [];
  for (let i = from; i < events.length; i++) if (events[i] === 1) bars.push(i);
  return bars;
}

/** The most one-to-one pairs at most `bars` apart; walking both lists in order finds them. */
function pairs(a: readonly number[], b: readonly number[], bars: number): number {
  let matched = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (Math.abs(a[i] - b[j]) <= bars) {
      matched++;
      i++;
      j++;
    } else if (a[i] < b[j]) i++;
    else j++;
  }
  return matched;
}

/** The entry closest to `bar`, the earlier one of two; infinity when there is none. */
function nearest(sorted: readonly number[], bar: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < bar) low = middle + 1;
    else high = middle;
  }
  const after = sorted[low] ?? Number.POSITIVE_INFINITY;
  const before = sorted[low - 1] ?? Number.NEGATIVE_INFINITY;
  return bar - before <= after - bar ? before : after;
}
