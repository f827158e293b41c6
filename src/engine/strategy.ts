import type { AdviceReceived, BarClosed, FlowSampled, MarkChanged } from './event.ts';
import type { Intent } from './plan.ts';
import type { Direction } from './units.ts';

/**
 * A strategy: streaming, deterministic, silent. It sees market events and its own trades, and
 * returns intents. It never holds a venue, a clock or a random source.
 */
export interface Strategy {
  /** Stable, part of every record; at most 12 characters of a-z and 0-9. */
  readonly id: string;
  /** Everything it listens to; hedge legs included. */
  readonly symbols: readonly string[];
  /** Called once for every closed bar of its symbols, warm-up included, in total order. */
  onBar(bar: BarClosed, view: StrategyView): readonly Intent[];
  onFlow?(flow: FlowSampled, view: StrategyView): readonly Intent[];
  onMark?(mark: MarkChanged, view: StrategyView): readonly Intent[];
  onAdvice?(advice: AdviceReceived, view: StrategyView): readonly Intent[];
  /** What it sees now, for people and other processes; asking changes nothing. */
  insight?(): StrategyInsight;
  /** What it runs without and falls back from, for the report; undefined when it has all it needs. */
  degraded?(): string | undefined;
  /** Everything needed to go on after `load` as if never stopped; plain data, NaN allowed. */
  save(): unknown;
  load(state: unknown): void;
}

export interface StrategyInsight {
  /** The symbol that is traded. */
  symbol: string;
  /** Names of the conditions that hold on its last bar; empty where there are none by name. */
  tags: readonly string[];
  /** Estimates for possible hedge legs, whether they would be used or not. */
  legs: readonly { symbol: string; beta: number; correlation: number }[];
}

/** What a strategy may know of the world beyond market data. */
export interface StrategyView {
  readonly nowMs: number;
  /** The strategy's open trade on this symbol (its plan's main symbol), if any. */
  tradeOn(symbol: string): OpenTradeView | undefined;
  /** Best bid and ask; NaN before the first sample (backtests on bars have none). */
  bid(symbol: string): number;
  ask(symbol: string): number;
  /** Funding rate of the running interval as last told; NaN when unknown. */
  fundingRate(symbol: string): number;
  fundingIntervalHours(symbol: string): number;
}

export interface OpenTradeView {
  readonly tradeId: string;
  readonly direction: Direction;
  readonly phase: 'entering' | 'open' | 'closing';
  /** Average price of the entry fills; NaN before the first. */
  readonly entryPrice: number;
  readonly firstFillMs: number;
  readonly stopPrice: number;
  readonly targetsFilled: number;
  readonly isTrailing: boolean;
  readonly isRebalanced: boolean;
  /** Open hedge legs: notional over the main symbol's, at the last prices. */
  readonly legs: readonly { symbol: string; notionalRatio: number }[];
}
