import { AppError } from '../../src/engine/error.ts';
import { type Bars, createBars } from '../bars/bars.ts';
import { resampleBars } from '../bars/resample.ts';
import type { FundingTable } from '../funding/funding.ts';
import { CommonFactor } from './common-factor.ts';
import { SYMBOL_MODELS, type SymbolModel } from './model.ts';
import { SymbolPath } from './symbol-path.ts';

const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1_440;
const DAY_MS = MINUTES_A_DAY * MINUTE_MS;

export interface SimulationOptions {
  /** Any integer; the same seed gives the same market on every machine. */
  seed: number;
  days: number;
  /** A multiple of one minute that divides a day. */
  timeframeMs: number;
  /** Open time of the first bar, ms UTC, at midnight; 2025-01-01 when left out. */
  startTime?: number;
  /** Which of BTCUSDT, ETHUSDT, SOLUSDT; a choice does not change the others' paths. */
  symbols?: readonly string[];
  /** Multiplies volatility of every symbol; 1 when left out. */
  volatilityScale?: number;
  /** Correlation of any two symbols' returns between jumps, 0 to 1; calibrated when left out. */
  correlation?: number;
  /** Multiplies the number of jumps; 1 when left out, 0 for none. */
  jumpScale?: number;
  /**
   * Volatility inside a minute over that of its return, 0 to 2; calibrated when left out (under 1:
   * real minutes trend inside, which a stop order profits from). 1 is a fair game inside bars too.
   */
  intrabarVolatility?: number;
  /** Log return planted in the minute that opens at a time: an edge (or a trap) to be found. */
  drift?: (symbol: string, openTime: number) => number;
}

export interface SimulatedMarket {
  /** Labelled by `source.kind === 'simulated'`. */
  series: Bars[];
  /** Settlements every 8 h, rates per interval, positive: longs pay. */
  funding: FundingTable[];
  /** What reports print; begins with SIMULATED. */
  label: string;
}

export const SIMULATED_SYMBOLS: readonly string[] = SYMBOL_MODELS.map((model) => model.symbol);
export const SIMULATED_START_MS = Date.UTC(2025, 0, 1);

/**
 * Three correlated perpetuals of no real market: minutes with clustered volatility on four scales,
 * fat tails, joint and own jumps, the UTC day's rhythm, volume and taker flow tied to moves, and
 * funding. Generated at 1m and aggregated. Calibration and limits: docs/SIMULATED-MARKET.md.
 * @throws AppError USAGE_SIMULATION for options out of range
 */
export function simulateMarket(options: SimulationOptions): SimulatedMarket {
  checkOptions(options);
  const startTime = options.startTime ?? SIMULATED_START_MS;
  const minutes = Math.round(options.days * MINUTES_A_DAY);
  const paths = SYMBOL_MODELS.map((model, index) => new SymbolPath(model, index, options)).filter(
    (path) => options.symbols === undefined || options.symbols.includes(path.model.symbol),
  );
  const label = describe(options);
  const series = paths.map(({ model }) =>
    createBars({
      symbol: model.symbol,
      timeframeMs: MINUTE_MS,
      length: minutes,
      source: { kind: 'simulated', names: [label] },
    }),
  );
  const common = new CommonFactor(options);
  for (let i = 0; i < minutes; i++) {
    const openTime = startTime + i * MINUTE_MS;
    common.step(i % MINUTES_A_DAY);
    for (let s = 0; s < paths.length; s++) {
      const planted = options.drift?.(paths[s].model.symbol, openTime) ?? 0;
      paths[s].step({ common, planted, openTime, into: series[s], at: i });
    }
  }
  return {
    series: series.map((bars, s) => aggregate(bars, options.timeframeMs, paths[s].model)),
    funding: paths.map((path) => path.funding.table(path.model.symbol)),
    label,
  };
}

/** Sums of decimals drift in their last bits; volumes go back to their step. */
function aggregate(bars: Bars, timeframeMs: number, model: SymbolModel): Bars {
  if (timeframeMs === bars.timeframeMs) return bars;
  const out = resampleBars(bars, timeframeMs);
  const steps = model.stepsPerUnit;
  for (let i = 0; i < out.length; i++) {
    out.volume[i] = Math.round(out.volume[i] * steps) / steps;
    out.takerBuyVolume[i] = Math.round(out.takerBuyVolume[i] * steps) / steps;
  }
  return out;
}

function describe(options: SimulationOptions): string {
  const extras = [
    options.volatilityScale === undefined ? '' : `, volatility x ${options.volatilityScale}`,
    options.correlation === undefined ? '' : `, correlation ${options.correlation}`,
    options.jumpScale === undefined ? '' : `, jumps x ${options.jumpScale}`,
    options.intrabarVolatility === undefined
      ? ''
      : `, volatility inside a minute ${options.intrabarVolatility}`,
    options.drift === undefined ? '' : ', planted drift',
  ];
  return `SIMULATED market, seed ${options.seed}, ${options.days} days${extras.join('')}`;
}

function checkOptions(options: SimulationOptions): void {
  const refuse = (what: string, hint: string) => {
    throw new AppError('USAGE_SIMULATION', `simulated market: ${what}`, hint);
  };
  const { seed, days, timeframeMs, startTime = 0, correlation = 0 } = options;
  if (!Number.isSafeInteger(seed)) refuse(`seed ${seed} is not an integer`, 'for example 1');
  if (!(days > 0 && days <= 3_660)) refuse(`${days} days`, 'between 0 and 3660');
  const divides = timeframeMs % MINUTE_MS === 0 && DAY_MS % timeframeMs === 0;
  if (!(timeframeMs > 0 && divides)) {
    refuse(`timeframe ${timeframeMs} ms`, 'whole minutes that divide a day: 1m, 3m, 15m, 1h');
  }
  if (startTime % DAY_MS !== 0) refuse('start is not 00:00 UTC', 'a date');
  if (!(correlation >= 0 && correlation <= 1)) refuse(`correlation ${correlation}`, '0 to 1');
  const { intrabarVolatility: inside = 1 } = options;
  if (!(inside >= 0 && inside <= 2)) refuse(`intrabar volatility ${inside}`, '0 to 2');
  for (const scale of [options.volatilityScale ?? 1, options.jumpScale ?? 1]) {
    if (!(scale >= 0 && scale <= 100)) refuse(`scale ${scale}`, 'between 0 and 100');
  }
  for (const symbol of options.symbols ?? []) {
    if (!SIMULATED_SYMBOLS.includes(symbol)) {
      refuse(`no symbol ${symbol}`, `one of ${SIMULATED_SYMBOLS.join(', ')}`);
    }
  }
}
