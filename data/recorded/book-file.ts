import { basename } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { readTextBytes } from '../readers/open-file.ts';
import {
  ROW_ASK,
  ROW_BID,
  ROW_BUY,
  ROW_CLEAR,
  ROW_SELL,
  ROW_TOP_ASK,
  ROW_TOP_BID,
  type TapeRows,
  type TapeSpan,
  TapeWriter,
} from './tape.ts';

/** Diffs kept to be laid over a snapshot that was asked for before them and came after. */
const KEPT_DIFFS = 2_000;
const NEWLINE = 10;

type Level = readonly [price: string, quantity: string];

interface Diff {
  /** Newest update in it, and the newest of the diff before it. */
  u: number;
  pu: number;
  b: readonly Level[];
  a: readonly Level[];
}

/** One websocket message (or a REST depth snapshot); only the fields that are read. */
interface Message {
  e?: string;
  T?: number;
  E?: number;
  s?: string;
  u?: number;
  pu?: number;
  b?: string | readonly Level[];
  a?: string | readonly Level[];
  B?: string;
  A?: string;
  p?: string;
  q?: string;
  m?: boolean;
  lastUpdateId?: number;
  bids?: readonly Level[];
  asks?: readonly Level[];
}

export interface RecordedBook {
  symbol: string;
  rows: TapeRows;
  bookSpans: TapeSpan[];
}

/**
 * Raw websocket lines of USD-M futures, `<local ns> <json>`: depth diffs, bookTicker, trade or
 * aggTrade, and depth snapshots. Time is the venue's transaction time, kept from falling; lines stay
 * in the order in which they were received. The book counts from a snapshot on, as long as each
 * diff names the one before it (`pu`); after a break it waits for the next snapshot. Levels that a
 * newer ticker has cleared are not revived by an older diff.
 * @throws AppError DATA_BOOK naming file and line
 */
export function readBookFile(path: string): RecordedBook {
  return parseBook(readTextBytes(path), basename(path));
}

export function parseBook(bytes: Uint8Array, name: string): RecordedBook {
  const parser = new BookParser();
  const decoder = new TextDecoder();
  let line = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    const text = decoder.decode(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
    line++;
    if (text.trim() === '') continue;
    const message = messageOf(text);
    if (message === undefined) {
      throw new AppError(
        'DATA_BOOK',
        `${name}, line ${line} is not "<local ns> <json>"`,
        'expected raw websocket lines of depth, bookTicker and trade',
      );
    }
    parser.take(message);
  }
  return parser.done(name);
}

function messageOf(text: string): Message | undefined {
  const space = text.indexOf(' ');
  try {
    const json = JSON.parse(text.slice(space + 1)) as { data?: Message } & Message;
    return space > 0 && typeof json === 'object' && json !== null ? (json.data ?? json) : undefined;
  } catch {
    return undefined;
  }
}

class BookParser {
  private readonly rows = new TapeWriter(1 << 16);
  private readonly bookSpans: TapeSpan[] = [];
  private readonly kept: Diff[] = [];
  private symbol = '';
  private nowMs = 0;
  /** Since when the book is whole; NaN while it is not. */
  private wholeMs = Number.NaN;
  private lastU = Number.NaN;
  private snapshotU = Number.NaN;
  private ticker = { u: -1, bid: Number.NEGATIVE_INFINITY, ask: Number.POSITIVE_INFINITY };

  take(message: Message): void {
    this.nowMs = Math.max(this.nowMs, message.T ?? message.E ?? 0);
    if (message.lastUpdateId !== undefined) return this.onSnapshot(message, message.lastUpdateId);
    if (message.s !== undefined) this.symbol = message.s;
    if (message.e === 'depthUpdate') this.onDiff(message);
    else if (message.e === 'bookTicker') this.onTicker(message);
    else if (message.e === 'trade' || message.e === 'aggTrade') this.onTrade(message);
  }

  done(name: string): RecordedBook {
    const { symbol, rows, bookSpans } = this;
    if (symbol === '') {
      throw new AppError('DATA_BOOK', `${name} holds no message of a symbol`, 'is it a recording?');
    }
    this.endBook(this.nowMs);
    return { symbol, rows: rows.done([]), bookSpans };
  }

  private onTrade(message: Message): void {
    const quantity = Number(message.q);
    const price = Number(message.p);
    // Settlements and the like are told with a price or quantity of zero.
    if (!(price > 0 && quantity > 0)) return;
    this.rows.add(this.nowMs, message.m === true ? ROW_SELL : ROW_BUY, price, quantity);
  }

  private onTicker(message: Message): void {
    const { b, B, a, A, u = 0 } = message;
    this.ticker = { u, bid: Number(b), ask: Number(a) };
    if (Number.isNaN(this.wholeMs)) return;
    this.rows.add(this.nowMs, ROW_TOP_BID, Number(b), Number(B));
    this.rows.add(this.nowMs, ROW_TOP_ASK, Number(a), Number(A));
  }

  private onDiff(message: Message): void {
    const { u = 0, pu = this.lastU } = message;
    const diff: Diff = { u, pu, b: levels(message.b), a: levels(message.a) };
    // The first diff after a snapshot must not begin beyond it; each one after names its elder.
    const isMissing = Number.isNaN(this.lastU) ? pu > this.snapshotU : pu !== this.lastU;
    if (isMissing) {
      this.endBook(this.nowMs);
      this.kept.length = 0;
    }
    this.lastU = u;
    this.kept.push(diff);
    if (this.kept.length > KEPT_DIFFS) this.kept.shift();
    if (!Number.isNaN(this.wholeMs) && !(u < this.snapshotU)) this.lay(diff);
  }

  /** The snapshot, and over it the diffs that are newer than it. */
  private onSnapshot({ bids = [], asks = [] }: Message, lastUpdateId: number): void {
    const { rows, nowMs, kept } = this;
    const newer = kept.filter(({ u }) => u >= lastUpdateId);
    // What lies between the snapshot and the first diff was not recorded: no whole book.
    if (newer.length > 0 && newer[0].pu > lastUpdateId) return;
    this.snapshotU = lastUpdateId;
    rows.add(nowMs, ROW_CLEAR, 0, 0);
    for (const [price, quantity] of bids) rows.add(nowMs, ROW_BID, Number(price), Number(quantity));
    for (const [price, quantity] of asks) rows.add(nowMs, ROW_ASK, Number(price), Number(quantity));
    for (const diff of newer) this.lay(diff);
    if (Number.isNaN(this.wholeMs)) this.wholeMs = nowMs;
  }

  private lay({ u, b, a }: Diff): void {
    const { rows, nowMs, ticker } = this;
    const isOld = u < ticker.u;
    for (const [price, quantity] of b) {
      if (isOld && Number(price) >= ticker.bid) continue;
      rows.add(nowMs, ROW_BID, Number(price), Number(quantity));
    }
    for (const [price, quantity] of a) {
      if (isOld && Number(price) <= ticker.ask) continue;
      rows.add(nowMs, ROW_ASK, Number(price), Number(quantity));
    }
  }

  private endBook(toMs: number): void {
    if (!Number.isNaN(this.wholeMs)) this.bookSpans.push({ fromMs: this.wholeMs, toMs });
    this.wholeMs = Number.NaN;
  }
}

function levels(told: Message['b']): readonly Level[] {
  return Array.isArray(told) ? told : [];
}
