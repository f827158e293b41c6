import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../src/engine/event.ts';
import { VirtualTime } from '../../src/live/virtual-time.ts';
import { LiveMarket } from './live-market.ts';
import type { KlineBar } from './market-frame.ts';
import type { SocketHandlers } from './venue-socket.ts';

const T = 1_795_000_500_000 - (1_795_000_500_000 % 900_000);
const M3 = 180_000;

function session() {
  const time = new VirtualTime(T);
  const sockets: { url: string; handlers: SocketHandlers; isClosed: boolean }[] = [];
  const events: EngineEvent[] = [];
  let rows: KlineBar[] = [];
  const market = new LiveMarket({
    symbols: ['BTCUSDT'],
    timeframesMs: [M3],
    nextOpenTimes: { [`BTCUSDT:${M3}`]: T },
    wsUrl: 'wss://venue',
    open: (url, handlers) => {
      const entry = { url, handlers, isClosed: false };
      sockets.push(entry);
      const close = () => {
        if (entry.isClosed) return;
        entry.isClosed = true;
        handlers.onClose('closed by us');
      };
      return { send: () => {}, ping: () => {}, close };
    },
    time,
    klines: (_ask, done) => void time.wake(time.nowMs() + 50, () => done(rows)),
    fundingHours: () => 8,
    isBusy: () => false,
    sink: (event) => void events.push(event),
    notice: () => {},
  });
  market.start();
  const say = (index: number, stream: string, data: object) =>
    sockets[index].handlers.onText(JSON.stringify({ stream: `btcusdt@${stream}`, data }));
  const mark = (index: number) =>
    say(index, 'markPrice@1s', {
      ...{ e: 'markPriceUpdate', E: time.nowMs(), s: 'BTCUSDT', p: '60000' },
      ...{ r: '0.0001', T: T + 900_000 },
    });
  const kinds = () => events.map(({ kind }) => kind);
  const setRows = (next: KlineBar[]) => {
    rows = next;
  };
  return { time, sockets, events, market, say, mark, kinds, setRows };
}

describe('the public market', () => {
  test('books go to /public, the rest to /market', () => {
    const { sockets } = session();
    expect(sockets.map(({ url }) => url)).toEqual([
      'wss://venue/public/stream?streams=btcusdt@bookTicker',
      'wss://venue/market/stream?streams=btcusdt@aggTrade/btcusdt@markPrice@1s/btcusdt@kline_3m',
    ]);
  });

  test('a mute stream opens a second connection, which takes over when it speaks', () => {
    const { time, sockets, mark, kinds, events } = session();
    const until = (ms: number, index: number) => {
      while (time.nowMs() < T + ms) {
        mark(index);
        time.runTo(time.nowMs() + 1_000);
      }
    };
    until(61_000, 1);
    // aggTrade never spoke although marks came.
    expect(kinds()).toContain('feed.gapped');
    const second = sockets.findIndex(({ url }, i) => i > 1 && url.includes('/market/'));
    expect(second).toBeGreaterThan(1);
    expect(sockets[1].isClosed).toBe(false);
    const marks = events.filter(({ kind }) => kind === 'mark.changed').length;
    mark(1);
    expect(events.filter(({ kind }) => kind === 'mark.changed').length).toBe(marks + 1);
    time.runTo(time.nowMs() + 10);
    mark(second);
    expect(sockets[1].isClosed).toBe(true);
    time.runTo(time.nowMs() + 100);
    expect(kinds().at(-1)).toBe('feed.recovered');
  });

  test('a bar without its closing frame is taken from the list, once', () => {
    const { time, mark, events, setRows } = session();
    const shape = { open: 5, high: 6, low: 4, close: 5, volume: 1, takerBuyVolume: 1 };
    setRows([{ openTime: T, ...shape }]);
    mark(1);
    time.runTo(T + M3 + 10_000);
    const bars = events.filter((event) => event.kind === 'bar.closed');
    expect(bars).toMatchObject([{ openTime: T, isWarmUp: false }]);
  });

  test('books and flow come as samples, not as frames', () => {
    const { time, say, kinds } = session();
    for (let i = 0; i < 500; i++) {
      say(0, 'bookTicker', {
        ...{ e: 'bookTicker', u: i, E: time.nowMs(), s: 'BTCUSDT' },
        ...{ b: '60000.0', B: '1', a: '60000.1', A: '1' },
      });
    }
    time.runTo(T + 950);
    expect(kinds().filter((kind) => kind === 'book.sampled')).toHaveLength(1);
  });

  test('of the books between two samples the latest is told, as if each had been read', () => {
    const { time, events, market, say } = session();
    const book = (u: number, bid: number) => ({
      ...{ e: 'bookTicker', u, E: time.nowMs(), T: time.nowMs(), s: 'BTCUSDT' },
      ...{ b: String(bid), B: '1.5', a: String(bid + 0.1), A: '2' },
    });
    for (const [u, bid] of [
      [7, 60_000],
      [9, 60_010],
      [8, 59_000],
    ]) {
      say(0, 'bookTicker', book(u, bid));
    }
    time.runTo(T + 1_200);
    const books = events.filter(({ kind }) => kind === 'book.sampled');
    expect(books).toMatchObject([{ bid: 60_010, ask: 60_010.1, bidQuantity: 1.5, askQuantity: 2 }]);
    expect(market.counts).toMatchObject({ frames: 3, unsupported: 0 });
    time.runTo(T + 3_000);
    expect(events.filter(({ kind }) => kind === 'book.sampled')).toHaveLength(1);
  });

  test.each([
    ['prices that cross', { b: '2', a: '1', B: '1', A: '1', s: 'BTCUSDT', u: 9, E: T }],
    ['another symbol', { b: '1', a: '2', B: '1', A: '1', s: 'ETHUSDT', u: 9, E: T }],
    ['an id that is text', { b: '1', a: '2', B: '1', A: '1', s: 'BTCUSDT', u: '9', E: T }],
    ['nothing but an id', { u: 9 }],
  ])('a book with %s is counted and never told', (_what, data) => {
    const { time, events, market, say } = session();
    say(0, 'bookTicker', { e: 'bookTicker', ...data });
    time.runTo(T + 1_200);
    expect(events.filter(({ kind }) => kind === 'book.sampled')).toEqual([]);
    expect(market.counts).toMatchObject({ frames: 1, unsupported: 1 });
  });
});
