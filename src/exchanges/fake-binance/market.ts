import type { Instrument } from './instruments.ts';
import { decimalsOf, floorTo, round8 } from './numbers.ts';

export type Level = [price: number, quantity: number];

export interface AggTrade {
  id: number;
  price: number;
  quantity: number;
  time: number;
  /** True: the taker sold. */
  buyerIsMaker: boolean;
}

export interface Kline {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quote: number;
  takerVolume: number;
  takerQuote: number;
  count: number;
  openTime: number;
  firstId: number;
  lastId: number;
}

export interface Quote {
  bid: number;
  ask: number;
  bidQuantity?: number;
  askQuantity?: number;
}

const KEPT_TRADES = 5_000;
const KEPT_KLINES = 20_000;
const MINUTE_MS = 60_000;

/** Prices, book, trades and minute bars of one symbol. */
export class Market {
  readonly instrument: Instrument;
  private bidLevels: Level[] = [];
  private askLevels: Level[] = [];
  /** The quote whose levels nobody has asked for yet, and the grid of then. */
  private quote: (Quote & { tick: number; step: number }) | undefined;
  last = 0;
  mark = 0;
  index = 0;
  fundingRate = 0.0001;
  updateId = 1_000_000;
  previousUpdateId = 999_999;
  nextTradeId = 1;
  readonly trades: AggTrade[] = [];
  readonly minutes: Kline[] = [];

  constructor(instrument: Instrument, price: number) {
    this.instrument = instrument;
    this.last = price;
    this.mark = price;
    this.index = price;
    this.setBook({ bid: price, ask: round8(price + instrument.tick) });
  }

  get bid(): number {
    return this.bids.length === 0 ? 0 : this.bids[0][0];
  }

  get ask(): number {
    return this.asks.length === 0 ? 0 : this.asks[0][0];
  }

  get bids(): Level[] {
    if (this.quote !== undefined) this.fillBook(this.quote);
    return this.bidLevels;
  }

  get asks(): Level[] {
    if (this.quote !== undefined) this.fillBook(this.quote);
    return this.askLevels;
  }

  /** A synthetic book of 20 ticks on each side around the quote. */
  setBook({ bid, ask, bidQuantity, askQuantity }: Quote): void {
    const { tick, step } = this.instrument;
    // Its levels are made when somebody looks: most quotes are followed by the next one before.
    this.quote = { bid, ask, bidQuantity, askQuantity, tick, step };
    this.touchBook();
  }

  private fillBook(quote: Quote & { tick: number; step: number }): void {
    this.quote = undefined;
    const { tick, step } = quote;
    const deep = floorTo(200_000 / Math.max(quote.bid, 1e-9), step);
    this.bidLevels = [];
    this.askLevels = [];
    for (let i = 0; i < 20; i++) {
      const bid = round8(quote.bid - i * tick);
      const bidQuantity = i === 0 ? (quote.bidQuantity ?? deep) : deep;
      const askQuantity = i === 0 ? (quote.askQuantity ?? deep) : deep;
      if (bid > 0 && bidQuantity > 0) this.bidLevels.push([bid, bidQuantity]);
      if (askQuantity > 0) this.askLevels.push([round8(quote.ask + i * tick), askQuantity]);
    }
  }

  setLevels(levels: { bids: readonly Level[]; asks: readonly Level[] }): void {
    this.quote = undefined;
    this.bidLevels = levels.bids.map(([price, quantity]) => [price, quantity]);
    this.askLevels = levels.asks.map(([price, quantity]) => [price, quantity]);
    this.touchBook();
  }

  touchBook(): void {
    this.previousUpdateId = this.updateId;
    this.updateId += 3;
  }

  /** Takes what lies between the best price and `limit`; what is taken is gone from the book. */
  take(options: { buying: boolean; limit: number; quantity: number; commit: boolean }): Level[] {
    const side = options.buying ? this.asks : this.bids;
    const taken: Level[] = [];
    let left = options.quantity;
    for (const level of side) {
      const beyond = options.buying ? level[0] > options.limit : level[0] < options.limit;
      if (beyond || left <= 0) break;
      const quantity = Math.min(level[1], left);
      taken.push([level[0], quantity]);
      left = round8(left - quantity);
      if (options.commit) level[1] = round8(level[1] - quantity);
    }
    if (options.commit && taken.length > 0) {
      while (side.length > 0 && side[0][1] <= 0) side.shift();
      this.touchBook();
    }
    return taken;
  }

  addTrade(trade: Omit<AggTrade, 'id'>): AggTrade {
    const full = { id: this.nextTradeId++, ...trade };
    this.last = trade.price;
    this.trades.push(full);
    if (this.trades.length > KEPT_TRADES) this.trades.splice(0, KEPT_TRADES / 2);
    this.addToMinute(full);
    return full;
  }

  private addToMinute(trade: AggTrade): void {
    const openTime = trade.time - (trade.time % MINUTE_MS);
    let bar = this.minutes[this.minutes.length - 1];
    if (bar === undefined || bar.openTime < openTime) {
      bar = emptyKline(openTime, trade.price, trade.id);
      this.minutes.push(bar);
      if (this.minutes.length > KEPT_KLINES) this.minutes.splice(0, KEPT_KLINES / 4);
    }
    if (trade.price > bar.high) bar.high = trade.price;
    if (trade.price < bar.low) bar.low = trade.price;
    bar.close = trade.price;
    bar.volume = round8(bar.volume + trade.quantity);
    bar.quote = round8(bar.quote + trade.quantity * trade.price);
    if (!trade.buyerIsMaker) {
      bar.takerVolume = round8(bar.takerVolume + trade.quantity);
      bar.takerQuote = round8(bar.takerQuote + trade.quantity * trade.price);
    }
    bar.count++;
    bar.lastId = trade.id;
  }

  priceText(x: number): string {
    return x.toFixed(Math.max(2, decimalsOf(this.instrument.tick)));
  }

  quantityText(x: number): string {
    return x.toFixed(decimalsOf(this.instrument.step));
  }
}

export function emptyKline(openTime: number, price: number, firstId: number): Kline {
  return {
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 0,
    quote: 0,
    takerVolume: 0,
    takerQuote: 0,
    count: 0,
    openTime,
    firstId,
    lastId: firstId,
  };
}

/** Joins minute bars to bars of `lengthMs`; minutes without a trade carry the close on. */
export function joinMinutes(
  minutes: readonly Kline[],
  options: { lengthMs: number; from: number; to: number; limit: number },
): Kline[] {
  const joined: Kline[] = [];
  for (const minute of minutes) {
    const openTime = minute.openTime - (minute.openTime % options.lengthMs);
    if (openTime < options.from || openTime > options.to) continue;
    let bar = joined[joined.length - 1];
    while (bar !== undefined && bar.openTime + options.lengthMs < openTime) {
      bar = emptyKline(bar.openTime + options.lengthMs, bar.close, bar.lastId);
      joined.push(bar);
    }
    if (bar === undefined || bar.openTime < openTime) joined.push({ ...minute, openTime });
    else addKline(bar, minute);
  }
  return joined.slice(-options.limit);
}

function addKline(bar: Kline, next: Kline): void {
  bar.high = Math.max(bar.high, next.high);
  bar.low = Math.min(bar.low, next.low);
  bar.close = next.close;
  bar.volume = round8(bar.volume + next.volume);
  bar.quote = round8(bar.quote + next.quote);
  bar.takerVolume = round8(bar.takerVolume + next.takerVolume);
  bar.takerQuote = round8(bar.takerQuote + next.takerQuote);
  bar.count += next.count;
  bar.lastId = next.lastId;
}
