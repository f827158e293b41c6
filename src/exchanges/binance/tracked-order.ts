import type { EngineEvent, OrderFact } from '../../engine/event.ts';
import type { OrderRequest } from '../../engine/order.ts';
import { canonicalId, isTwin, twinId } from './order-id.ts';

/** What is known of one id at the venue. */
export type LegState = 'none' | 'sent' | 'rests' | 'gone';

/** An order of ours as the adapter follows it until its end is told. */
export interface TrackedOrder {
  orderId: string;
  symbol: string;
  isConditional: boolean;
  /** Undefined for an order of an earlier process. */
  request: OrderRequest | undefined;
  /** When it was last sent: a refused request may leave again. */
  sentMs: number;
  recvWindowMs: number;
  first: LegState;
  /** The second stop that stands in when the first one's answer is late. */
  twin: LegState;
  isSettled: boolean;
  wantsCancel: boolean;
  isAsking: boolean;
  /** The books do not know how it stands: what is known already is told once more. */
  isDoubted: boolean;
  /** Ticks and lots of the amendment told last: answer and stream both tell it. */
  amended: string;
  /** Client id of a stop that rested already and was taken over for this one. */
  adoptedId: string;
  filledLots: number;
}

const ORDERS_MAX = 5_000;

/**
 * Orders under way, by the id in our books. It also keeps two ids apart that stand for one order:
 * what ends one of a pair is no end as long as the other may rest.
 */
export class TrackedOrders {
  private readonly orders = new Map<string, TrackedOrder>();
  private readonly adopted = new Map<string, string>();
  private readonly fills = new Set<string>();

  /** Known or new; an order without a sending of ours counts as sent now. */
  track(order: {
    orderId: string;
    symbol: string;
    isConditional: boolean;
    nowMs: number;
    recvWindowMs: number;
    request?: OrderRequest;
  }): TrackedOrder {
    const known = this.orders.get(order.orderId);
    if (known !== undefined) return known;
    const tracked: TrackedOrder = {
      orderId: order.orderId,
      symbol: order.symbol,
      isConditional: order.isConditional,
      request: order.request,
      sentMs: order.nowMs,
      recvWindowMs: order.recvWindowMs,
      first: 'sent',
      twin: 'none',
      isSettled: false,
      wantsCancel: false,
      isAsking: false,
      isDoubted: false,
      amended: '',
      adoptedId: '',
      filledLots: 0,
    };
    this.orders.set(order.orderId, tracked);
    this.forget();
    return tracked;
  }

  /**
   * A second stop that an earlier process sent rests: what is done to the order concerns it, too.
   * `isAlone`: the first one does not rest.
   */
  noteTwin(stop: { orderId: string; symbol: string; nowMs: number; isAlone: boolean }): void {
    const { orderId, symbol, nowMs, isAlone } = stop;
    const isKnown = this.orders.has(orderId);
    const order = this.track({ orderId, symbol, isConditional: true, nowMs, recvWindowMs: 0 });
    if (order.twin !== 'none' || order.request !== undefined) return;
    order.twin = 'rests';
    if (isAlone) order.first = 'gone';
    else if (!isKnown) order.first = 'rests';
  }

  /** Client ids under which something may rest, or has rested last. */
  idsOf({ orderId, adoptedId, first, twin }: TrackedOrder): string[] {
    const own = adoptedId === '' ? orderId : adoptedId;
    if (twin !== 'sent' && twin !== 'rests') return [own];
    return first === 'gone' ? [twinId(orderId)] : [own, twinId(orderId)];
  }

  get(orderId: string): TrackedOrder | undefined {
    return this.orders.get(orderId);
  }

  open(): TrackedOrder[] {
    return [...this.orders.values()].filter(({ isSettled }) => !isSettled);
  }

  adopt(order: TrackedOrder, clientId: string): void {
    order.adoptedId = clientId;
    this.adopted.set(clientId, order.orderId);
  }

  /** The id in our books of an id at the venue. */
  bookId(clientId: string): string {
    return this.adopted.get(clientId) ?? canonicalId(clientId);
  }

  /**
   * The fact with the id of our books, or undefined when it is no news there: that an order rests
   * is told by the answer and by the stream, and once is enough unless the books are in doubt.
   */
  translate(fact: OrderFact): OrderFact | undefined {
    const clientId = fact.orderId;
    const order = this.orders.get(this.bookId(clientId));
    const told = { ...fact, orderId: this.bookId(clientId) };
    if (order === undefined) {
      // The end of a twin of an earlier process says nothing about its first.
      const isDoubtful = isTwin(clientId) && isEnd(fact);
      if (!isDoubtful) return told;
      return { kind: 'order.unknown', orderId: told.orderId, reason: 'its second stop has ended' };
    }
    if (fact.kind === 'order.filled') return this.fill(order, told as typeof fact);
    const leg = isTwin(clientId) ? 'twin' : 'first';
    if (fact.kind === 'order.unknown' || fact.kind === 'order.cancelRejected') {
      order.isDoubted = true;
    }
    if (fact.kind === 'order.accepted') {
      const isKnown = order[leg === 'twin' ? 'first' : 'twin'] === 'rests' || order.isSettled;
      const isNews = order[leg] === 'sent' && order.filledLots === 0 && !isKnown;
      const isWanted = isNews || order.isDoubted;
      if (order[leg] === 'sent') order[leg] = 'rests';
      order.isDoubted = false;
      return isWanted ? told : undefined;
    }
    if (fact.kind === 'order.amended') {
      const key = `${fact.priceTicks}:${fact.lots}`;
      if (order.amended === key) return undefined;
      order.amended = key;
      const { lots, priceTicks } = fact;
      if (order.request !== undefined) order.request = { ...order.request, lots, priceTicks };
    }
    if (!isEnd(fact)) return told;
    order[leg] = 'gone';
    const sibling = order[leg === 'twin' ? 'first' : 'twin'];
    if (sibling === 'rests' || sibling === 'sent') return undefined;
    order.isSettled = true;
    return told;
  }

  private fill(
    order: TrackedOrder,
    fill: Extract<EngineEvent, { kind: 'order.filled' }>,
  ): OrderFact | undefined {
    const key = `${fill.symbol}:${fill.fillId}`;
    // The books drop a fill that they have; in doubt they are told all of them.
    if (this.fills.has(key)) return order.isDoubted ? fill : undefined;
    this.fills.add(key);
    if (this.fills.size > ORDERS_MAX) {
      for (const oldest of this.fills) {
        this.fills.delete(oldest);
        break;
      }
    }
    order.filledLots += fill.lots;
    const wanted = order.request?.lots ?? 0;
    if (wanted > 0 && order.filledLots >= wanted && !order.isConditional) order.isSettled = true;
    return fill;
  }

  private forget(): void {
    if (this.orders.size <= ORDERS_MAX) return;
    for (const [orderId, { isSettled }] of this.orders) {
      if (!isSettled) continue;
      this.orders.delete(orderId);
      return;
    }
  }
}

function isEnd(fact: OrderFact): boolean {
  return (
    fact.kind === 'order.cancelled' ||
    fact.kind === 'order.expired' ||
    fact.kind === 'order.rejected' ||
    fact.kind === 'stop.rejected' ||
    fact.kind === 'stop.finished'
  );
}
