import type { Instrument } from '../../engine/instrument.ts';

/**
 * Filters as the books count them. The venue may change tick and step under an open position; the
 * engine keeps the old ones until the symbol is flat, and whoever turns lots and ticks into text, or
 * text into lots, has to keep them as long: else one lot here is another one there.
 */
export class BookInstruments extends Map<string, Instrument> {
  declare private readonly latest: ReadonlyMap<string, Instrument>;
  declare private readonly ofBooks: (symbol: string) => Instrument | undefined;

  /** `latest` is what the venue says; `ofBooks` answers undefined as long as there are no books. */
  constructor(
    latest: ReadonlyMap<string, Instrument>,
    ofBooks: (symbol: string) => Instrument | undefined,
  ) {
    super();
    this.latest = latest;
    this.ofBooks = ofBooks;
  }

  override get(symbol: string): Instrument | undefined {
    return this.ofBooks(symbol) ?? this.latest.get(symbol);
  }

  override has(symbol: string): boolean {
    return this.latest.has(symbol);
  }
}
