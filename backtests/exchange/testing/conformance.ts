import type { OrderAmend, OrderCancel, OrderQuery } from '../../../src/engine/effect.ts';
import type { EngineEvent } from '../../../src/engine/event.ts';
import type { OrderRequest } from '../../../src/engine/order.ts';

/** What a script asks of a venue, or does to its market. */
export type ConformanceAction =
  /** The market trades at this price: last price and mark; the book lies a tick around, deep. */
  | { kind: 'trade'; price: number }
  | { kind: 'submit'; request: OrderRequest }
  | OrderAmend
  | OrderCancel
  | OrderQuery;

export interface ConformanceStep {
  do: ConformanceAction;
  /**
   * The sequences of facts that may follow, as `factLines` writes them. More than one where venues
   * may differ without harm; the empty sequence is nothing at all.
   */
  permits: readonly (readonly string[])[];
}

export interface ConformanceCase {
  rule: string;
  /** Cash at the start, USDT; 100,000 when left out. Leverage is 10, isolated, one-way. */
  cash?: number;
  steps: readonly ConformanceStep[];
}

/**
 * A venue behind the port, with a market that the script moves. `act` lets everything settle that
 * follows from the action, and returns the facts in the order in which they reached the engine.
 * Fees 0.02 % and 0.05 %; BTCUSDT with tick 0.1, step 0.001, minimum notional 50.
 */
export interface ConformanceVenue {
  act(action: ConformanceAction): readonly EngineEvent[] | PromiseLike<readonly EngineEvent[]>;
  close?(): void | PromiseLike<void>;
}

/**
 * Facts as lines: `accepted e`, `filled e buy 1 maker @ 59990`, `rejected e -5022`. Fills of one
 * order in a row are one line; the price is told for makers only, as takers pay the book.
 */
export function factLines(facts: readonly EngineEvent[]): string[] {
  const lines: string[] = [];
  let open: { key: string; lots: number; price: string } | undefined;
  const flush = () => {
    if (open !== undefined) lines.push(`filled ${open.key} ${open.lots / 1000} ${open.price}`);
    open = undefined;
  };
  for (const fact of facts) {
    if (fact.kind === 'order.filled') {
      const isOwn = fact.origin === 'own';
      const key = `${isOwn ? fact.orderId : fact.origin} ${fact.side}`;
      const price = fact.isMaker ? `maker @ ${fact.priceTicks / 10}` : 'taker';
      if (open?.key !== key || open.price !== price) flush();
      open = { key, lots: (open?.lots ?? 0) + fact.lots, price };
      continue;
    }
    flush();
    const line = factLine(fact);
    if (line !== undefined) lines.push(line);
  }
  flush();
  return lines;
}

function factLine(fact: EngineEvent): string | undefined {
  switch (fact.kind) {
    case 'order.rejected':
    case 'order.cancelRejected':
      return `${fact.kind.replace('order.', '')} ${fact.orderId} ${fact.code}`;
    case 'order.amended':
      return `amended ${fact.orderId} ${fact.lots / 1000} @ ${fact.priceTicks / 10}`;
    case 'stop.finished':
      return `finished ${fact.orderId} ${fact.lots / 1000}`;
    case 'order.accepted':
    case 'order.cancelled':
    case 'order.expired':
    case 'order.unknown':
    case 'stop.triggered':
    case 'stop.rejected':
      return `${fact.kind.replace('order.', '')} ${fact.orderId}`;
    case 'position.liquidated':
      return 'liquidated';
    default:
      // Bars, marks and reports of the account are no answers to an order.
      return undefined;
  }
}

/** What a fill did that no venue may do; undefined when it did nothing of the kind. */
export function fillFault(
  fact: EngineEvent,
  request: OrderRequest | undefined,
): string | undefined {
  if (fact.kind !== 'order.filled' || fact.origin !== 'own') return undefined;
  if (request === undefined) return `a fill of ${fact.orderId}, which was never sent`;
  if (fact.side !== request.side) return `${fact.orderId} filled on the wrong side`;
  if (!(Number.isSafeInteger(fact.lots) && fact.lots > 0)) return `${fact.lots} lots filled`;
  if (request.type === 'limit') {
    const isWorse =
      request.side === 'buy'
        ? fact.priceTicks > request.priceTicks
        : fact.priceTicks < request.priceTicks;
    if (isWorse) return `${fact.orderId} filled beyond its limit`;
  }
  if (request.timeInForce === 'GTX' && !fact.isMaker)
    return `${fact.orderId} is post-only and took`;
  const rate = fact.isMaker ? 0.0002 : 0.0005;
  const fee = (fact.priceTicks / 10) * (fact.lots / 1000) * rate;
  const isRight = Math.abs(fact.feeUnits / 1e8 - fee) < 2e-8;
  return isRight ? undefined : `fee ${fact.feeUnits} of ${fact.orderId}, expected ${fee} USDT`;
}
