import type { Direction } from './units.ts';

/** One finished package (BTC and its hedge legs), for reports. Money in quote currency. */
export interface TradeRecord {
  tradeId: string;
  strategyId: string;
  tag: string;
  symbol: string;
  direction: Direction;
  decidedMs: number;
  firstFillMs: number;
  closedMs: number;
  /** Base quantity filled at most. */
  quantity: number;
  decisionPrice: number;
  midPrice: number;
  entryPrice: number;
  exitPrice: number;
  initialStop: number;
  /** Working stop when the trade ended. */
  finalStop: number;
  plannedR: number;
  actualR: number;
  riskPercent: number;
  /** Net of everything, hedge included, over planned R. */
  tradeR: number;
  grossPnl: number;
  hedgePnl: number;
  fees: number;
  funding: number;
  /** Difference of decision and fill prices, entries and exits, cost positive. */
  slippage: number;
  netPnl: number;
  /** Part of the traded notional, legs included, that was filled as maker. */
  makerShare: number;
  costRPlanned: number;
  costRWorst: number;
  targetsFilled: number;
  exitReason: ExitReason;
  /** Largest open loss and gain in R of the main position, at bar resolution. */
  maeR: number;
  mfeR: number;
  legs: readonly LegRecord[];
  reasons: readonly string[];
  context: Readonly<Record<string, number | string | boolean>>;
}

export interface LegRecord {
  symbol: string;
  direction: Direction;
  quantity: number;
  entryPrice: number;
  exitPrice: number;
  beta: number;
  correlation: number;
  plannedRatio: number;
  /** Filled notional over the main symbol's filled notional. */
  realisedRatio: number;
  netPnl: number;
  outcome: 'closed' | 'skipped' | 'failed';
}

export type ExitReason =
  | 'stop'
  | 'breakEven'
  | 'trail'
  | 'targets'
  | 'choch'
  | 'timeout'
  | 'deadline'
  | 'unprotected'
  | 'hedgeFailed'
  | 'flatten'
  | 'liquidated'
  | 'foreign'
  | 'notFilled'
  | (string & {});
