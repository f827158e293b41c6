import {
  type AggTrade,
  emptyKline,
  joinMinutes,
  type Kline,
  type Level,
  type Market,
} from './market.ts';

/** JSON of the market streams; keys as the venue documents them, `st` (1 = USD-M) included. */
export function aggTradeFrame(market: Market, trade: AggTrade, now: number) {
  const quantity = market.quantityText(trade.quantity);
  return {
    e: 'aggTrade',
    E: now,
    s: market.instrument.symbol,
    a: trade.id,
    p: market.priceText(trade.price),
    q: quantity,
    nq: quantity,
    f: trade.id,
    l: trade.id,
    T: trade.time,
    m: trade.buyerIsMaker,
    st: 1,
  };
}

export function bookTickerFrame(market: Market, now: number) {
  return {
    e: 'bookTicker',
    u: market.updateId,
    E: now,
    T: now,
    s: market.instrument.symbol,
    b: market.priceText(market.bid),
    B: market.quantityText(market.bids[0]?.[1] ?? 0),
    a: market.priceText(market.ask),
    A: market.quantityText(market.asks[0]?.[1] ?? 0),
    st: 1,
    ps: market.instrument.symbol,
  };
}

export function markPriceFrame(market: Market, options: { now: number; nextFunding: number }) {
  return {
    e: 'markPriceUpdate',
    E: options.now,
    s: market.instrument.symbol,
    p: market.mark.toFixed(8),
    i: market.index.toFixed(8),
    P: market.index.toFixed(8),
    r: market.fundingRate.toFixed(8),
    T: options.nextFunding,
    ap: market.mark.toFixed(8),
    st: 1,
  };
}

export function klineFrame(
  market: Market,
  bar: Kline,
  options: { interval: string; lengthMs: number; closed: boolean; now: number },
) {
  const price = (x: number) => market.priceText(x);
  return {
    e: 'kline',
    E: options.now,
    s: market.instrument.symbol,
    k: {
      t: bar.openTime,
      T: bar.openTime + options.lengthMs - 1,
      s: market.instrument.symbol,
      i: options.interval,
      f: bar.count === 0 ? -1 : bar.firstId,
      L: bar.count === 0 ? -1 : bar.lastId,
      o: price(bar.open),
      c: price(bar.close),
      h: price(bar.high),
      l: price(bar.low),
      v: market.quantityText(bar.volume),
      n: bar.count,
      x: options.closed,
      q: bar.quote.toFixed(5),
      V: market.quantityText(bar.takerVolume),
      Q: bar.takerQuote.toFixed(5),
      B: '0',
    },
    st: 1,
  };
}

/** The bar that is open at `time`, flat at the last price when nothing has traded in it. */
export function barAt(market: Market, lengthMs: number, time: number): Kline {
  const openTime = time - (time % lengthMs);
  const recent = market.minutes.slice(-Math.ceil(lengthMs / 60_000) - 1);
  const range = { lengthMs, from: openTime, to: openTime, limit: 1 };
  return joinMinutes(recent, range)[0] ?? emptyKline(openTime, market.last, market.nextTradeId);
}

/** What one connection-independent depth feed of a symbol has told so far. */
export class DepthFeed {
  private lastId = 0;
  private bids = new Map<number, number>();
  private asks = new Map<number, number>();

  /** The difference since the last frame, undefined without one. Quantities are absolute. */
  next(market: Market, now: number): object | undefined {
    if (market.updateId === this.lastId) return undefined;
    const first = this.lastId === 0 ? market.previousUpdateId + 1 : this.lastId + 1;
    const previous = this.lastId === 0 ? market.previousUpdateId : this.lastId;
    const b = changes(this.bids, market.bids, market);
    const a = changes(this.asks, market.asks, market);
    this.lastId = market.updateId;
    return {
      e: 'depthUpdate',
      E: now,
      T: now,
      s: market.instrument.symbol,
      U: first,
      u: market.updateId,
      pu: previous,
      b,
      a,
      st: 1,
      ps: market.instrument.symbol,
    };
  }
}

function changes(told: Map<number, number>, levels: readonly Level[], market: Market): string[][] {
  const rows: string[][] = [];
  const seen = new Set<number>();
  for (const [price, quantity] of levels) {
    seen.add(price);
    if (told.get(price) === quantity) continue;
    told.set(price, quantity);
    rows.push([market.priceText(price), market.quantityText(quantity)]);
  }
  for (const price of [...told.keys()]) {
    if (seen.has(price)) continue;
    told.delete(price);
    rows.push([market.priceText(price), market.quantityText(0)]);
  }
  return rows;
}
