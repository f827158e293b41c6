import type { Bars } from '../data/bars/bars.ts';
import type { Tape } from '../data/recorded/tape.ts';
import type { Effect } from '../src/engine/effect.ts';
import type { Envelope } from '../src/engine/event.ts';
import type { BracketTier, FeeRates, InstrumentSpec } from '../src/engine/instrument-spec.ts';
import type { RiskRule } from '../src/engine/risk-gate.ts';
import type { CostModel } from '../src/engine/sizer.ts';
import type { Strategy } from '../src/engine/strategy.ts';
import type { TradeRecord } from '../src/engine/trade-record.ts';
import type { EquityPoint } from './equity-curve.ts';
import type { PriceResolution } from './price-resolution.ts';

/** One settled funding payment of the market. */
export interface FundingRow {
  symbol: string;
  atMs: number;
  /** Per interval; positive: longs pay. */
  rate: number;
  intervalHours: number;
}

export interface BacktestAccount {
  /** Quote currency. */
  startEquity: number;
  quoteAsset: string;
  /** Leverage by the number of closed trades, as the ramp allows; only changed when flat. */
  leverageAfter: (closedTrades: number) => number;
  instruments: readonly InstrumentSpec[];
  brackets: Readonly<Record<string, readonly BracketTier[]>>;
  feeRates: Readonly<Record<string, FeeRates>>;
}

export interface BacktestVenue {
  orderLatencyMs: number;
  responseLatencyMs: number;
  pathOrder: 'worst' | 'best';
  makerFromBars: boolean;
}

/** What makes a run repeatable; part of the session's first event and of the summary. */
export interface Fingerprints {
  codeVersion: string;
  configHash: string;
  dataHash: string;
  calendarHash: string;
}

export interface BacktestOptions {
  /** The finest bars of each symbol. */
  feeds: readonly Bars[];
  /** Recorded trades and books: where they cover a bar, the exchange goes by them. */
  tapes?: readonly Tape[];
  /** Decided on; its bars come last among equals. */
  mainSymbol: string;
  signalTimeframeMs: number;
  /** Ascending by time. */
  funding: readonly FundingRow[];
  /** Fresh objects: strategies and rules keep state. */
  strategies: readonly Strategy[];
  rules: readonly RiskRule[];
  costs: CostModel;
  account: BacktestAccount;
  venue: BacktestVenue;
  fingerprints: Fingerprints;
  /** Sees each event with its effects; both are reused, so what is kept must be copied. */
  observer?: (envelope: Envelope, effects: readonly Effect[]) => void;
  /** Bars that open earlier only warm up. Default: all bars trade. */
  fromMs?: number;
  /** Bars that close later are not used. */
  toMs?: number;
  /** Signal bars of the main symbol to trade, counted from `fromMs`. */
  barsMax?: number;
}

/** An alert as raised, for charts and counts. */
export interface AlertPoint {
  atMs: number;
  side: 'BUY' | 'SELL';
  price: number;
  tags: readonly string[];
  reasons: readonly string[];
}

export interface Notice {
  atMs: number;
  level: 'info' | 'warning' | 'alarm';
  code: string;
  text: string;
}

export interface BacktestResult {
  /** First and last instant of the trading span. */
  startMs: number;
  endMs: number;
  signalBars: number;
  fineBars: number;
  startEquity: number;
  endEquity: number;
  /** Packages with a fill, in order of their end. */
  trades: TradeRecord[];
  /** Approved, sent, never filled. */
  unfilled: TradeRecord[];
  /** Still open when the data ended; in equity, not in `trades`. */
  openAtEnd: number;
  equity: readonly EquityPoint[];
  days: readonly EquityPoint[];
  alerts: AlertPoint[];
  /** Refusals of the gate by rule. */
  refusals: Record<string, number>;
  degradedRules: string[];
  notices: Notice[];
  ambiguousBars: number;
  ambiguousTradeIds: string[];
  liquidations: number;
  /** What fills were taken from, symbol by symbol. */
  resolution: PriceResolution[];
  fundingPayments: number;
  /** Chained hash over every effect: equal on two runs means equal decisions. */
  effectDigest: string;
  /** Stopped before the data ended. */
  isInterrupted: boolean;
}
