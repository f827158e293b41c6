import type { OrderRequest } from '../engine/order.ts';
import { isApproved } from '../engine/risk-gate.ts';
import { canonicalId, isOwnId } from '../exchanges/binance/order-id.ts';
import type { Order } from '../exchanges/fake-binance/model.ts';
import type { Venue } from '../exchanges/fake-binance/venue.ts';

const OPENING: ReadonlySet<string> = new Set(['entry', 'legEntry']);

/**
 * Every request that the live core handed to the adapter, held against what the venue has: nothing
 * unapproved, nothing twice, by id and by intent.
 */
export class OrderLedger {
  readonly faults = new Set<string>();
  private readonly requests = new Map<string, OrderRequest>();
  /** Client ids of orders that the harness placed as somebody else. */
  readonly strange = new Set<string>();
  /** What a person has traded of the main symbol, either way. */
  mainByHand = 0;
  private seenOrders = 0;
  private seenTrades = 0;
  private readonly opening: { order: Order; request: OrderRequest }[] = [];

  readonly onSubmit = (request: OrderRequest): void => {
    if (!isApproved(request as never)) this.faults.add(`${request.orderId} was not approved`);
    if (this.requests.has(request.orderId)) {
      this.faults.add(`${request.orderId} was sent a second time`);
    }
    this.requests.set(request.orderId, request);
  };

  request(clientId: string): OrderRequest | undefined {
    return this.requests.get(canonicalId(clientId));
  }

  /** Looks at what is new at the venue since the last call. */
  check(venue: Venue): void {
    const { orders, algos } = venue;
    const { size } = orders.orders;
    if (size === this.seenOrders && orders.trades.length === this.seenTrades) return;
    let index = 0;
    for (const order of orders.orders.values()) {
      if (index++ < this.seenOrders) continue;
      if (order.algoId !== 0) continue;
      this.checkNew(order);
    }
    this.seenOrders = size;
    this.seenTrades = orders.trades.length;
    for (const algo of algos.open) this.checkKnown(algo.clientId);
    this.checkIntents(venue);
  }

  private checkNew(order: Order): void {
    if (!this.checkKnown(order.clientId)) return;
    const request = this.request(order.clientId);
    if (request === undefined || !OPENING.has(request.role)) return;
    this.opening.push({ order, request });
  }

  private checkKnown(clientId: string): boolean {
    if (!isOwnId(clientId) || this.strange.has(clientId)) return false;
    if (this.requests.has(canonicalId(clientId))) return true;
    this.faults.add(`${clientId} is at the venue without an approved request`);
    return false;
  }

  /** Filled and still resting, of all opening orders of one package on one symbol. */
  private checkIntents(venue: Venue): void {
    const sums = new Map<string, { committed: number; largest: number; role: string }>();
    for (const { order, request } of this.opening) {
      const key = `${request.tradeId} ${request.symbol}`;
      const sum = sums.get(key) ?? { committed: 0, largest: 0, role: request.role };
      const rests = venue.orders.open.has(order) ? order.quantity - order.filled : 0;
      sum.committed += order.filled + rests;
      sum.largest = Math.max(sum.largest, order.quantity);
      sums.set(key, sum);
    }
    for (const [key, { committed, largest, role }] of sums) {
      if (role === 'entry' && committed > largest * (1 + 1e-9)) {
        this.faults.add(`entered twice: ${key} has ${committed}, ${largest} were planned`);
      }
      if (role !== 'legEntry') continue;
      const tradeId = key.slice(0, key.indexOf(' '));
      // What a person adds to the main leg is hedged as well.
      const main = (sums.get(`${tradeId} BTCUSDT`)?.committed ?? 0) + this.mainByHand;
      const worth = committed * venue.market('ETHUSDT').mark;
      const wanted = main * venue.market('BTCUSDT').mark * 0.3;
      if (worth > wanted * 1.15 + 40) {
        this.faults.add(`hedged twice: ${key} has ${worth.toFixed(0)} of ${wanted.toFixed(0)}`);
      }
    }
  }
}
