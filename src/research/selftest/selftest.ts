import { wilson } from '../../../backtests/calculators/compounding.ts';
import type { Bars } from '../../../data/bars/bars.ts';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { DAY_MS, MINUTE_MS } from '../../engine/units.ts';
import { hashOf, type MarketData } from '../../market-data.ts';
import { type RunSettings, runOn, runOptions } from '../market-run.ts';
import { superiorAbility } from '../statistics/superior-ability.ts';
import { randomDesign, spaceOf } from '../walk-forward/setting-space.ts';
import { runDesign } from '../walk-forward/trial-design.ts';
import { plantEdge } from './planted-edge.ts';

const LEVEL = 0.05;
const SIGNAL_MS = 3 * MINUTE_MS;
/** Chance of fewer, of more rejections than are accepted; gives 2 to 18 of 200 markets. */
const TAILS = { low: 0.001, high: 0.006 };
export const EDGE_FOUND_MIN = 0.8;
export const EDGE_R = 0.15;
/** R a minute that makes the open trades of the preset 0.15 R better on average; found by trial. */
const EDGE_DRIFT_R = 0.0102;

export interface SelftestOptions {
  preset: string;
  /** Noise markets; as many as half of them get an edge. */
  markets: number;
  trials: number;
  /** Signal bars (3 minutes) of a noise market; their minutes are simulated as well. */
  bars: number;
  seed: number;
  /** Trades of the planted strategy that a market with an edge must have at least. */
  edgeTrades: number;
  driftR?: number;
  onProgress?: (text: string) => void;
}

export interface SelftestResult {
  noise: NoiseResult;
  edge: EdgeResult;
}

export interface NoiseResult {
  markets: number;
  trials: number;
  bars: number;
  rejected: number;
  /** Markets in which no trial had 30 days with a result. */
  undecided: number;
  meanR: number;
  meanTrades: number;
  isAccepted: boolean;
}

export interface EdgeResult {
  markets: number;
  trials: number;
  found: number;
  interval: { low: number; high: number };
  /** Mean R that the planted strategy has more than without the edge, over all markets. */
  plantedR: number;
  meanTrades: number;
  isAccepted: boolean;
}

/**
 * The research pipeline on markets whose answer is known, costs zero on both sides. These markets
 * have no jumps and are a fair game inside each minute too: where minutes trend inside, as real ones
 * and the usual simulated ones do, a stop that fills at its price is worth up to 0.06 R a trade.
 */
export function selftest(options: SelftestOptions): SelftestResult {
  return { noise: noiseMarkets(options), edge: edgeMarkets(options) };
}

/** Markets without an edge: how often does the search claim one at 5 %? */
export function noiseMarkets(options: SelftestOptions): NoiseResult {
  const { markets, trials, bars } = options;
  let rejected = 0;
  let undecided = 0;
  let sumR = 0;
  let trades = 0;
  for (let i = 0; i < markets; i++) {
    const market = madeMarket(options.seed + i, bars);
    const searched = search(market, options, options.seed + i);
    if (searched.pValue === undefined) undecided++;
    else if (searched.pValue < LEVEL) rejected++;
    sumR += searched.sumR;
    trades += searched.trades;
    options.onProgress?.(`noise market ${i + 1} of ${markets}: ${rejected} rejected`);
  }
  const accepted = noiseAccepted(markets);
  const isAccepted = rejected >= accepted.low && rejected <= accepted.high;
  const meanTrades = trades / (markets * trials);
  return {
    markets,
    trials,
    bars,
    rejected,
    undecided,
    meanR: sumR / trades,
    meanTrades,
    isAccepted,
  };
}

/** Rejections that an exact 5 % test gives in so many noise markets in all but rare cases. */
export function noiseAccepted(markets: number): { low: number; high: number } {
  const chances = binomial(markets, LEVEL);
  let low = 0;
  for (let below = chances[0]; below < TAILS.low; below += chances[low]) low++;
  let high = markets;
  for (let above = chances[markets]; above < TAILS.high; above += chances[high]) high--;
  return { low, high };
}

/** Chance of each count of successes, from 0 to n. */
function binomial(n: number, chance: number): number[] {
  let row = [1];
  for (let i = 0; i < n; i++) {
    const next = new Array<number>(row.length + 1).fill(0);
    for (let k = 0; k < row.length; k++) {
      next[k] += row[k] * (1 - chance);
      next[k + 1] += row[k] * chance;
    }
    row = next;
  }
  return row;
}

/** Markets in which the preset itself is worth +0.15 R a trade: how often is it found? */
export function edgeMarkets(options: SelftestOptions): EdgeResult {
  const { trials, preset, edgeTrades } = options;
  const markets = Math.ceil(options.markets / 2);
  const settings: RunSettings = { base: baseOf(preset), isPathFree: true, isCostFree: true };
  let found = 0;
  let trades = 0;
  let plantedSum = 0;
  let plainSum = 0;
  let plainTrades = 0;
  for (let i = 0; i < markets; i++) {
    const seed = options.seed + 1_000_000 + i;
    const market = marketWithTrades(seed, { settings, edgeTrades });
    const plain = runOn(market, settings).trades;
    plainTrades += plain.length;
    for (const trade of plain) plainSum += trade.tradeR;
    const [first] = randomDesign(spaceOf(preset), { trials: 1, seed });
    const planted = plantEdge({
      bars: market.series[0],
      compose: (bars) => runOptions(withBars(market, bars), { ...settings, sets: first }),
      driftR: options.driftR ?? EDGE_DRIFT_R,
    });
    trades += planted.trades;
    plantedSum += planted.meanR * planted.trades;
    const searched = search(withBars(market, planted.bars), options, seed);
    if ((searched.pValue ?? 1) < LEVEL) found++;
    options.onProgress?.(`market with an edge ${i + 1} of ${markets}: ${found} found`);
  }
  return {
    markets,
    trials,
    found,
    interval: wilson(found, markets),
    plantedR: plantedSum / trades - plainSum / plainTrades,
    meanTrades: trades / markets,
    isAccepted: found >= EDGE_FOUND_MIN * markets,
  };
}

function search(market: MarketData, options: SelftestOptions, seed: number) {
  const points = randomDesign(spaceOf(options.preset), { trials: options.trials, seed });
  const [bars] = market.series;
  const toMs = bars.openTime[bars.length - 1] + bars.timeframeMs;
  const base = baseOf(options.preset);
  const design = runDesign({ data: market, base, points, toMs, isCostFree: true });
  const all = design.trials.flatMap((trial) => trial.trades);
  const test = superiorAbility(
    design.trials.map((trial) => trial.days.r),
    { seed, resamples: 500 },
  );
  const sumR = all.reduce((total, trade) => total + trade.tradeR, 0);
  return { pValue: test.pValue, trades: all.length, sumR };
}

/** Long enough for the preset to make this many trades; grown by quarters of a year. */
function marketWithTrades(
  seed: number,
  { settings, edgeTrades }: { settings: RunSettings; edgeTrades: number },
): MarketData {
  const barsADay = DAY_MS / SIGNAL_MS;
  for (let days = 60; ; days += 30) {
    const market = madeMarket(seed, days * barsADay);
    const { trades } = runOn(market, settings);
    if (trades.length < edgeTrades && days < 720) continue;
    const end = trades[edgeTrades - 1]?.closedMs ?? Number.POSITIVE_INFINITY;
    const [bars] = market.series;
    const length = Math.min(bars.length / 3, Math.ceil((end - bars.openTime[0]) / SIGNAL_MS) + 1);
    return madeMarket(seed, length);
  }
}

function baseOf(preset: string): RunSettings['base'] {
  return { ignoreFile: true, env: {}, preset, sets: ['hedge.mode=off', 'market.signalMinutes=3'] };
}

function madeMarket(seed: number, bars: number): MarketData {
  const market = simulateMarket({
    seed,
    days: (bars * SIGNAL_MS) / DAY_MS,
    timeframeMs: MINUTE_MS,
    symbols: ['BTCUSDT'],
    jumpScale: 0,
    intrabarVolatility: 1,
  });
  return {
    kind: 'simulated',
    label: market.label,
    series: market.series,
    funding: [],
    events: [],
    manifest: [],
    findings: [],
    notes: [],
    dataHash: hashOf([market.label]),
    calendarHash: hashOf([]),
  };
}

function withBars(market: MarketData, bars: Bars): MarketData {
  return { ...market, series: [bars] };
}
