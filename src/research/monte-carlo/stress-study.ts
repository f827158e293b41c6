import {
  type CompoundingResult,
  simulateCompounding,
} from '../../../backtests/calculators/compounding.ts';
import { sliceBars } from '../../../data/bars/bars.ts';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { AppError } from '../../engine/error.ts';
import type { TradeRecord } from '../../engine/trade-record.ts';
import { DAY_MS } from '../../engine/units.ts';
import { hashOf, type MarketData } from '../../market-data.ts';
import { runOn } from '../market-run.ts';
import type { ResearchInput } from '../research-input.ts';
import type { PathTrade } from './account-walk.ts';
import { resampleDays } from './bar-days.ts';
import { type ExecutionRow, executionArms, executionNoise } from './execution-noise.ts';
import { pathDays } from './path-days.ts';
import { type RunFigures, runFigures } from './run-figures.ts';
import {
  withCorrelationOne,
  withFlashCrashes,
  withFundingSpikes,
  withOutages,
} from './stress-markets.ts';
import {
  blockPaths,
  HORIZON_DAYS,
  type PathSpread,
  RUIN_FRACTION,
  shuffledPaths,
} from './trade-paths.ts';

export const RISK_GRID = [0.25, 0.5, 0.75, 1, 1.5, 2] as const;
const STRESSED_TRADES = 10;

export interface TradeStress {
  trades: number;
  days: number;
  riskPercent: number;
  /** Blocks of days without and with breakers, then the shuffle. */
  spreads: PathSpread[];
  /** Single draws compounded at other risks per trade, by the calculator of `qcm calc compound`. */
  compounding: { riskPercent: number; result: CompoundingResult }[];
}

export interface MarketStress {
  base: RunFigures;
  arms: ExecutionRow[];
  noise: ExecutionRow[];
  resampled: RunFigures[];
  scenarios: { name: string; figures: RunFigures }[];
  /** Made markets of the same length; SIMULATED. */
  populations: RunFigures[];
}

export interface StressOptions {
  paths: number;
  /** Whole backtests of each random kind: noise, resampled days, made markets. */
  runs: number;
  seed: number;
  onProgress?: (text: string) => void;
}

/** Monte-Carlo over finished trades alone. @throws AppError DATA_NO_TRADES */
export function tradeStress(
  days: readonly (readonly PathTrade[])[],
  options: { riskPercent: number; paths: number; seed: number },
): TradeStress {
  const trades = days.flat();
  const spreads = [
    blockPaths(days, { ...options, hasBreakers: false }),
    blockPaths(days, { ...options, hasBreakers: true }),
    shuffledPaths(days, options),
  ];
  const compounding = RISK_GRID.map((riskPercent) => ({
    riskPercent,
    result: simulateCompounding({
      equity: 1,
      riskPercent,
      outcomesR: trades.map(({ r }) => r),
      // A path has one trade at least.
      tradesPerDay: Math.max(trades.length / days.length, 1 / HORIZON_DAYS),
      days: HORIZON_DAYS,
      paths: Math.min(options.paths, 1_000),
      seed: options.seed,
      ruinFraction: RUIN_FRACTION,
    }),
  }));
  return {
    trades: trades.length,
    days: days.length,
    riskPercent: options.riskPercent,
    spreads,
    compounding,
  };
}

/** Everything that needs the market again: whole backtests on changed data or execution. */
export function marketStress(
  input: ResearchInput,
  options: StressOptions,
): { trades: TradeRecord[]; stress: MarketStress } {
  const { data, base, span } = input;
  const say = (text: string) => options.onProgress?.(text);
  const settings = { base, toMs: span.searchEndMs };
  say('the undisturbed run');
  const result = runOn(data, settings);
  if (result.trades.length === 0) {
    throw new AppError(
      'DATA_NO_TRADES',
      `${input.preset} made no trade in this data: there is nothing to stress`,
      'more data, or another preset (--trade smc-stand-in)',
    );
  }
  const run = (market: MarketData) => runFigures(runOn(market, settings));
  const spans = result.trades.map(({ firstFillMs, closedMs }) => ({
    fromMs: firstFillMs,
    toMs: closedMs,
  }));
  const at = { spans, count: STRESSED_TRADES, seed: options.seed };
  say('stress paths');
  const scenarios = [
    {
      name: `flash crash of 15 % in ${STRESSED_TRADES} open trades`,
      market: withFlashCrashes(data, at),
    },
    {
      name: `no data for two hours in ${STRESSED_TRADES} open trades`,
      market: withOutages(data, at),
    },
    {
      name: 'funding at its cap on a tenth of the days',
      market: withFundingSpikes(data, options.seed),
    },
    { name: 'correlation of the legs 1', market: withCorrelationOne(data, input.mainSymbol) },
  ].map(({ name, market }) => ({ name, figures: run(market) }));
  say('execution, one change at a time');
  const arms = executionArms(input, options.seed);
  const noise = executionNoise(input, {
    runs: options.runs,
    seed: options.seed,
    onProgress: (done, total) => say(`execution noise ${done} of ${total}`),
  });
  const resampled = Array.from({ length: options.runs }, (_, i) => {
    say(`resampled days ${i + 1} of ${options.runs}`);
    return run(resampleDays(searchPart(data, span.searchEndMs), options.seed + i));
  });
  const populations = Array.from({ length: options.runs }, (_, i) => {
    say(`made market ${i + 1} of ${options.runs}`);
    return run(madeMarket(data, { seed: options.seed + i, toMs: span.searchEndMs }));
  });
  const stress = { base: runFigures(result), arms, noise, resampled, scenarios, populations };
  // Paths apply the breakers themselves, to trades that none has touched yet.
  const { trades } = runOn(data, { ...settings, isPathFree: true });
  return { trades, stress };
}

/** Trades of the search part by day. */
export function stressedDays(trades: readonly TradeRecord[], input: ResearchInput): PathTrade[][] {
  return pathDays(trades, { startMs: input.span.startMs, endMs: input.span.searchEndMs });
}

/** Resampling may not look into the hold-out either. */
function searchPart(data: MarketData, toMs: number): MarketData {
  const series = data.series.map((bars) => {
    let end = bars.length;
    while (end > 0 && bars.openTime[end - 1] >= toMs) end--;
    return sliceBars(bars, 0, end);
  });
  return { ...data, series };
}

/** The simulated market at the length and the timeframe of this data. */
function madeMarket(data: MarketData, options: { seed: number; toMs: number }): MarketData {
  const timeframeMs = Math.min(...data.series.map((bars) => bars.timeframeMs));
  const startTime = Math.floor(data.series[0].openTime[0] / DAY_MS) * DAY_MS;
  const market = simulateMarket({
    seed: options.seed,
    days: Math.floor((options.toMs - startTime) / DAY_MS),
    timeframeMs,
    startTime,
    symbols: data.series.map(({ symbol }) => symbol),
  });
  const funding = market.funding.flatMap((table) =>
    Array.from(table.times, (atMs, i) => ({
      symbol: table.symbol,
      atMs,
      rate: table.rates[i],
      intervalHours: table.intervalHours[i],
    })),
  );
  return {
    ...data,
    kind: 'simulated',
    label: market.label,
    series: market.series,
    funding: funding.sort((a, b) => a.atMs - b.atMs || (a.symbol < b.symbol ? -1 : 1)),
    events: [],
    dataHash: hashOf([market.label]),
  };
}
