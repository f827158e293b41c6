import type { Tape } from '../../data/recorded/tape.ts';
import type { OrderAmend, OrderCancel, OrderQuery } from '../../src/engine/effect.ts';
import type { BracketTier, FeeRates, InstrumentSpec } from '../../src/engine/instrument-spec.ts';
import type { OrderRequest } from '../../src/engine/order.ts';
import type { CostModel } from '../../src/engine/sizer.ts';
import type { CashUnits } from '../../src/engine/units.ts';

export interface SimulatedExchangeOptions {
  instruments: readonly InstrumentSpec[];
  brackets: Readonly<Record<string, readonly BracketTier[]>>;
  feeRates: Readonly<Record<string, FeeRates>>;
  quoteAsset: string;
  cashUnits: CashUnits;
  leverage: number;
  /** From the decision to the venue, and from the venue back to us. */
  orderLatencyMs: number;
  responseLatencyMs: number;
  /** Order of the extremes inside a bar where the data does not tell. */
  pathOrder: 'worst' | 'best';
  /** Lets post-only entries fill from bars, without a queue: flattering, off by default. */
  makerFromBars: boolean;
  costs: CostModel;
  /** Recorded trades and books; they replace the bars that they cover. */
  tapes?: readonly Tape[];
}

/** A request on its way to the venue. */
export type Inbound =
  | { kind: 'submit'; request: OrderRequest }
  | { kind: 'amend'; request: OrderAmend }
  | { kind: 'cancel'; request: OrderCancel }
  | { kind: 'query'; request: OrderQuery };

/** What `save` gives and `load` takes. */
export interface SavedExchange {
  counters: object;
  portfolio: unknown;
  markets: unknown[];
  inbound: unknown;
  outbound: unknown;
  history: unknown;
  orderRate: unknown;
}
