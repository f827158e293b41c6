import type { Bars } from '../../../data/bars/bars.ts';
import type { SignalSource } from '../../../strategy/btc-alpha-hedge/signal-source.ts';
import type { LegChart } from '../../../strategy/hedge/hedge-planner.ts';
import { composeBacktest, signalTimeframeMs, tradedSymbols } from '../../compose.ts';
import { type RecordedParts, signalSource } from '../../compose-strategy.ts';
import type { Config } from '../../config.ts';
import { intern } from '../../engine/intern.ts';
import { MINUTE_MS } from '../../engine/units.ts';
import { instrumentFor } from '../../instrument-table.ts';
import type { MarketData } from '../../market-data.ts';
import { signalKeyOf } from '../space/signal-paths.ts';
import { type LearnedState, Learning } from './learned-states.ts';
import { type LegTape, recordLeg, TapedLegChart } from './leg-tape.ts';
import { recordSignals, type SignalTape, TapedSource } from './signal-tape.ts';

/** All that trials with the same signals have in common. */
export interface Recording {
  tape: SignalTape;
  /** Bars on which an entry may be decided, ascending. */
  entries: readonly EntryBar[];
}

export interface EntryBar {
  /** When it reaches the strategy. */
  atMs: number;
  openMs: number;
  /** As of the start of the bar. */
  learned: LearnedState;
}

/** Equal for two configurations that can share a recording. */
export function recordingKey(config: Config): string {
  return JSON.stringify([signalKeyOf(config), learningKey(config)]);
}

/**
 * Runs signals over all bars once; then shows the bars to everything that only learns from them, and
 * keeps what it knows before each bar that may bring an entry.
 */
export function makeRecording(
  config: Config,
  data: MarketData,
  learning: Learning = makeLearning(config, data),
): Recording {
  const wanted = tradedSymbols(config);
  const feeds = data.series.filter(({ symbol }) => wanted.includes(symbol));
  const signalMs = signalTimeframeMs(config, feeds);
  const main = feeds.find(({ symbol }) => symbol === config.market.symbol) as Bars;
  const tape = recordSignals({
    source: signalSource(config, {
      mainSymbol: intern(config.market.symbol),
      legSymbols: [],
      signalTimeframeMs: signalMs,
      biasTimeframeMs: config.market.biasMinutes * MINUTE_MS,
      finestTimeframeMs: Math.min(...feeds.map(({ timeframeMs }) => timeframeMs)),
      tickSize: Number(instrumentFor(main).spec.tickSize),
    }),
    bars: main,
    signalTimeframeMs: signalMs,
    funding: data.funding,
  });
  const indices = [...tape.alerts]
    .filter(([at, signal]) => signal.missingContext.length === 0 && !Number.isNaN(tape.atr[at]))
    .map(([at]) => at);
  const learned = learning.statesAt(indices.map((at) => tape.times[at]));
  const entries = indices.map((at, i) => ({
    atMs: tape.closes[at],
    openMs: tape.times[at],
    learned: learned[i],
  }));
  return { tape, entries };
}

/** What can be used for every recording with the same `learningKey`, where bars need no building. */
export function makeLearning(config: Config, data: MarketData): Learning {
  return new Learning(optionsOf(config, data, silentParts(tradedSymbols(config))));
}

/** Equal for two configurations under which the same is learned from bars. */
export function learningKey(config: Config): string {
  // Guards may keep what a bar meant to them (a flash move), so their settings belong to it.
  return JSON.stringify([config.market, config.guards, tradedSymbols(config)]);
}

/** Backtest options that read a recording in place of the indicators. */
export function recordedOptions(
  config: Config,
  data: MarketData,
  of: { recording: Recording; legs: readonly LegTape[]; fromMs?: number; toMs?: number },
) {
  const charts = new Map(of.legs.map((tape) => [tape.symbol, new TapedLegChart(tape)]));
  const recorded = { source: new TapedSource(of.recording.tape), charts };
  return optionsOf(config, data, recorded, of);
}

/** Charts of all possible hedge legs. */
export function recordLegs(config: Config, data: MarketData): LegTape[] {
  const signalMs = signalTimeframeMs(config, data.series);
  return data.series
    .filter(({ symbol }) => symbol !== config.market.symbol)
    .map((bars) => recordLeg(bars, signalMs));
}

function optionsOf(
  config: Config,
  data: MarketData,
  recorded: RecordedParts,
  span: { fromMs?: number; toMs?: number } = {},
) {
  return composeBacktest({
    config,
    data,
    codeVersion: '',
    configHash: '',
    equityStopOnBreach: 'observe',
    fromMs: span.fromMs,
    toMs: span.toMs,
    recorded,
  });
}

/** For a strategy that is only shown bars. */
function silentParts(symbols: readonly string[]): RecordedParts {
  const nothing = () => {};
  const source: SignalSource = {
    atr: Number.NaN,
    onBar: () => undefined,
    trailPrice: () => Number.NaN,
    hasOppositeChoch: () => false,
    save: nothing,
    load: nothing,
  };
  const chart: LegChart = {
    atr: Number.NaN,
    onBar: nothing,
    opposingEdge: () => Number.NaN,
    save: nothing,
    load: nothing,
  };
  return { source, charts: new Map(symbols.map((symbol) => [symbol, chart])) };
}
