import type { Lots, Side, Ticks } from './units.ts';

/** What an order is for. The letter is the last character of its id. */
export type OrderRole =
  /** Opens the position of the plan's symbol. */
  | 'entry'
  /** Opens a hedge leg. */
  | 'legEntry'
  /** Working stop: reduce-only, quantity follows the position. */
  | 'stop'
  /** Wide closePosition stop behind the working one. */
  | 'disaster'
  /** Reduce-only limit of the target ladder. */
  | 'target'
  /** Reduce-only taker that closes or shrinks a position. */
  | 'exit';

export const ROLE_LETTER: Record<OrderRole, string> = {
  entry: 'e',
  legEntry: 'l',
  stop: 's',
  disaster: 'd',
  target: 't',
  exit: 'x',
};

/** GTX is post-only: the venue refuses it (-5022) when it would take. */
export type TimeInForce = 'GTC' | 'GTX' | 'IOC';

/** Conditional orders (`stopMarket`) live on the venue's algo service under their own table. */
export type OrderType = 'limit' | 'market' | 'stopMarket';

export type TriggerSource = 'contract' | 'mark';

/** An order as asked for. Ticks and lots are of `instrumentVersion`. */
export interface OrderRequest {
  /** Client id: `<tag>-<bootId>-<seq>-<index><role letter>`, base 36, at most 36 characters. */
  orderId: string;
  /** The trade (package) it belongs to. */
  tradeId: string;
  strategyId: string;
  role: OrderRole;
  symbol: string;
  instrumentVersion: number;
  side: Side;
  type: OrderType;
  timeInForce: TimeInForce;
  /** Limit price; 0 for market and stop-market orders. */
  priceTicks: Ticks;
  /** 0 only with `closePosition`. */
  lots: Lots;
  reduceOnly: boolean;
  closePosition: boolean;
  /** Trigger of a conditional order; 0 otherwise. */
  triggerTicks: Ticks;
  triggerSource: TriggerSource;
  /** Holds the trigger back while mark and last price lie further apart than the venue's limit. */
  priceProtect?: boolean;
}

/** States of plain orders; `unknown` is sent without an answer yet trusted. */
export type OrderState =
  | 'planned'
  | 'denied'
  | 'submitted'
  | 'accepted'
  | 'partlyFilled'
  | 'filled'
  | 'cancelPending'
  | 'cancelled'
  | 'expired'
  | 'rejected'
  | 'unknown';

/** States of conditional orders; `finishedEmpty` is finished without a quantity. */
export type AlgoOrderState =
  | 'planned'
  | 'denied'
  | 'submitted'
  | 'new'
  | 'cancelPending'
  | 'triggering'
  | 'triggered'
  | 'finished'
  | 'finishedEmpty'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  | 'unknown';

export function isConditional(request: OrderRequest): boolean {
  return request.type === 'stopMarket';
}
