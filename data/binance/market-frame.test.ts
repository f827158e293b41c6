import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../testing/shared.ts';
import { Conflator } from './conflator.ts';
import { KlineCloser } from './kline-closer.ts';
import { type KlineBar, MarketFrameReader } from './market-frame.ts';
import { fuzzFrames } from './testing/fuzz-frames.ts';

const folder = sharedPath('payloads', 'binance');
const BOOK = {
  ...{ e: 'bookTicker', u: 10, E: 1_779_000_000_000, s: 'BTCUSDT' },
  ...{ b: '60000.0', B: '1.5', a: '60000.1', A: '2' },
};
const TRADE = {
  ...{ e: 'aggTrade', E: 1_779_000_000_000, s: 'BTCUSDT', a: 5 },
  ...{ p: '60000.1', q: '0.2', m: true },
};

describe('frames of the public streams', () => {
  test('wrapped and raw frames read the same; unknown fields are kept count of', () => {
    const reader = new MarketFrameReader();
    const raw = reader.read(JSON.stringify(BOOK));
    expect(raw).toMatchObject({ kind: 'book', bid: 60_000, askQuantity: 2 });
    const wrapped = { stream: 'btcusdt@bookTicker', data: { ...BOOK, brandNew: 1 } };
    expect(reader.read(JSON.stringify(wrapped))).toEqual(raw);
    expect([...reader.unknownFields.counts()]).toEqual([['book.brandNew', 1]]);
  });

  test('a crossed book and a bar outside its own range are refused', () => {
    const reader = new MarketFrameReader();
    expect(reader.read(JSON.stringify({ ...BOOK, b: '60000.2' })).kind).toBe('unsupported');
    const k = { t: 0, s: 'BTCUSDT', i: '3m', o: '5', c: '5', h: '4', l: '3', v: '1', V: '1' };
    const kline = { e: 'kline', E: 1, s: 'BTCUSDT', k: { ...k, x: true } };
    expect(reader.read(JSON.stringify(kline)).kind).toBe('unsupported');
  });

  test.skipIf(folder === undefined)('every recorded payload is understood or unsupported', () => {
    const reader = new MarketFrameReader();
    const kinds = new Map<string, number>();
    for (const name of readdirSync(folder as string, { recursive: true }) as string[]) {
      if (!name.endsWith('.json')) continue;
      const { kind } = reader.read(readFileSync(join(folder as string, name), 'utf8'));
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    // The documented kline examples have opens below their lows; those are refused, rightly.
    for (const kind of ['book', 'trade', 'kline', 'mark', 'ack']) {
      expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(0);
    }
  });

  test('100,000 broken frames are neither a crash nor a wrong number', () => {
    const reader = new MarketFrameReader();
    const seeds = [JSON.stringify(BOOK), JSON.stringify(TRADE)];
    let refused = 0;
    let wrong = 0;
    for (const text of fuzzFrames({ seeds, count: 100_000, seed: 11 })) {
      const frame = reader.read(text);
      if (frame.kind === 'unsupported') refused++;
      if (frame.kind === 'book' && !(frame.bid > 0 && frame.bid <= frame.ask)) wrong++;
      if (frame.kind === 'trade' && !(frame.price > 0 && frame.quantity >= 0)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(refused).toBeGreaterThan(10_000);
  });
});

describe('conflation', () => {
  test('a burst becomes one sample, older books are dropped, holes in trades are counted', () => {
    const reader = new MarketFrameReader();
    const conflator = new Conflator('BTCUSDT');
    for (let i = 0; i < 1_000; i++) {
      const book = reader.read(JSON.stringify({ ...BOOK, u: 100 + i }));
      const trade = reader.read(JSON.stringify({ ...TRADE, a: i + (i >= 500 ? 3 : 0) }));
      if (book.kind === 'book') conflator.onBook(book);
      if (trade.kind === 'trade') conflator.onTrade(trade);
    }
    const old = reader.read(JSON.stringify({ ...BOOK, u: 50 }));
    if (old.kind === 'book') conflator.onBook(old);
    const kinds: string[] = [];
    const sample = (nowMs: number, isBusy: boolean) =>
      conflator.sample(nowMs, { isBusy }, (event) => void kinds.push(event.kind));
    sample(1_000, false);
    sample(1_050, true);
    expect(kinds).toEqual(['book.sampled', 'flow.sampled']);
    expect([conflator.staleBooks, conflator.missedTrades]).toEqual([1, 3]);
  });
});

describe('closing bars', () => {
  const MINUTES_3 = 180_000;
  const bar = (openTime: number, close = 10): KlineBar => ({
    ...{ openTime, open: 10, high: 11, low: 9, close, volume: 5, takerBuyVolume: 2 },
  });
  const closer = () =>
    new KlineCloser({ symbol: 'BTCUSDT', timeframeMs: MINUTES_3, nextOpenTime: 0 });

  test('x closes once; a frame that is not closed closes nothing', () => {
    const bars = closer();
    expect(bars.onFrame(bar(0), false)).toEqual([]);
    expect(bars.onFrame(bar(0), true)).toHaveLength(1);
    expect(bars.onFrame(bar(0), true)).toEqual([]);
    expect(bars.differing).toBe(0);
    bars.onFrame(bar(0, 10.5), true);
    expect(bars.differing).toBe(1);
  });

  test('without x the list is asked after the grace, and only closed rows count', () => {
    const bars = closer();
    expect(bars.askFrom(MINUTES_3 + 1_499)).toBeUndefined();
    expect(bars.askFrom(MINUTES_3 + 1_500)).toBe(0);
    expect(bars.askFrom(MINUTES_3 + 1_600)).toBeUndefined();
    const closed = bars.onList([bar(0), bar(MINUTES_3)], MINUTES_3 + 1_700);
    expect(closed.map(({ openTime }) => openTime)).toEqual([0]);
  });

  test('a hole is filled from the list before the bar behind it', () => {
    const bars = closer();
    expect(bars.onFrame(bar(2 * MINUTES_3), true)).toEqual([]);
    const nowMs = 3 * MINUTES_3;
    expect(bars.askFrom(nowMs)).toBe(0);
    const closed = bars.onList([bar(0), bar(MINUTES_3)], nowMs);
    expect(closed.map(({ openTime }) => openTime)).toEqual([0, MINUTES_3, 2 * MINUTES_3]);
  });
});
