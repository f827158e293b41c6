import { type Bars, createBars, sliceBars } from '../../data/bars/bars.ts';
import { type Tape, tapesUntil } from '../../data/recorded/tape.ts';
import { mulberry32 } from '../metrics/bootstrap.ts';
import { BacktestRun } from '../run.ts';
import type { BacktestOptions, FundingRow } from '../run-options.ts';
import { type Decision, DecisionTrace, firstDifference } from './decision-trace.ts';

/** Market data of a run; whoever composes it makes fresh strategies and rules each time. */
export interface MarketInput {
  feeds: readonly Bars[];
  funding: readonly FundingRow[];
  /** Recorded trades and books, where there are any. */
  tapes?: readonly Tape[];
}

export type ComposeRun = (market: MarketInput) => BacktestOptions;

export interface LookaheadCut {
  atMs: number;
  /** `prefix`: the bars end here. `perturbed`: other bars and rates follow. */
  kind: 'prefix' | 'perturbed';
  /** Decisions of the whole run up to the cut: what was compared. */
  decisions: number;
  difference: ReturnType<typeof firstDifference>;
}

export interface LookaheadResult {
  cuts: LookaheadCut[];
  /** All decisions of the whole run. */
  decisions: number;
  isClean: boolean;
}

const SEED = 7;
const SLICE_INSTANTS = 50_000;

/**
 * No decision may depend on what comes later. At each cut the run is made again twice: on bars that
 * end there, and on bars that go on with an invented, much wilder market. Every order, alert and
 * recorded decision up to the cut must be the same, to the last digit.
 */
export function checkLookahead(
  compose: ComposeRun,
  market: MarketInput,
  options: { cuts: number },
): LookaheadResult {
  const whole = traceOf(compose(market));
  const cuts: LookaheadCut[] = [];
  for (const atMs of cutTimes(compose(market), options.cuts)) {
    const expected = whole.filter((decision) => decision.atMs <= atMs);
    for (const kind of ['prefix', 'perturbed'] as const) {
      const other = kind === 'prefix' ? prefix(market, atMs) : perturbed(market, atMs);
      const got = traceOf(compose(other)).filter((decision) => decision.atMs <= atMs);
      const difference = firstDifference(expected, got);
      cuts.push({ atMs, kind, decisions: expected.length, difference });
    }
  }
  const isClean = cuts.every((cut) => cut.difference === undefined);
  return { cuts, decisions: whole.length, isClean };
}

function traceOf(options: BacktestOptions): Decision[] {
  const trace = new DecisionTrace();
  const run = new BacktestRun({ ...options, observer: trace.observer });
  while (run.advance(SLICE_INSTANTS));
  return trace.decisions;
}

/** Evenly spread over the main symbol's bars, on closes of signal bars. */
function cutTimes(options: BacktestOptions, count: number): number[] {
  const { feeds, mainSymbol, signalTimeframeMs } = options;
  const main = feeds.find((bars) => bars.symbol === mainSymbol);
  if (main === undefined || main.length < 2) return [];
  const times: number[] = [];
  for (let i = 1; i <= count; i++) {
    const index = Math.floor((main.length * i) / (count + 1));
    times.push(Math.floor(main.openTime[index] / signalTimeframeMs) * signalTimeframeMs);
  }
  return times;
}

/** Number of bars that have closed by then. */
function closedBy(bars: Bars, atMs: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bars.openTime[middle] + bars.timeframeMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function prefix(market: MarketInput, atMs: number): MarketInput {
  return {
    feeds: market.feeds.map((bars) => sliceBars(bars, 0, closedBy(bars, atMs))),
    funding: market.funding.filter((row) => row.atMs <= atMs),
    tapes: tapesUntil(market.tapes, atMs),
  };
}

/** Days of invented market after a cut; long enough for anything that was open to end. */
const INVENTED_MS = 24 * 3_600_000;

/** The same past, then a day of random bars ten times as wild, and funding rates turned round. */
export function perturbed(market: MarketInput, atMs: number): MarketInput {
  const random = mulberry32(SEED);
  return {
    feeds: market.feeds.map((bars) => {
      const from = closedBy(bars, atMs);
      const to = Math.min(bars.length, from + Math.ceil(INVENTED_MS / bars.timeframeMs));
      const made = createBars({ ...bars, length: to });
      for (const column of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const) {
        made[column].set(bars[column].subarray(0, to));
      }
      made.takerBuyVolume.set(bars.takerBuyVolume.subarray(0, to));
      invent(made, from, random);
      return made;
    }),
    funding: market.funding
      .filter((row) => row.atMs <= atMs + INVENTED_MS)
      .map((row) => (row.atMs <= atMs ? row : { ...row, rate: -3 * row.rate })),
    tapes: tapesUntil(market.tapes, atMs),
  };
}

function invent(bars: Bars, from: number, random: () => number): void {
  // On the grid of the real prices: the price step of an instrument is no secret of the future.
  const grid = priceGrid(bars, from);
  const onGrid = (price: number) => Math.round(price * grid) / grid;
  let last = from > 0 ? bars.close[from - 1] : bars.open[0];
  for (let i = from; i < bars.length; i++) {
    const open = last;
    const close = onGrid(open * (1 + 0.02 * (random() - 0.5)));
    bars.open[i] = open;
    bars.close[i] = close;
    bars.high[i] = Math.max(open, close, onGrid(Math.max(open, close) * (1 + 0.005 * random())));
    bars.low[i] = Math.min(open, close, onGrid(Math.min(open, close) * (1 - 0.005 * random())));
    bars.volume[i] = bars.volume[i] * 10 * random();
    bars.takerBuyVolume[i] = bars.volume[i] * random();
    last = close;
  }
}

const GRID_SAMPLES = 2_000;

/** Steps of the price in one unit: a power of ten, by the most decimals seen before the cut. */
function priceGrid(bars: Bars, before: number): number {
  let decimals = 0;
  const stride = Math.max(1, Math.floor(before / GRID_SAMPLES));
  for (let i = 0; i < before; i += stride) {
    decimals = Math.max(decimals, (String(bars.close[i]).split('.')[1] ?? '').length);
  }
  return Number(`1e${decimals}`);
}
