import type { BacktestOptions } from '../backtests/run-options.ts';
import type { Bars } from '../data/bars/bars.ts';
import type { CalendarEvent } from '../data/calendar/calendar.ts';
import { rampLeverage } from '../strategy/risk/leverage-ramp.ts';
import { SlippageModel } from '../strategy/sizing/slippage-model.ts';
import { rampOf, rulesOfPreset } from './compose-rules.ts';
import { btcAlphaFromPreset, type RecordedParts } from './compose-strategy.ts';
import type { Config } from './config.ts';
import type { FeeRates } from './engine/instrument-spec.ts';
import { intern } from './engine/intern.ts';
import type { RiskRule } from './engine/risk-gate.ts';
import type { CostModel } from './engine/sizer.ts';
import type { Strategy } from './engine/strategy.ts';
import { MINUTE_MS } from './engine/units.ts';
import { bracketsFor, instrumentFor } from './instrument-table.ts';
import type { MarketData } from './market-data.ts';

/** One set of everything that keeps state; each run needs a set of its own. */
export interface Composition {
  strategies: Strategy[];
  rules: RiskRule[];
  costs: CostModel;
  prePlace: 'auto' | 'off';
}

export interface ComposeInput {
  config: Config;
  /** Legs that have data. */
  legSymbols: readonly string[];
  signalTimeframeMs: number;
  finestTimeframeMs: number;
  /** Price step of the main symbol. */
  tickSize: number;
  events: readonly CalendarEvent[];
  /** Backtests only observe the equity stop, unless told otherwise. */
  equityStopOnBreach?: 'latch' | 'rearm' | 'observe';
  recorded?: RecordedParts;
}

/** The only place that names concrete classes: configuration in, objects out. */
export function compose(input: ComposeInput): Composition {
  const { config, legSymbols, signalTimeframeMs: signalMs, finestTimeframeMs } = input;
  const mainSymbol = intern(config.market.symbol);
  const strategy = btcAlphaFromPreset(config, {
    mainSymbol,
    legSymbols,
    signalTimeframeMs: signalMs,
    biasTimeframeMs: config.market.biasMinutes * MINUTE_MS,
    finestTimeframeMs,
    tickSize: input.tickSize,
    recorded: input.recorded,
  });
  const rules = rulesOfPreset(config, {
    mainSymbol,
    symbols: [mainSymbol, ...legSymbols],
    finestTimeframeMs,
    signalTimeframeMs: signalMs,
    calendar: input.events,
    equityStopOnBreach: input.equityStopOnBreach,
    capital: config.account.capital,
  });
  const costs = new SlippageModel({ k: config.simulation.slippageK });
  return { strategies: [strategy], rules, costs, prePlace: config.stop.prePlace };
}

/** Symbols that the configuration needs bars of; the main symbol first. */
export function tradedSymbols(config: Config): string[] {
  const legs = config.hedge.mode === 'off' ? [] : config.market.legSymbols;
  return [config.market.symbol, ...legs];
}

/** Signals are on 3m bars, on 5m where the data has nothing finer (decision 3). */
export function signalTimeframeMs(config: Config, series: readonly Bars[]): number {
  const { signalMinutes, symbol } = config.market;
  if (signalMinutes > 0) return signalMinutes * MINUTE_MS;
  const main = series.find((bars) => bars.symbol === symbol);
  return main?.timeframeMs === 5 * MINUTE_MS ? 5 * MINUTE_MS : 3 * MINUTE_MS;
}

export interface BacktestInput {
  config: Config;
  data: MarketData;
  codeVersion: string;
  configHash: string;
  equityStopOnBreach: 'latch' | 'rearm' | 'observe';
  fromMs?: number;
  toMs?: number;
  barsMax?: number;
  recorded?: RecordedParts;
}

/** Options of a backtest of this configuration on this data, with fresh objects. */
export function composeBacktest(input: BacktestInput): BacktestOptions {
  const { config, data } = input;
  const { simulation } = config;
  const mainSymbol = config.market.symbol;
  const wanted = tradedSymbols(config);
  const feeds = data.series.filter((bars) => wanted.includes(bars.symbol));
  const signalMs = signalTimeframeMs(config, feeds);
  const instruments = feeds.map((bars) => instrumentFor(bars).spec);
  const main = instruments.find(({ symbol }) => symbol === mainSymbol);
  const { strategies, rules, costs } = compose({
    config,
    tickSize: Number(main?.tickSize ?? Number.NaN),
    legSymbols: feeds.map(({ symbol }) => symbol).filter((symbol) => symbol !== mainSymbol),
    signalTimeframeMs: signalMs,
    finestTimeframeMs: Math.min(...feeds.map(({ timeframeMs }) => timeframeMs)),
    events: data.events,
    equityStopOnBreach: input.equityStopOnBreach,
    recorded: input.recorded,
  });
  const rates = feeRatesOf(config);
  const ramp = rampOf(config);
  return {
    feeds,
    tapes: data.tapes,
    mainSymbol,
    signalTimeframeMs: signalMs,
    funding: data.funding,
    strategies,
    rules,
    costs,
    account: {
      startEquity: config.account.equity,
      quoteAsset: 'USDT',
      leverageAfter: (closedTrades) => rampLeverage(ramp, closedTrades),
      instruments,
      brackets: Object.fromEntries(feeds.map(({ symbol }) => [symbol, bracketsFor(symbol)])),
      feeRates: Object.fromEntries(feeds.map(({ symbol }) => [symbol, rates])),
    },
    venue: {
      orderLatencyMs: simulation.orderLatencyMs,
      responseLatencyMs: simulation.responseLatencyMs,
      pathOrder: simulation.pathOrder,
      makerFromBars: simulation.makerFromBars,
    },
    fingerprints: {
      codeVersion: input.codeVersion,
      configHash: input.configHash,
      dataHash: data.dataHash,
      calendarHash: data.calendarHash,
    },
    fromMs: input.fromMs,
    toMs: input.toMs,
    barsMax: input.barsMax,
  };
}

/** Paying in BNB takes a tenth off. */
export function feeRatesOf(config: Config): FeeRates {
  const { makerPercent, takerPercent, bnbDiscount } = config.fees;
  const factor = bnbDiscount ? 0.9 : 1;
  return {
    makerE8: Math.round(makerPercent * factor * 1e6),
    takerE8: Math.round(takerPercent * factor * 1e6),
  };
}
