/**
 * The library's face: the engine that backtest, paper and live share. Indicators are in
 * `quantcloud-matrix/indicators`, the backtester in `quantcloud-matrix/backtest`.
 */

export type { Effect } from './engine/effect.ts';
export { Engine, type EngineOptions } from './engine/engine.ts';
export { AppError } from './engine/error.ts';
export type { BarClosed, EngineEvent, Envelope } from './engine/event.ts';
export { Instrument } from './engine/instrument.ts';
export type { InstrumentSpec } from './engine/instrument-spec.ts';
export { decode, encode } from './engine/journal-codec.ts';
export type { Intent, TradePlan } from './engine/plan.ts';
export type { ExchangePort } from './engine/ports.ts';
export type { Proposal, RiskRule, RiskVerdict, RiskView } from './engine/risk-gate.ts';
export type { OpenTradeView, Strategy, StrategyView } from './engine/strategy.ts';
export type { TradeRecord } from './engine/trade-record.ts';
