import type { Faults } from './faults.ts';
import type { AggTrade, Market } from './market.ts';
import {
  aggTradeFrame,
  barAt,
  bookTickerFrame,
  DepthFeed,
  klineFrame,
  markPriceFrame,
} from './market-frames.ts';
import { INTERVALS_MS } from './route-market.ts';
import type { ListenKeys } from './routes.ts';
import type { Venue } from './venue.ts';
import { VenueError } from './venue-error.ts';

export type Category = 'public' | 'market' | 'private';

/** The shell's or a test's end of a connection. */
export interface Sink {
  send(text: string): void;
  close(code: number): void;
}

const LISTEN_KEY_MS = 60 * 60_000;

/** One websocket as the venue sees it. */
export class Connection {
  readonly category: Category | 'legacy';
  readonly combined: boolean;
  readonly streams = new Set<string>();
  readonly listenKey: string;
  readonly sink: Sink;
  held: string | undefined;

  constructor(options: {
    category: Connection['category'];
    combined: boolean;
    listenKey: string;
    sink: Sink;
  }) {
    this.category = options.category;
    this.combined = options.combined;
    this.listenKey = options.listenKey;
    this.sink = options.sink;
  }
}

/** Who listens to what; frames go out by category, and a wrong category stays mute. */
export class StreamHub implements ListenKeys {
  readonly connections = new Set<Connection>();
  userDelayMs = 0;
  marketDelayMs = 0;
  /** Step of the timed streams; a virtual run takes 1000 to be quick. */
  tickMs = 50;
  private readonly venue: Venue;
  private readonly faults: Faults;
  private readonly depth = new Map<string, DepthFeed>();
  private readonly klines = new Map<string, { sent: string; openTime: number }>();
  private listenKey = '';
  private listenKeyUntil = 0;
  private listenKeyCount = 0;
  private ticking = false;
  private lastMark = 0;

  constructor(venue: Venue, faults: Faults) {
    this.venue = venue;
    this.faults = faults;
    venue.listener = this;
  }

  // --- connections -----------------------------------------------------------------------------

  /** `/public/ws/<streams>`, `/market/stream?streams=`, `/private/ws?listenKey=`. */
  connect(url: string, sink: Sink): Connection {
    const [path, query = ''] = url.split('?');
    const parts = path.split('/').filter((part) => part !== '');
    const known = parts[0] === 'public' || parts[0] === 'market' || parts[0] === 'private';
    const category = known ? (parts[0] as Category) : 'legacy';
    const rest = known ? parts.slice(1) : parts;
    const search = new URLSearchParams(query);
    const connection = new Connection({
      category,
      combined: rest[0] === 'stream',
      listenKey: search.get('listenKey') ?? '',
      sink,
    });
    const streams = [...rest.slice(1), ...(search.get('streams') ?? '').split('/')];
    for (const stream of streams) if (stream.includes('@')) connection.streams.add(stream);
    for (const stream of streams) if (stream.startsWith('!')) connection.streams.add(stream);
    this.connections.add(connection);
    if (connection.category !== 'private') this.startTicking();
    return connection;
  }

  disconnect(connection: Connection): void {
    this.connections.delete(connection);
  }

  /** SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS. */
  receive(connection: Connection, text: string): void {
    let message: { method?: string; params?: string[]; id?: unknown };
    try {
      message = JSON.parse(text);
    } catch {
      connection.sink.send(JSON.stringify({ code: 3, msg: 'Invalid JSON: expected value' }));
      return;
    }
    const { method, params = [], id = null } = message;
    let result: unknown = null;
    if (method === 'SUBSCRIBE') for (const name of params) connection.streams.add(name);
    else if (method === 'UNSUBSCRIBE') for (const name of params) connection.streams.delete(name);
    else if (method === 'LIST_SUBSCRIPTIONS') result = [...connection.streams];
    else {
      connection.sink.send(JSON.stringify({ code: 2, msg: `unknown method ${method}`, id }));
      return;
    }
    connection.sink.send(JSON.stringify({ result, id }));
  }

  closeAll(code: number, category?: string): void {
    for (const connection of [...this.connections]) {
      if (category !== undefined && connection.category !== category) continue;
      this.connections.delete(connection);
      connection.sink.close(code);
    }
  }

  // --- listen keys -----------------------------------------------------------------------------

  create(): string {
    const { now } = this.venue.clock;
    if (this.listenKey === '' || now >= this.listenKeyUntil) {
      this.listenKey = `fakeListenKey${String(++this.listenKeyCount).padStart(8, '0')}`;
    }
    this.keep();
    return this.listenKey;
  }

  extend(): void {
    if (this.listenKey === '' || this.venue.clock.now >= this.listenKeyUntil) {
      throw new VenueError(-1125);
    }
    this.keep();
  }

  close(): void {
    this.listenKey = '';
  }

  private keep(): void {
    this.listenKeyUntil = this.venue.clock.now + LISTEN_KEY_MS;
    const until = this.listenKeyUntil;
    this.venue.clock.at(until, () => {
      if (this.listenKeyUntil === until && this.listenKey !== '') this.expireListenKey();
    });
  }

  /** The key dies, the socket stays open, and nothing follows on it. */
  expireListenKey(): void {
    const { now } = this.venue.clock;
    const event = { e: 'listenKeyExpired', E: String(now), listenKey: this.listenKey };
    this.user(event);
    this.listenKey = '';
    this.listenKeyUntil = 0;
  }

  // --- frames ----------------------------------------------------------------------------------

  user(event: object): void {
    const key = this.listenKey;
    const text = JSON.stringify(event);
    const deliver = () => {
      for (const connection of this.connections) {
        if (connection.category !== 'private' || connection.listenKey !== key || key === '')
          continue;
        const framed = connection.combined ? `{"stream":"${key}","data":${text}}` : text;
        this.push(connection, framed);
      }
    };
    this.later(this.userDelayMs, deliver);
  }

  book(market: Market): void {
    if (!this.hasPublic()) return;
    const name = market.instrument.symbol.toLowerCase();
    const { now } = this.venue.clock;
    const frame = () => bookTickerFrame(market, now);
    this.publish('public', `${name}@bookTicker`, frame);
    this.publish('public', '!bookTicker', frame);
  }

  trade(market: Market, trade: AggTrade): void {
    if (!this.hasPublic()) return;
    const name = market.instrument.symbol.toLowerCase();
    const { now } = this.venue.clock;
    this.publish('market', `${name}@aggTrade`, () => aggTradeFrame(market, trade, now));
  }

  forceOrder(order: { symbol: string; side: string; price: number; quantity: number }): void {
    const market = this.venue.market(order.symbol);
    const { now } = this.venue.clock;
    const quantity = market.quantityText(order.quantity);
    const price = market.priceText(order.price);
    const frame = () => ({
      e: 'forceOrder',
      E: now,
      o: {
        s: order.symbol,
        S: order.side,
        o: 'LIMIT',
        f: 'IOC',
        q: quantity,
        p: price,
        ap: price,
        X: 'FILLED',
        l: quantity,
        z: quantity,
        T: now,
      },
    });
    this.publish('market', `${order.symbol.toLowerCase()}@forceOrder`, frame);
    this.publish('market', '!forceOrder@arr', frame);
  }

  /** Asked at every price: with private lines alone no frame is made. */
  private hasPublic(): boolean {
    for (const { category } of this.connections) if (category !== 'private') return true;
    return false;
  }

  private publish(category: Category, stream: string, frame: () => object): void {
    let text = '';
    const receivers: Connection[] = [];
    for (const connection of this.connections) {
      if (connection.category === category && connection.streams.has(stream)) {
        receivers.push(connection);
      }
    }
    if (receivers.length === 0) return;
    text = JSON.stringify(frame());
    this.later(this.marketDelayMs, () => {
      for (const connection of receivers) {
        if (!this.connections.has(connection)) continue;
        const framed = `{"stream":"${stream}","data":${text}}`;
        this.push(connection, connection.combined ? framed : text);
      }
    });
  }

  private later(delayMs: number, deliver: () => void): void {
    if (delayMs > 0) this.venue.clock.after(delayMs, deliver);
    else deliver();
  }

  private push(connection: Connection, text: string): void {
    const fault = this.faults.forFrame(connection.category, text);
    if (fault === 'drop' || fault === 'silence') return;
    if (fault === 'reorder' && connection.held === undefined) {
      connection.held = text;
      return;
    }
    connection.sink.send(fault === 'half' ? text.slice(0, text.length >> 1) : text);
    if (fault === 'duplicate') connection.sink.send(text);
    if (connection.held !== undefined) {
      const { held } = connection;
      connection.held = undefined;
      connection.sink.send(held);
    }
  }

  // --- timed streams ---------------------------------------------------------------------------

  private startTicking(): void {
    if (this.ticking) return;
    this.ticking = true;
    const step = () => {
      // Nobody listens to timed streams on a private line.
      this.ticking = [...this.connections].some(({ category }) => category !== 'private');
      if (!this.ticking) return;
      this.tick();
      this.venue.clock.after(this.tickMs, step);
    };
    this.venue.clock.after(this.tickMs, step);
  }

  private tick(): void {
    const { now } = this.venue.clock;
    if (now - this.lastMark >= 1000) {
      this.lastMark = now - (now % 1000);
      this.tickMark(this.lastMark);
    }
    const wanted = new Set<string>();
    for (const connection of this.connections) {
      for (const stream of connection.streams) wanted.add(stream);
    }
    for (const stream of wanted) {
      const [name, kind = ''] = stream.split('@');
      const market = this.venue.markets.get(name.toUpperCase());
      if (market === undefined) continue;
      if (kind.startsWith('kline_') && now % 250 < this.tickMs)
        this.tickKline(market, stream, kind);
      if (kind.startsWith('depth') && now % 100 < this.tickMs) this.tickDepth(market, stream, now);
    }
  }

  private tickMark(second: number): void {
    const nextFunding = this.venue.nextFundingTime();
    for (const market of this.venue.markets.values()) {
      const name = market.instrument.symbol.toLowerCase();
      const frame = () => markPriceFrame(market, { now: second, nextFunding });
      this.publish('market', `${name}@markPrice@1s`, frame);
      if (second % 3000 === 0) this.publish('market', `${name}@markPrice`, frame);
    }
  }

  /** Only when something changed; a bar is closed by its last frame with x = true. */
  private tickKline(market: Market, stream: string, kind: string): void {
    const interval = kind.slice('kline_'.length);
    const lengthMs = INTERVALS_MS[interval];
    if (lengthMs === undefined) return;
    const { now } = this.venue.clock;
    const state = this.klines.get(stream) ?? { sent: '', openTime: now - (now % lengthMs) };
    this.klines.set(stream, state);
    if (now >= state.openTime + lengthMs) {
      const bar = barAt(market, lengthMs, state.openTime);
      const options = { interval, lengthMs, closed: true, now };
      this.publish('market', stream, () => klineFrame(market, bar, options));
      state.openTime = now - (now % lengthMs);
      state.sent = '';
    }
    const bar = barAt(market, lengthMs, now);
    const signature = `${bar.openTime}:${bar.count}`;
    if (bar.count === 0 || signature === state.sent) return;
    state.sent = signature;
    const options = { interval, lengthMs, closed: false, now };
    this.publish('market', stream, () => klineFrame(market, bar, options));
  }

  private tickDepth(market: Market, stream: string, now: number): void {
    let feed = this.depth.get(stream);
    if (feed === undefined) this.depth.set(stream, (feed = new DepthFeed()));
    const frame = feed.next(market, now);
    if (frame !== undefined) this.publish('public', stream, () => frame);
  }
}
