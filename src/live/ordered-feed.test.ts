import { expect, test } from 'vitest';
import type { BarClosed, EngineEvent } from '../engine/event.ts';
import { LEG_WAIT_MS, OrderedFeed } from './ordered-feed.ts';
import type { FeedPort } from './ports.ts';
import { VirtualTime } from './virtual-time.ts';

const M3 = 180_000;
const NOW = M3 * 9_972_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

function bar(symbol: string, index: number, isWarmUp = false): BarClosed {
  const price = { open: 5, high: 6, low: 4, close: 5, volume: 1, takerBuyVolume: 1 };
  const openTime = NOW + index * M3;
  return { kind: 'bar.closed', symbol, timeframeMs: M3, openTime, ...price, isWarmUp };
}

function rig(isCold = false, sinceMs: Record<string, number> = {}) {
  const time = new VirtualTime(NOW);
  const events: EngineEvent[] = [];
  const notices: string[] = [];
  let inner: Parameters<FeedPort['start']>[0] | undefined;
  let warmAt = -1;
  const feed = new OrderedFeed({
    feed: { start: (options) => void (inner = options), stop: () => {} },
    ...{ time, symbols: SYMBOLS, timeframeMs: M3, historyBars: 100 },
    notice: (_, code) => notices.push(code),
  });
  feed.start({
    ...{ sinceMs, isCold, onEnd: () => {} },
    sink: (event) => void events.push(event),
    onWarm: () => {
      warmAt = events.length;
    },
  });
  if (inner === undefined) throw new Error('not started');
  const told = () =>
    events.map((event) =>
      event.kind === 'bar.closed'
        ? `${event.symbol.slice(0, 3)} ${(event.openTime - NOW) / M3}`
        : event.kind,
    );
  return { time, feed, inner, told, notices, warmAt: () => warmAt };
}

test('history comes symbol by symbol and is told by time, legs first, in slices', () => {
  const { inner, told, time, warmAt } = rig();
  for (const symbol of SYMBOLS) {
    for (let i = -100; i < 0; i++) inner.sink(bar(symbol, i, true));
  }
  inner.onWarm();
  inner.sink(bar('BTCUSDT', 0));
  inner.sink(bar('SOLUSDT', 0));
  inner.sink(bar('ETHUSDT', 0));
  expect(told().length).toBeLessThan(300);
  time.runTo(time.nowMs());
  expect(told().slice(0, 4)).toEqual(['ETH -100', 'SOL -100', 'BTC -100', 'ETH -99']);
  expect(told().slice(-4)).toEqual(['BTC -1', 'SOL 0', 'ETH 0', 'BTC 0']);
  expect(warmAt()).toBe(300);
});

test('a start without memory says when the venue has less than it needs', () => {
  const few = rig();
  few.inner.sink(bar('BTCUSDT', -1, true));
  few.inner.onWarm();
  expect(few.notices).toEqual(['SHORT_HISTORY']);
  const known = rig(false, { BTCUSDT: NOW - M3 });
  known.inner.onWarm();
  expect(known.notices).toEqual([]);
});

test('a leg that does not come holds the main bar for two seconds, and says so', () => {
  const { inner, told, time, notices } = rig();
  inner.onWarm();
  inner.sink(bar('ETHUSDT', 0));
  inner.sink(bar('BTCUSDT', 0));
  time.runTo(NOW + LEG_WAIT_MS - 1);
  expect(told()).toEqual(['ETH 0']);
  time.runTo(NOW + LEG_WAIT_MS);
  expect(told()).toEqual(['ETH 0', 'BTC 0']);
  expect(notices).toEqual(['SHORT_HISTORY', 'BAR_LATE']);
  inner.sink(bar('SOLUSDT', 0));
  expect(told()).toEqual(['ETH 0', 'BTC 0', 'SOL 0']);
});

test('a next bar of the main symbol lets the one before go', () => {
  const { inner, told } = rig();
  inner.onWarm();
  inner.sink(bar('BTCUSDT', 0));
  inner.sink(bar('BTCUSDT', 1));
  expect(told()).toEqual(['BTC 0']);
});

test('what is known is not loaded again; without memory the whole history is', () => {
  const since = { BTCUSDT: NOW - 5, ETHUSDT: 0, SOLUSDT: NOW - 7 };
  const whole = NOW - 100 * M3;
  expect(rig(false, since).inner.sinceMs).toEqual({ ...since, ETHUSDT: whole });
  const all = { BTCUSDT: whole, ETHUSDT: whole, SOLUSDT: whole };
  expect(rig(true, since).inner.sinceMs).toEqual(all);
});
