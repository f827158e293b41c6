import type { EngineEvent } from '../../src/engine/event.ts';
import { Conflator } from './conflator.ts';
import { KlineCloser } from './kline-closer.ts';
import {
  type BookFrame,
  type KlineBar,
  type MarketFrame,
  MarketFrameReader,
  type MarkFrame,
  updateIdOf,
} from './market-frame.ts';
import { type FeedTime, StreamConnection } from './stream-connection.ts';
import type { OpenSocket } from './venue-socket.ts';

/** Silence that a stream of a large perpetual never has by itself. */
const SILENT_MS = { bookTicker: 10_000, aggTrade: 60_000, markPrice: 5_000, kline: 90_000 };
const TICK_MS = 100;
/** A hole in trade ids opens a second connection at most this often. */
const HOLE_EVERY_MS = 10_000;
/** A new connection may begin with frames that the old one has told. */
const OVERLAP_MS = 2_000;
const INTERVALS: Readonly<Record<number, string>> = { 180000: '3m', 900000: '15m' };

export interface LiveMarketOptions {
  symbols: readonly string[];
  /** Timeframes to close bars of: 3 and 15 minutes, long ones first at equal times. */
  timeframesMs: readonly number[];
  /** First bar wanted of each symbol and timeframe, as `symbol:timeframeMs`. */
  nextOpenTimes: Readonly<Record<string, number>>;
  /** Base under which `/public` and `/market` lie. */
  wsUrl: string;
  open: OpenSocket;
  time: FeedTime;
  /** Rows of the venue's list from an open time on; undefined when it cannot be had. */
  klines: (
    ask: { symbol: string; interval: string; startTime: number },
    done: (rows: readonly KlineBar[] | undefined) => void,
  ) => void;
  /** Hours between fundings, by symbol; NaN when unknown. */
  fundingHours: (symbol: string) => number;
  /** An order or position of ours is open there. */
  isBusy: (symbol: string) => boolean;
  sink: (event: EngineEvent) => void;
  notice: (level: 'info' | 'warning' | 'alarm', code: string, text: string) => void;
}

/**
 * The public market of a session: books and flow conflated, marks each second, bars closed exactly
 * once. Doubt about a symbol is told as `feed.gapped`; `feed.recovered` follows when another
 * connection speaks and the list of bars has been compared.
 */
export class LiveMarket {
  readonly reader = new MarketFrameReader();
  readonly counts = { frames: 0, unsupported: 0, replays: 0 };
  declare private readonly options: LiveMarketOptions;
  private readonly conflators = new Map<string, Conflator>();
  /** By the name of their stream: most frames are these, and most of them are never sampled. */
  private readonly books = new Map<string, Conflator>();
  private readonly closers = new Map<string, KlineCloser>();
  private readonly connections: StreamConnection[] = [];
  private readonly gapped = new Set<string>();
  private readonly markMs = new Map<string, number>();
  private holeMs = Number.NEGATIVE_INFINITY;
  private disorderMs = Number.NEGATIVE_INFINITY;
  private switchedMs = Number.NEGATIVE_INFINITY;
  private ticker: { cancel(): void } | undefined;

  constructor(options: LiveMarketOptions) {
    this.options = options;
    for (const symbol of options.symbols) {
      const conflator = new Conflator(symbol);
      this.conflators.set(symbol, conflator);
      this.books.set(`${symbol.toLowerCase()}@bookTicker`, conflator);
      for (const timeframeMs of options.timeframesMs) {
        const key = `${symbol}:${timeframeMs}`;
        const nextOpenTime = options.nextOpenTimes[key] ?? 0;
        this.closers.set(key, new KlineCloser({ symbol, timeframeMs, nextOpenTime }));
      }
    }
    this.connections.push(this.connection('public'), this.connection('market'));
  }

  start(): void {
    for (const connection of this.connections) connection.start();
    this.tick();
  }

  stop(): void {
    this.ticker?.cancel();
    for (const connection of this.connections) connection.stop();
  }

  private connection(category: 'public' | 'market'): StreamConnection {
    const { wsUrl, open, time } = this.options;
    return new StreamConnection({
      url: `${wsUrl}/${category}`,
      streams: this.streams(category),
      open,
      time,
      onFrame: (stream, text) => this.onFrame(stream, text),
      onDoubt: (reason, stream) => this.onDoubt(category, { reason, stream }),
      onSwitched: () => {
        this.switchedMs = time.nowMs();
        this.replay();
      },
    });
  }

  private streams(category: 'public' | 'market'): Map<string, number> {
    const streams = new Map<string, number>();
    // What two processes of one machine take to talk does not shrink with the clock.
    const silent = (name: keyof typeof SILENT_MS) =>
      SILENT_MS[name] * (this.options.time.scale ?? 1);
    for (const symbol of this.options.symbols) {
      const name = symbol.toLowerCase();
      if (category === 'public') {
        streams.set(`${name}@bookTicker`, silent('bookTicker'));
        continue;
      }
      streams.set(`${name}@aggTrade`, silent('aggTrade'));
      streams.set(`${name}@markPrice@1s`, silent('markPrice'));
      for (const timeframeMs of this.options.timeframesMs) {
        streams.set(`${name}@kline_${INTERVALS[timeframeMs]}`, silent('kline'));
      }
    }
    return streams;
  }

  private onFrame(stream: string, text: string): void {
    this.counts.frames++;
    const book = this.books.get(stream);
    const updateId = book === undefined ? -1 : updateIdOf(text);
    if (book !== undefined && updateId >= 0) {
      if (!book.onBookText(text, updateId)) this.onDisorder(book.symbol);
      return;
    }
    const frame = this.reader.read(text);
    if (frame.kind === 'ack') return;
    if (frame.kind === 'unsupported') return this.onUnsupported(stream, frame.reason);
    const conflator = this.conflators.get(frame.symbol);
    if (conflator === undefined) return;
    if (frame.kind === 'book') {
      if (!conflator.onBook(frame)) this.onDisorder(frame.symbol);
    } else if (frame.kind === 'mark') this.onMark(frame);
    else if (frame.kind === 'trade') {
      if (conflator.onTrade(frame) > 0) this.onHole(frame.symbol);
    } else {
      const timeframeMs = this.options.timeframesMs.find(
        (each) => INTERVALS[each] === frame.interval,
      );
      const closer = this.closers.get(`${frame.symbol}:${timeframeMs}`);
      if (closer !== undefined) this.tell(closer.onFrame(frame.bar, frame.isClosed));
    }
  }

  private onUnsupported(stream: string, reason: string): void {
    this.counts.unsupported++;
    // One alarm; the count stands in the metrics. A venue gone odd must not flood the operator.
    if (this.counts.unsupported > 1) return;
    this.options.notice('alarm', 'FEED_UNSUPPORTED', `${stream}: ${reason}`);
  }

  private bookOf(symbol: string, text: string): BookFrame | undefined {
    const frame: MarketFrame = this.reader.read(text);
    if (frame.kind === 'book' && frame.symbol === symbol) return frame;
    const reason = frame.kind === 'unsupported' ? frame.reason : `${frame.kind} of something else`;
    this.onUnsupported(`${symbol.toLowerCase()}@bookTicker`, reason);
    return undefined;
  }

  private onMark(frame: MarkFrame): void {
    const { symbol, eventMs, mark, fundingRate, nextFundingMs } = frame;
    // A mark of the past (a clock that jumped back, an overtaken frame) is none.
    if (eventMs <= (this.markMs.get(symbol) ?? -1)) return;
    this.markMs.set(symbol, eventMs);
    const fundingIntervalHours = this.options.fundingHours(symbol);
    const funding = { fundingRate, fundingIntervalHours, nextFundingMs };
    this.options.sink({ kind: 'mark.changed', symbol, mark, ...funding });
  }

  private onHole(symbol: string): void {
    const now = this.options.time.nowMs();
    // The trades between two connections are missing by nature; that hole is being healed.
    if (this.gapped.has(symbol) || now - this.holeMs < HOLE_EVERY_MS) return;
    this.holeMs = now;
    this.connections[1].doubt('trades are missing', `${symbol.toLowerCase()}@aggTrade`);
  }

  /** One connection tells its books in order; the first moments after a switch are two. */
  private onDisorder(symbol: string): void {
    const now = this.options.time.nowMs();
    if (now - this.switchedMs < OVERLAP_MS || now - this.disorderMs < HOLE_EVERY_MS) return;
    this.disorderMs = now;
    this.connections[0].doubt('books out of order', `${symbol.toLowerCase()}@bookTicker`);
  }

  private onDoubt(
    category: string,
    { reason, stream }: { reason: string; stream: string | undefined },
  ): void {
    if (reason === 'age') return;
    const text = `${category}: ${reason}`;
    this.options.notice('warning', 'FEED_DOUBT', text);
    for (const symbol of this.options.symbols) {
      const isOther = stream !== undefined && !stream.startsWith(`${symbol.toLowerCase()}@`);
      if (isOther || this.gapped.has(symbol)) continue;
      this.gapped.add(symbol);
      this.options.sink({ kind: 'feed.gapped', symbol, reason: text });
    }
  }

  /** Everything that a new connection may have missed, from the list; then the doubt is over. */
  private replay(): void {
    for (const symbol of this.options.symbols) {
      const closers = [...this.closers.values()].filter((each) => each.symbol === symbol);
      let waiting = closers.length;
      let isWhole = true;
      for (const closer of closers) {
        this.ask(closer, closer.compareFrom(), (hasRows) => {
          isWhole &&= hasRows;
          waiting--;
          if (waiting > 0 || !isWhole) {
            if (waiting === 0) this.replayLater();
            return;
          }
          if (this.gapped.delete(symbol)) this.options.sink({ kind: 'feed.recovered', symbol });
        });
      }
    }
  }

  private replayLater(): void {
    const { time } = this.options;
    time.wake(time.nowMs() + 2_000, () => {
      if (this.gapped.size > 0) this.replay();
    });
  }

  private ask(closer: KlineCloser, startTime: number, done: (hasRows: boolean) => void): void {
    const { klines, time, notice } = this.options;
    const { symbol, timeframeMs } = closer;
    this.counts.replays++;
    const before = closer.differing;
    klines({ symbol, interval: INTERVALS[timeframeMs], startTime }, (rows) => {
      if (rows !== undefined) this.tell(closer.onList(rows, time.nowMs()));
      if (closer.differing > before) {
        const text = `${symbol}: a bar was told otherwise than the venue lists it`;
        notice('alarm', 'FEED_DIFFERS', text);
      }
      done(rows !== undefined);
    });
  }

  private tell(bars: readonly EngineEvent[]): void {
    for (const bar of bars) {
      if (bar.kind !== 'bar.closed') continue;
      // The book and flow of the bar's end go before it.
      this.sample(bar.symbol, true);
      this.options.sink(bar);
    }
  }

  private sample(symbol: string, isForced: boolean): void {
    const { time, isBusy, sink } = this.options;
    const conflator = this.conflators.get(symbol);
    const read = (text: string) => this.bookOf(symbol, text);
    conflator?.sample(time.nowMs(), { isBusy: isBusy(symbol), isForced, read }, sink);
  }

  private tick(): void {
    const { time, symbols } = this.options;
    this.ticker = time.wake(time.nowMs() + TICK_MS, () => {
      const now = time.nowMs();
      for (const symbol of symbols) this.sample(symbol, false);
      for (const closer of this.closers.values()) {
        const startTime = closer.askFrom(now);
        if (startTime !== undefined) this.ask(closer, startTime, () => {});
      }
      this.tick();
    });
  }
}
