import { checkedLength } from '../basic/length.ts';

/** One side of a book, best level first: price, quantity, price, quantity, ... */
export type BookSide = Float64Array | readonly number[];

export interface BookImbalanceOptions {
  /** Levels counted from the best on each side. */
  levels?: number;
}

/**
 * How the resting quantity near the touch is split, -1 (all asks) to +1 (all bids):
 * value = (B - A) / (B + A), B and A the base quantity of the best `levels` levels of each side.
 * microPrice = (bestAsk * b + bestBid * a) / (b + a) with b, a the quantities AT the touch: the
 * mid-price leaned towards the side that is about to be used up.
 *
 * No warm-up; one call is one state of the book, cost O(levels). A side may hold fewer levels; with
 * both empty, and with no quantity at all, the result is NaN. An empty side alone gives +1 or -1 and
 * no micro-price. Resting orders can be withdrawn: a reading is no promise.
 *
 * Source: Cartea, Jaimungal, Penalva, "Algorithmic and High-Frequency Trading" (2015), on
 * limit-order-book imbalance; Stoikov, "The micro-price" (2018), whose first term is the weighted mid used here.
 */
export class BookImbalance {
  declare readonly levels: number;
  declare value: number;
  declare bidQuantity: number;
  declare askQuantity: number;
  declare microPrice: number;

  /** @throws RangeError when `levels` is not a positive whole number */
  constructor({ levels = 5 }: BookImbalanceOptions = {}) {
    this.levels = checkedLength(levels);
    this.value = Number.NaN;
    this.bidQuantity = Number.NaN;
    this.askQuantity = Number.NaN;
    this.microPrice = Number.NaN;
  }

  /** @throws RangeError when a quantity is negative or not finite */
  update(bids: BookSide, asks: BookSide): void {
    const bid = this.quantityOf(bids);
    const ask = this.quantityOf(asks);
    this.bidQuantity = bid;
    this.askQuantity = ask;
    this.value = bid + ask > 0 ? (bid - ask) / (bid + ask) : Number.NaN;
    this.microPrice = Number.NaN;
    if (bids.length < 2 || asks.length < 2) return;
    const touch = bids[1] + asks[1];
    if (touch > 0) this.microPrice = (asks[0] * bids[1] + bids[0] * asks[1]) / touch;
  }

  private quantityOf(side: BookSide): number {
    const end = Math.min(side.length, 2 * this.levels);
    let sum = 0;
    for (let i = 1; i < end; i += 2) {
      const quantity = side[i];
      if (!(quantity >= 0 && quantity < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`book level ${(i - 1) / 2} holds the quantity ${quantity}`);
      }
      sum += quantity;
    }
    return sum;
  }
}
