/** Half open: the first instant belongs to it, the last does not. */
export interface TapeSpan {
  fromMs: number;
  toMs: number;
}

/** What a row of a tape tells; trades are named by their taker. */
export const ROW_BUY = 0;
export const ROW_SELL = 1;
/** The whole quantity of a level of the book, 0 for one that is gone. */
export const ROW_BID = 2;
export const ROW_ASK = 3;
/** The best level of a side: nothing lies before it. */
export const ROW_TOP_BID = 4;
export const ROW_TOP_ASK = 5;
/** The book is told anew from here on. */
export const ROW_CLEAR = 6;

/** Recorded market events in columns, in the order in which they happened. */
export interface TapeRows {
  length: number;
  /** Unix ms of the venue's clock, never falling. */
  atMs: Float64Array;
  kind: Uint8Array;
  price: Float64Array;
  /** Base asset. */
  quantity: Float64Array;
  /** Spans inside the part of which rows are known to be missing. */
  gaps: readonly TapeSpan[];
}

/** One file of a recording (or more files of one time, merged). */
export interface TapePart extends TapeSpan {
  names: readonly string[];
  /** Where the book is whole: after a snapshot, as long as no update is missing. */
  bookSpans: readonly TapeSpan[];
  /** Reads the rows; the newest part stays in memory. @throws AppError DATA_* */
  rows(): TapeRows;
}

/** Everything recorded of one symbol. Where parts overlap, the one that comes first counts. */
export interface Tape {
  symbol: string;
  parts: readonly TapePart[];
}

/** The same recordings with nothing covered after a time. */
export function tapesUntil(tapes: readonly Tape[] | undefined, atMs: number): Tape[] | undefined {
  return tapes?.map(({ symbol, parts }) => ({
    symbol,
    parts: parts.map((part) => ({
      ...part,
      toMs: Math.min(part.toMs, atMs),
      bookSpans: part.bookSpans.map((span) => ({ ...span, toMs: Math.min(span.toMs, atMs) })),
    })),
  }));
}

/** Growing columns for readers that do not know the number of rows. */
export class TapeWriter {
  length = 0;
  private atMs: Float64Array<ArrayBufferLike>;
  private kind: Uint8Array<ArrayBufferLike>;
  private price: Float64Array<ArrayBufferLike>;
  private quantity: Float64Array<ArrayBufferLike>;

  constructor(capacity: number) {
    const rows = Math.max(16, capacity);
    this.atMs = new Float64Array(rows);
    this.kind = new Uint8Array(rows);
    this.price = new Float64Array(rows);
    this.quantity = new Float64Array(rows);
  }

  add(atMs: number, kind: number, price: number, quantity: number): void {
    if (this.length === this.atMs.length) this.grow();
    const i = this.length++;
    this.atMs[i] = atMs;
    this.kind[i] = kind;
    this.price[i] = price;
    this.quantity[i] = quantity;
  }

  /** Time of the newest row; minus infinity before the first. */
  get lastMs(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.atMs[this.length - 1];
  }

  done(gaps: readonly TapeSpan[]): TapeRows {
    const { length, atMs, kind, price, quantity } = this;
    return {
      length,
      atMs: atMs.subarray(0, length),
      kind: kind.subarray(0, length),
      price: price.subarray(0, length),
      quantity: quantity.subarray(0, length),
      gaps,
    };
  }

  private grow(): void {
    const rows = this.atMs.length * 2;
    this.atMs = extended(this.atMs, new Float64Array(rows));
    this.kind = extended(this.kind, new Uint8Array(rows));
    this.price = extended(this.price, new Float64Array(rows));
    this.quantity = extended(this.quantity, new Float64Array(rows));
  }
}

function extended<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
