import type { Effect, OrderAmend, OrderCancel, OrderQuery } from './effect.ts';
import type { Envelope } from './event.ts';
import type { OrderRequest } from './order.ts';
import type { RiskApproved } from './risk-gate.ts';

/**
 * A venue. Nothing is returned: every answer is an event through the single writer, at its time.
 * Simulator, paper, fake and live pass one conformance suite.
 */
export interface ExchangePort {
  submit(request: RiskApproved<OrderRequest>): void;
  amend(request: OrderAmend): void;
  cancel(request: OrderCancel): void;
  query(request: OrderQuery): void;
}

/** Appends before handling; `commit` makes everything so far durable. */
export interface JournalPort {
  append(envelope: Envelope): void;
  appendEffect(seq: number, effect: Effect): void;
  commit(): void;
}

/** Tells people; failure to notify never blocks trading. */
export interface NotifierPort {
  notify(level: 'info' | 'warning' | 'alarm', code: string, text: string): void;
}
