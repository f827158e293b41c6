import {
  booleanOf,
  isWireObject,
  numberOf,
  parseJson,
  shownOf,
  textOf,
  timeOf,
  UnknownFields,
  type WireObject,
} from './wire-fields.ts';

/** One message of a public stream, in doubles; `unsupported` says why it is not understood. */
export type MarketFrame =
  | BookFrame
  | TradeFrame
  | KlineFrame
  | MarkFrame
  | { kind: 'ack' }
  | { kind: 'unsupported'; reason: string };

export interface BookFrame {
  kind: 'book';
  symbol: string;
  /** Rises with every change of the book: an older frame is dropped by it. */
  updateId: number;
  eventMs: number;
  bid: number;
  bidQuantity: number;
  ask: number;
  askQuantity: number;
}

export interface TradeFrame {
  kind: 'trade';
  symbol: string;
  /** Consecutive per symbol: a hole is a lost frame. */
  tradeId: number;
  eventMs: number;
  price: number;
  quantity: number;
  /** The taker sold. */
  isSell: boolean;
}

export interface KlineBar {
  openTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  takerBuyVolume: number;
}

export interface KlineFrame {
  kind: 'kline';
  symbol: string;
  interval: string;
  eventMs: number;
  isClosed: boolean;
  bar: KlineBar;
}

export interface MarkFrame {
  kind: 'mark';
  symbol: string;
  eventMs: number;
  mark: number;
  fundingRate: number;
  nextFundingMs: number;
}

const BOOK = names('e u E T s b B a A st ps');
const TRADE = names('e E s a p q nq f l T m st');
const KLINE = names('e E s k st');
const BAR = names('t T s i f L o c h l v n x q V Q B');
const MARK = names('e E s p i P r T ap st');

const UPDATE_ID = '"u":';

/**
 * The update id of a wrapped book frame without reading the rest of it; -1 where it does not stand
 * as the venue writes it. Four frames of five are books, and only the latest one counts.
 */
export function updateIdOf(text: string): number {
  const at = text.indexOf(UPDATE_ID, text.indexOf('"data"'));
  if (at < 0) return -1;
  let id = 0;
  let i = at + UPDATE_ID.length;
  for (let digit = text.charCodeAt(i) - 48; digit >= 0 && digit <= 9; ) {
    id = id * 10 + digit;
    digit = text.charCodeAt(++i) - 48;
  }
  const next = text[i];
  const isWhole = i > at + UPDATE_ID.length && (next === ',' || next === '}');
  return isWhole && Number.isSafeInteger(id) ? id : -1;
}

/** Reads frames of the public and market paths, raw or wrapped in `{stream, data}`. */
export class MarketFrameReader {
  readonly unknownFields = new UnknownFields();

  read(text: string): MarketFrame {
    const parsed = parseJson(text);
    const frame = isWireObject(parsed) && isWireObject(parsed.data) ? parsed.data : parsed;
    if (!isWireObject(frame)) return unsupported('no JSON object');
    switch (frame.e) {
      case 'bookTicker':
        return this.book(frame);
      case 'aggTrade':
        return this.trade(frame);
      case 'kline':
        return this.kline(frame);
      case 'markPriceUpdate':
        return this.mark(frame);
      case undefined:
        // The answer to SUBSCRIBE; an error carries a code and is not one.
        return 'id' in frame && 'result' in frame ? { kind: 'ack' } : unsupported('no event type');
      default:
        return unsupported(`event ${shownOf(frame.e)}`);
    }
  }

  private book(frame: WireObject): MarketFrame {
    this.unknownFields.note('book', frame, BOOK);
    const symbol = textOf(frame.s);
    const updateId = countOf(frame.u);
    const eventMs = timeOf(frame.E);
    const bid = priceOf(frame.b);
    const ask = priceOf(frame.a);
    const bidQuantity = sizeOf(frame.B);
    const askQuantity = sizeOf(frame.A);
    if (symbol === undefined || updateId === undefined || eventMs === undefined) {
      return unsupported('book without ids');
    }
    if (bid === undefined || ask === undefined || bid > ask) return unsupported('book prices');
    if (bidQuantity === undefined || askQuantity === undefined) return unsupported('book sizes');
    return { kind: 'book', symbol, updateId, eventMs, bid, bidQuantity, ask, askQuantity };
  }

  private trade(frame: WireObject): MarketFrame {
    this.unknownFields.note('trade', frame, TRADE);
    const symbol = textOf(frame.s);
    const tradeId = countOf(frame.a);
    const eventMs = timeOf(frame.E);
    const price = priceOf(frame.p);
    const quantity = sizeOf(frame.q);
    const isSell = booleanOf(frame.m);
    if (symbol === undefined || tradeId === undefined || eventMs === undefined) {
      return unsupported('trade without ids');
    }
    if (price === undefined || quantity === undefined || isSell === undefined) {
      return unsupported('trade fields');
    }
    return { kind: 'trade', symbol, tradeId, eventMs, price, quantity, isSell };
  }

  private kline(frame: WireObject): MarketFrame {
    this.unknownFields.note('kline', frame, KLINE);
    const k = frame.k;
    if (!isWireObject(k)) return unsupported('kline without a bar');
    this.unknownFields.note('bar', k, BAR);
    const symbol = textOf(k.s);
    const interval = textOf(k.i);
    const eventMs = timeOf(frame.E);
    const isClosed = booleanOf(k.x);
    const bar = barOf([k.t, k.o, k.h, k.l, k.c, k.v, k.V]);
    if (symbol === undefined || interval === undefined || eventMs === undefined) {
      return unsupported('kline without ids');
    }
    if (isClosed === undefined || bar === undefined) return unsupported('kline fields');
    return { kind: 'kline', symbol, interval, eventMs, isClosed, bar };
  }

  private mark(frame: WireObject): MarketFrame {
    this.unknownFields.note('mark', frame, MARK);
    const symbol = textOf(frame.s);
    const eventMs = timeOf(frame.E);
    const mark = priceOf(frame.p);
    const nextFundingMs = timeOf(frame.T);
    if (symbol === undefined || eventMs === undefined || mark === undefined) {
      return unsupported('mark fields');
    }
    // Contracts without funding leave the rate empty.
    const fundingRate = numberOf(frame.r) ?? Number.NaN;
    return {
      ...{ kind: 'mark', symbol, eventMs, mark, fundingRate },
      nextFundingMs: nextFundingMs ?? Number.NaN,
    };
  }
}

/** A row of `GET /fapi/v1/klines`; undefined when it is none. */
export function klineRow(row: unknown): KlineBar | undefined {
  if (!Array.isArray(row)) return undefined;
  return barOf([row[0], row[1], row[2], row[3], row[4], row[5], row[9]]);
}

function barOf(values: readonly unknown[]): KlineBar | undefined {
  const openTime = timeOf(values[0]);
  const [open, high, low, close] = values.slice(1, 5).map(priceOf);
  const volume = sizeOf(values[5]);
  const takerBuyVolume = sizeOf(values[6]);
  if (openTime === undefined || open === undefined || high === undefined) return undefined;
  if (low === undefined || close === undefined || volume === undefined) return undefined;
  if (takerBuyVolume === undefined || low > Math.min(open, close)) return undefined;
  if (high < Math.max(open, close)) return undefined;
  return { openTime, open, high, low, close, volume, takerBuyVolume };
}

function priceOf(value: unknown): number | undefined {
  const price = numberOf(value);
  return price !== undefined && price > 0 && price < 1e12 ? price : undefined;
}

function sizeOf(value: unknown): number | undefined {
  const size = numberOf(value);
  return size !== undefined && size >= 0 && size < 1e15 ? size : undefined;
}

function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function unsupported(reason: string): MarketFrame {
  return { kind: 'unsupported', reason };
}

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
