import type { Bars } from '../data/bars/bars.ts';
import type { Tape } from '../data/recorded/tape.ts';
import type { BookSampled } from '../src/engine/event.ts';
import type { SimulatedExchange } from './exchange/simulated-exchange.ts';

/**
 * The best bid and ask of a recorded book as a strategy hears them: at each close of a bar that the
 * book covers. After the last of them one sample of unknown prices, so that no stale quote is used.
 */
export class BookSampler {
  declare private readonly exchange: SimulatedExchange;
  private readonly symbols = new Set<string>();
  private readonly known = new Set<string>();

  constructor(options: { exchange: SimulatedExchange; tapes?: readonly Tape[] }) {
    this.exchange = options.exchange;
    for (const { symbol, parts } of options.tapes ?? []) {
      if (parts.some(({ bookSpans }) => bookSpans.length > 0)) this.symbols.add(symbol);
    }
  }

  /** Whether bars of the symbol must be shown to the exchange even while nothing is held. */
  listensTo(symbol: string): boolean {
    return this.symbols.size > 0 && this.symbols.has(symbol);
  }

  /** The sample at the close of a bar; undefined when there is nothing new to tell. */
  at(bars: Bars, index: number): BookSampled | undefined {
    const { symbol } = bars;
    const market = this.exchange.market(symbol);
    const { book } = market;
    if (book !== undefined) market.reach(bars.openTime[index] + bars.timeframeMs - 1, 1);
    const bid = book?.best('buy') ?? Number.NaN;
    const ask = book?.best('sell') ?? Number.NaN;
    const isKnown = Number.isFinite(bid) && Number.isFinite(ask);
    if (!isKnown && !this.known.delete(symbol)) return undefined;
    if (isKnown) this.known.add(symbol);
    const { instrument } = market;
    return {
      kind: 'book.sampled',
      symbol,
      bid: isKnown ? instrument.price(bid) : Number.NaN,
      ask: isKnown ? instrument.price(ask) : Number.NaN,
      bidQuantity: isKnown ? instrument.quantity(book?.lotsAt('buy', bid) ?? 0) : 0,
      askQuantity: isKnown ? instrument.quantity(book?.lotsAt('sell', ask) ?? 0) : 0,
    };
  }
}
