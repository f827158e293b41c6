import type { Bars } from '../bars/bars.ts';

const HOUR_MS = 3_600_000;
const ATR_LENGTH = 14;

/** Statistics of one series that a market model is judged by; returns are log close-to-close. */
export interface Moments {
  symbol: string;
  timeframeMs: number;
  bars: number;
  /** Standard deviation of returns, bps per bar. */
  returnSdBps: number;
  /** Fourth standardised moment; 3 for a normal law. */
  kurtosis: number;
  /** The same after clipping returns at their 0.1 % and 99.9 % quantiles: less of an accident. */
  kurtosisClipped: number;
  /** Share of returns beyond 4 standard deviations, per 10,000 (0.63 for a normal law). */
  beyond4SdPer10k: number;
  largestMoveSd: number;
  /** Autocorrelation of the return at lag 1. */
  returnAutocorrelation1: number;
  /** Autocorrelation of |r| after 1, 5, 20, 60 bars, 4 hours and 1 day. */
  absAutocorrelation: { lag: string; value: number }[];
  /** Correlation of log(1 + volume) with |r| and with log range. */
  volumeAbsReturn: number;
  volumeRange: number;
  /** Correlation of taker buy share with the return; NaN where the source has no taker volume. */
  takerReturn: number;
  /** Mean (high - low) / mean |close - open|; 2 for continuous Brownian motion. */
  rangeToBody: number;
  /** Quantiles of true range / ATR(14) of the bar before: p5, p25, p50, p75, p95, p99. */
  rangeToAtr: { p: number; value: number }[];
  /** Mean |r| of the busiest UTC hour over that of the quietest. */
  hourRatio: number;
  /** Variance of 15-minute returns over that of one bar, per unit of time; 1 for a random walk. */
  varianceRatio15m: number;
  /** Share of bars that open where the last one closed. */
  opensAtClose: number;
}

/**
 * Moments of a series. Returns across gaps (open times that do not follow) are left out of
 * everything but the longer lags.
 * @throws RangeError under 1,000 bars: such moments would say nothing
 */
export function computeMoments(bars: Bars): Moments {
  if (bars.length < 1_000) {
    throw new RangeError(`moments need at least 1,000 bars, ${bars.symbol} has ${bars.length}`);
  }
  const returns = logReturns(bars);
  const absolute = returns.map(Math.abs);
  const sd = deviation(returns);
  const volume = bars.volume.subarray(1).map(Math.log1p);
  const logRange = bars.high.map((high, i) =>
    Math.log(1e-6 + (high - bars.low[i]) / bars.close[i]),
  );
  const barsPerHour = HOUR_MS / bars.timeframeMs;
  const lags: [string, number][] = [
    ['1', 1],
    ['5', 5],
    ['20', 20],
    ['60', 60],
    ['4 h', 4 * barsPerHour],
    ['1 d', 24 * barsPerHour],
  ];
  return {
    symbol: bars.symbol,
    timeframeMs: bars.timeframeMs,
    bars: bars.length,
    returnSdBps: sd * 1e4,
    kurtosis: kurtosis(returns),
    kurtosisClipped: kurtosis(clipped(returns, 0.001)),
    beyond4SdPer10k: (1e4 * count(absolute, (r) => r > 4 * sd)) / returns.length,
    largestMoveSd: absolute.reduce((a, b) => (b > a ? b : a), 0) / sd,
    returnAutocorrelation1: lagCorrelation(returns, 1),
    absAutocorrelation: lags.map(([lag, n]) => ({ lag, value: lagCorrelation(absolute, n) })),
    volumeAbsReturn: correlation(volume, absolute),
    volumeRange: correlation(volume, logRange.subarray(1)),
    takerReturn: takerReturnCorrelation(bars, returns),
    rangeToBody: rangeToBody(bars),
    rangeToAtr: rangeToAtr(bars),
    hourRatio: hourRatio(bars, absolute),
    varianceRatio15m: varianceRatio(returns, Math.max(1, (15 * 60_000) / bars.timeframeMs)),
    opensAtClose: count(bars.open, (open, i) => i > 0 && open === bars.close[i - 1]) / bars.length,
  };
}

/** Correlations of returns of series joined by open time. */
export function crossCorrelation(a: Bars, b: Bars): number {
  const left: number[] = [];
  const right: number[] = [];
  const returnsA = logReturns(a);
  const returnsB = logReturns(b);
  let j = 1;
  for (let i = 1; i < a.length; i++) {
    while (j < b.length && b.openTime[j] < a.openTime[i]) j++;
    if (j >= b.length) break;
    if (b.openTime[j] !== a.openTime[i]) continue;
    left.push(returnsA[i - 1]);
    right.push(returnsB[j - 1]);
  }
  return correlation(left, right);
}

type Numbers = Float64Array | number[];

/** Return i belongs to bar i + 1; 0 across a gap. */
function logReturns(bars: Bars): Float64Array {
  const out = new Float64Array(Math.max(0, bars.length - 1));
  for (let i = 1; i < bars.length; i++) {
    if (bars.openTime[i] - bars.openTime[i - 1] !== bars.timeframeMs) continue;
    out[i - 1] = Math.log(bars.close[i] / bars.close[i - 1]);
  }
  return out;
}

function mean(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function deviation(values: Numbers): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) * (values[i] - centre);
  return Math.sqrt(sum / values.length);
}

function kurtosis(values: Numbers): number {
  const centre = mean(values);
  let second = 0;
  let fourth = 0;
  for (let i = 0; i < values.length; i++) {
    const square = (values[i] - centre) * (values[i] - centre);
    second += square;
    fourth += square * square;
  }
  return (fourth * values.length) / (second * second);
}

function clipped(values: Float64Array, tail: number): Float64Array {
  const sorted = values.slice().sort();
  const low = quantile(sorted, tail);
  const high = quantile(sorted, 1 - tail);
  return values.map((value) => Math.min(high, Math.max(low, value)));
}

function quantile(sorted: Float64Array, p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
}

function correlation(a: Numbers, b: Numbers): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) * (a[i] - meanA);
    bb += (b[i] - meanB) * (b[i] - meanB);
  }
  return ab / Math.sqrt(aa * bb);
}

function lagCorrelation(values: Float64Array, lag: number): number {
  if (lag >= values.length) return Number.NaN;
  return correlation(values.subarray(lag), values.subarray(0, values.length - lag));
}

function count(values: Float64Array, test: (value: number, i: number) => boolean): number {
  let hits = 0;
  for (let i = 0; i < values.length; i++) if (test(values[i], i)) hits++;
  return hits;
}

function takerReturnCorrelation(bars: Bars, returns: Float64Array): number {
  const share: number[] = [];
  const moves: number[] = [];
  for (let i = 1; i < bars.length; i++) {
    if (!(bars.volume[i] > 0) || Number.isNaN(bars.takerBuyVolume[i])) continue;
    share.push(bars.takerBuyVolume[i] / bars.volume[i]);
    moves.push(returns[i - 1]);
  }
  return share.length < 1_000 ? Number.NaN : correlation(share, moves);
}

function rangeToBody(bars: Bars): number {
  let range = 0;
  let body = 0;
  for (let i = 0; i < bars.length; i++) {
    range += bars.high[i] - bars.low[i];
    body += Math.abs(bars.close[i] - bars.open[i]);
  }
  return range / body;
}

function rangeToAtr(bars: Bars): { p: number; value: number }[] {
  const ratios = new Float64Array(bars.length);
  let atr = 0;
  let filled = 0;
  for (let i = 1; i < bars.length; i++) {
    const last = bars.close[i - 1];
    const range = Math.max(bars.high[i], last) - Math.min(bars.low[i], last);
    if (i > ATR_LENGTH && atr > 0) ratios[filled++] = range / atr;
    atr = i <= ATR_LENGTH ? atr + range / ATR_LENGTH : atr + (range - atr) / ATR_LENGTH;
  }
  const sorted = ratios.subarray(0, filled).slice().sort();
  return [0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map((p) => ({ p, value: quantile(sorted, p) }));
}

function hourRatio(bars: Bars, absolute: Float64Array): number {
  const sums = new Float64Array(24);
  const counts = new Float64Array(24);
  for (let i = 1; i < bars.length; i++) {
    const hour = Math.floor(bars.openTime[i] / HOUR_MS) % 24;
    sums[hour] += absolute[i - 1];
    counts[hour]++;
  }
  const means = Array.from(sums, (sum, hour) => sum / counts[hour]).filter((x) => x > 0);
  return Math.max(...means) / Math.min(...means);
}

function varianceRatio(returns: Float64Array, n: number): number {
  const sums = new Float64Array(Math.floor(returns.length / n));
  for (let i = 0; i < sums.length * n; i++) sums[Math.floor(i / n)] += returns[i];
  const one = deviation(returns);
  const many = deviation(sums);
  return (many * many) / (n * one * one);
}
