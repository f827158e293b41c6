import type { OrderRequest } from './order.ts';
import type { RiskApproved } from './risk-gate.ts';
import type { Lots, Ticks } from './units.ts';

/** What the engine wants done, in the imperative. The dispatcher carries it out, in this order. */
export type Effect =
  | OrderSubmit
  | OrderAmend
  | OrderCancel
  | OrderQuery
  | TimerSet
  | TimerClear
  | AdviceRequest
  | AlertRaise
  | OperatorNotify
  | DecisionRecord;

export interface OrderSubmit {
  kind: 'order.submit';
  /** Only the gate can make it, so an order that was not approved does not type-check. */
  request: RiskApproved<OrderRequest>;
}

export interface OrderAmend {
  kind: 'order.amend';
  orderId: string;
  symbol: string;
  priceTicks: Ticks;
  lots: Lots;
}

export interface OrderCancel {
  kind: 'order.cancel';
  orderId: string;
  symbol: string;
  /** Conditional orders are cancelled on the algo service. */
  isConditional: boolean;
}

export interface OrderQuery {
  kind: 'order.query';
  orderId: string;
  symbol: string;
  isConditional: boolean;
}

export interface TimerSet {
  kind: 'timer.set';
  timerId: string;
  atMs: number;
}

export interface TimerClear {
  kind: 'timer.clear';
  timerId: string;
}

export interface AdviceRequest {
  kind: 'advice.request';
  requestId: string;
  strategyId: string;
  question: string;
}

/** A signal alert, with the documents' fields and the true side. */
export interface AlertRaise {
  kind: 'alert.raise';
  strategyId: string;
  symbol: string;
  side: 'BUY' | 'SELL';
  /** Base quantity, stop, first target: what a plan would use; NaN when no plan was made. */
  quantity: number;
  stopPrice: number;
  firstTargetPrice: number;
  price: number;
  tags: readonly string[];
  reasons: readonly string[];
}

export interface OperatorNotify {
  kind: 'operator.notify';
  level: 'info' | 'warning' | 'alarm';
  code: string;
  text: string;
}

/** One line of the decision log: what was decided, and why. */
export interface DecisionRecord {
  kind: 'decision.record';
  strategyId: string;
  tradeId: string;
  symbol: string;
  decision: string;
  reasons: readonly string[];
}
