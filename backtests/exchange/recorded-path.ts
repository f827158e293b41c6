import {
  ROW_ASK,
  ROW_BID,
  ROW_BUY,
  ROW_CLEAR,
  ROW_SELL,
  ROW_TOP_BID,
  type Tape,
  type TapePart,
  type TapeRows,
} from '../../data/recorded/tape.ts';
import type { Instrument } from '../../src/engine/instrument.ts';
import type { Lots, Side } from '../../src/engine/units.ts';
import { type PriceSource, ticksOf } from './price-source.ts';
import { VenueBook } from './venue-book.ts';

/** What a bar is replaced by. */
export type Cover = 'book' | 'trades';

const NO_ROWS: TapeRows = {
  length: 0,
  atMs: new Float64Array(0),
  kind: new Uint8Array(0),
  price: new Float64Array(0),
  quantity: new Float64Array(0),
  gaps: [],
};

/**
 * A recording row by row: the price jumps from trade to trade, and rows of the book in between
 * change the book alone. Only bars that the recording covers whole are replaced by it.
 */
export class RecordedPath implements PriceSource {
  toMs = Number.POSITIVE_INFINITY;
  toTicks = Number.NaN;
  readonly isJump = true;
  readonly isInferred = false;
  readonly lowTicks = Number.NEGATIVE_INFINITY;
  readonly highTicks = Number.POSITIVE_INFINITY;
  book = new VenueBook();
  declare private readonly tape: Tape;
  declare private readonly instrument: Instrument;
  private part: TapePart | undefined;
  private rows = NO_ROWS;
  private next = 0;
  /** Of the newest trade passed. */
  private lastTicks = Number.NaN;

  constructor(options: { tape: Tape; instrument: Instrument }) {
    this.tape = options.tape;
    this.instrument = options.instrument;
  }

  /** What the recording tells of a bar: nothing unless it covers it without a gap. */
  cover(openMs: number, closeMs: number): Cover | undefined {
    for (const part of this.tape.parts) {
      if (openMs < part.fromMs || closeMs > part.toMs) continue;
      const { gaps } = part.rows();
      if (gaps.some((gap) => gap.fromMs < closeMs && gap.toMs > openMs)) continue;
      if (part !== this.part) this.turnTo(part);
      const isWhole = part.bookSpans.some((span) => span.fromMs <= openMs && closeMs <= span.toMs);
      return isWhole ? 'book' : 'trades';
    }
    return undefined;
  }

  /** Passes rows before a time without a price of ours in between; `ticks` when no trade is known. */
  catchUp(atMs: number, ticks: number): number {
    if (this.part?.bookSpans.length === 0) this.leap(atMs);
    while (this.toMs < atMs) {
      this.apply();
      this.advance();
    }
    if (Number.isNaN(this.lastTicks)) this.lastTicks = ticks;
    this.aim();
    return this.lastTicks;
  }

  /** The trade at the point that has been reached; undefined for a row of the book. */
  trade(): { ticks: number; lots: Lots; taker: Side } | undefined {
    const kind = this.rows.kind[this.next];
    if (kind !== ROW_BUY && kind !== ROW_SELL) return undefined;
    return { ticks: this.toTicks, lots: this.lots(), taker: kind === ROW_BUY ? 'buy' : 'sell' };
  }

  /** Takes the row that has been reached into the book or as the last price. */
  apply(): void {
    const kind = this.rows.kind[this.next];
    if (kind === ROW_BUY || kind === ROW_SELL) {
      this.lastTicks = this.ticks();
      return;
    }
    if (kind === ROW_CLEAR) {
      this.book.clear();
      return;
    }
    const ticks = this.ticks();
    const side = kind === ROW_BID || kind === ROW_TOP_BID ? 'buy' : 'sell';
    if (kind === ROW_BID || kind === ROW_ASK) this.book.setLevel(side, ticks, this.lots());
    else this.book.setTop(side, ticks, this.lots());
  }

  advance(): void {
    this.next++;
    this.aim();
  }

  save(): unknown {
    const { next, lastTicks } = this;
    const part = this.part === undefined ? -1 : this.tape.parts.indexOf(this.part);
    return { part, next, lastTicks, book: this.book.save() };
  }

  /** Into a path over the same tape. */
  load(state: unknown): void {
    const saved = state as { part: number; next: number; lastTicks: number; book: unknown };
    this.part = saved.part < 0 ? undefined : this.tape.parts[saved.part];
    this.rows = this.part?.rows() ?? NO_ROWS;
    this.next = saved.next;
    this.lastTicks = saved.lastTicks;
    this.book.load(saved.book);
    this.aim();
  }

  private turnTo(part: TapePart): void {
    this.part = part;
    this.rows = part.rows();
    this.next = 0;
    this.lastTicks = Number.NaN;
    this.book.clear();
    this.aim();
  }

  /** Trades alone need no walk: the last one before a time is all there is to know. */
  private leap(atMs: number): void {
    let low = this.next;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows.atMs[middle] < atMs) low = middle + 1;
      else high = middle;
    }
    if (low > this.next) {
      this.next = low - 1;
      this.lastTicks = this.ticks();
      this.next = low;
    }
    this.aim();
  }

  /** Points at the next row; what is not a trade keeps the price. */
  private aim(): void {
    const { rows, next } = this;
    if (next >= rows.length) {
      this.toMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.toMs = rows.atMs[next];
    const isTrade = rows.kind[next] === ROW_BUY || rows.kind[next] === ROW_SELL;
    this.toTicks = isTrade ? this.ticks() : this.lastTicks;
  }

  private ticks(): number {
    return ticksOf(this.rows.price[this.next], this.instrument.tick);
  }

  private lots(): Lots {
    return this.instrument.toLots(this.rows.quantity[this.next], 'nearest');
  }
}
