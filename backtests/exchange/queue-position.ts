import type { Lots, Side, Ticks } from '../../src/engine/units.ts';
import type { VenueBook } from './venue-book.ts';
import type { VenueOrder } from './venue-order.ts';

interface Place {
  /** Lots of others that are filled before us. */
  ahead: Lots;
  /** Lots of ours that are filled now. */
  due: Lots;
}

/**
 * Where our resting limits stand at their price. An order joins behind everything shown there.
 * Trades at the price first fill what is ahead; a level that shrinks below it takes the front along
 * (others cancel behind us first: the cautious reading). A trade or a book beyond the price fills
 * all of it. The risk-averse queue of the literature on market making from recorded books.
 */
export class QueuePosition {
  private readonly places = new Map<string, Place>();

  join(order: VenueOrder, book: VenueBook): void {
    const ahead = book.lotsAt(order.request.side, order.priceTicks);
    this.places.set(order.request.orderId, { ahead, due: 0 });
  }

  leave(order: VenueOrder): void {
    this.places.delete(order.request.orderId);
  }

  due(order: VenueOrder): Lots {
    return this.places.get(order.request.orderId)?.due ?? 0;
  }

  /** The due part has been filled. */
  settle(order: VenueOrder): void {
    const place = this.places.get(order.request.orderId);
    if (place !== undefined) place.due = 0;
  }

  onTrade(resting: readonly VenueOrder[], trade: { ticks: Ticks; lots: Lots; taker: Side }): void {
    let { lots } = trade;
    for (const order of resting) {
      const place = this.places.get(order.request.orderId);
      if (place === undefined || order.request.side === trade.taker) continue;
      const isBuy = order.request.side === 'buy';
      if (isBuy ? trade.ticks < order.priceTicks : trade.ticks > order.priceTicks) {
        place.due = order.remainingLots;
      } else if (trade.ticks === order.priceTicks) {
        const passing = Math.max(0, lots - place.ahead);
        place.ahead = Math.max(0, place.ahead - lots);
        place.due = Math.min(order.remainingLots, place.due + passing);
        // What filled us fills nobody behind us, our own later orders included.
        lots -= Math.min(passing, place.due);
      }
    }
  }

  /** A level of the book has been told anew. */
  onBook(resting: readonly VenueOrder[], book: VenueBook): void {
    for (const order of resting) {
      const place = this.places.get(order.request.orderId);
      if (place === undefined) continue;
      const { side } = order.request;
      if (book.crosses(side, order.priceTicks)) place.due = order.remainingLots;
      else place.ahead = Math.min(place.ahead, book.lotsAt(side, order.priceTicks));
    }
  }

  save(): unknown {
    return [...this.places].map(([orderId, place]) => ({ orderId, ...place }));
  }

  load(state: unknown): void {
    this.places.clear();
    for (const { orderId, ahead, due } of state as (Place & { orderId: string })[]) {
      this.places.set(orderId, { ahead, due });
    }
  }
}
