import type { Lots, Side, Ticks } from '../../src/engine/units.ts';

/** A part of a taker order at one level of the book. */
export interface BookFill {
  ticks: Ticks;
  lots: Lots;
}

/**
 * A recorded book by price level. What our takers consume is gone until the recording tells the
 * level again; nobody reacts to us otherwise.
 */
export class VenueBook {
  private readonly bids = new Map<Ticks, Lots>();
  private readonly asks = new Map<Ticks, Lots>();
  private bestBid = Number.NEGATIVE_INFINITY;
  private bestAsk = Number.POSITIVE_INFINITY;

  /** Best price of a side: of `buy` the best bid. Infinite when the side is empty. */
  best(side: Side): Ticks {
    return side === 'buy' ? this.bestBid : this.bestAsk;
  }

  lotsAt(side: Side, ticks: Ticks): Lots {
    return this.levels(side).get(ticks) ?? 0;
  }

  /** Whether an order at this price would meet the other side. */
  crosses(side: Side, ticks: Ticks): boolean {
    return side === 'buy' ? ticks >= this.bestAsk : ticks <= this.bestBid;
  }

  /** The whole quantity of a level, 0 removes it. A level that crosses the other side clears it. */
  setLevel(side: Side, ticks: Ticks, lots: Lots): void {
    if (lots === 0) {
      this.remove(side, ticks);
      return;
    }
    this.levels(side).set(ticks, lots);
    if (side === 'buy') {
      if (ticks > this.bestBid) this.bestBid = ticks;
      while (this.bestAsk <= ticks) this.remove('sell', this.bestAsk);
    } else {
      if (ticks < this.bestAsk) this.bestAsk = ticks;
      while (this.bestBid >= ticks) this.remove('buy', this.bestBid);
    }
  }

  /** The best level of a side as a ticker tells it: what lies before it is gone. */
  setTop(side: Side, ticks: Ticks, lots: Lots): void {
    this.setLevel(side, ticks, lots);
    while (side === 'buy' ? this.bestBid > ticks : this.bestAsk < ticks) {
      this.remove(side, this.best(side));
    }
  }

  /** Takes from the other side up to a quantity and a price (infinite for market orders). */
  take(side: Side, lots: Lots, limitTicks: Ticks): BookFill[] {
    const other = side === 'buy' ? 'sell' : 'buy';
    const fills: BookFill[] = [];
    let left = lots;
    while (left > 0) {
      const ticks = this.best(other);
      const isBeyond = side === 'buy' ? ticks > limitTicks : ticks < limitTicks;
      if (isBeyond || !Number.isFinite(ticks)) break;
      const there = this.lotsAt(other, ticks);
      const taken = Math.min(left, there);
      fills.push({ ticks, lots: taken });
      left -= taken;
      this.setLevel(other, ticks, there - taken);
    }
    return fills;
  }

  clear(): void {
    this.bids.clear();
    this.asks.clear();
    this.bestBid = Number.NEGATIVE_INFINITY;
    this.bestAsk = Number.POSITIVE_INFINITY;
  }

  save(): unknown {
    return { bids: [...this.bids], asks: [...this.asks] };
  }

  load(state: unknown): void {
    const { bids, asks } = state as Record<'bids' | 'asks', [Ticks, Lots][]>;
    this.clear();
    for (const [ticks, lots] of bids) this.setLevel('buy', ticks, lots);
    for (const [ticks, lots] of asks) this.setLevel('sell', ticks, lots);
  }

  private levels(side: Side): Map<Ticks, Lots> {
    return side === 'buy' ? this.bids : this.asks;
  }

  private remove(side: Side, ticks: Ticks): void {
    const levels = this.levels(side);
    levels.delete(ticks);
    if (side === 'buy' && ticks === this.bestBid) {
      this.bestBid = Number.NEGATIVE_INFINITY;
      for (const each of levels.keys()) if (each > this.bestBid) this.bestBid = each;
    } else if (side === 'sell' && ticks === this.bestAsk) {
      this.bestAsk = Number.POSITIVE_INFINITY;
      for (const each of levels.keys()) if (each < this.bestAsk) this.bestAsk = each;
    }
  }
}
