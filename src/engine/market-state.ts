import type { BarClosed, BookSampled, MarkChanged } from './event.ts';

/** The last known prices and funding of one symbol; NaN until told. */
export interface SymbolMarket {
  last: number;
  bid: number;
  ask: number;
  mark: number;
  fundingRate: number;
  fundingIntervalHours: number;
  /** Base volume and range of the last bar, for plausibility checks. */
  lastBarMs: number;
}

/** Market facts by symbol, as doubles. */
export class MarketState {
  private readonly bySymbol = new Map<string, SymbolMarket>();

  of(symbol: string): SymbolMarket {
    let market = this.bySymbol.get(symbol);
    if (market === undefined) {
      market = {
        last: Number.NaN,
        bid: Number.NaN,
        ask: Number.NaN,
        mark: Number.NaN,
        fundingRate: Number.NaN,
        fundingIntervalHours: 8,
        lastBarMs: 0,
      };
      this.bySymbol.set(symbol, market);
    }
    return market;
  }

  onBar(bar: BarClosed): void {
    const market = this.of(bar.symbol);
    market.last = bar.close;
    market.lastBarMs = bar.openTime + bar.timeframeMs;
  }

  onBook(book: BookSampled): void {
    const market = this.of(book.symbol);
    market.bid = book.bid;
    market.ask = book.ask;
  }

  onMark(mark: MarkChanged): void {
    const market = this.of(mark.symbol);
    if (mark.mark > 0) market.mark = mark.mark;
    market.fundingRate = mark.fundingRate;
    market.fundingIntervalHours = mark.fundingIntervalHours;
  }

  /** Mark price where there is one, else the last close. */
  valuation(symbol: string): number {
    const market = this.of(symbol);
    return market.mark > 0 ? market.mark : market.last;
  }

  save(): unknown {
    return [...this.bySymbol].map(([symbol, market]) => ({ symbol, ...market }));
  }

  load(state: unknown): void {
    this.bySymbol.clear();
    for (const { symbol, ...market } of state as (SymbolMarket & { symbol: string })[]) {
      this.bySymbol.set(symbol, market);
    }
  }
}
