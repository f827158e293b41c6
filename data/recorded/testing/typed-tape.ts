import { type Tape, type TapeSpan, TapeWriter } from '../tape.ts';

/** One row: ms after the start, kind, price, quantity. */
export type TypedRow = readonly [afterMs: number, kind: number, price: number, quantity: number];

/** A recording typed by hand; without `bookSpans` it counts as trades alone. */
export function typedTape(
  symbol: string,
  rows: readonly TypedRow[],
  span: TapeSpan & { bookSpans?: readonly TapeSpan[]; gaps?: readonly TapeSpan[] },
): Tape {
  const writer = new TapeWriter(rows.length);
  for (const [afterMs, kind, price, quantity] of rows) {
    writer.add(span.fromMs + afterMs, kind, price, quantity);
  }
  const done = writer.done(span.gaps ?? []);
  const { fromMs, toMs, bookSpans = [] } = span;
  return {
    symbol,
    parts: [{ fromMs, toMs, names: ['typed by hand'], bookSpans, rows: () => done }],
  };
}
