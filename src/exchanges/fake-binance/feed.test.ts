import { expect, test } from 'vitest';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { barsFeed, Feed, recordedFeed } from './feed.ts';
import { Venue } from './venue.ts';

const START = Date.UTC(2026, 0, 1);

test('bars come back as the klines they were, history before and closed minutes after', () => {
  const { series } = simulateMarket({ seed: 3, days: 1, timeframeMs: 60_000 });
  const venue = new Venue({ startTime: START, balance: 1000 });
  new Feed(venue, barsFeed(series, 100)).start();
  const btc = series[0];
  const market = venue.market(btc.symbol);
  expect(market.minutes[0].openTime).toBe(START - 100 * 60_000);
  venue.clock.advanceTo(START + 31 * 60_000 - 1);
  const walked = market.minutes.filter((bar) => bar.openTime > START);
  expect(walked).toHaveLength(30);
  for (let i = 0; i < 30; i++) {
    expect(Math.abs(walked[i].high - btc.high[100 + i])).toBeLessThanOrEqual(0.1);
    expect(Math.abs(walked[i].close - btc.close[100 + i])).toBeLessThanOrEqual(0.1);
  }
});

test('recorded lines move quote, last and mark at their own distances in time', () => {
  const line = (data: object) => `1 ${JSON.stringify({ stream: 'x', data })}`;
  const quote = { e: 'bookTicker', s: 'BTCUSDT', E: 1000, b: '100', B: '2', a: '102', A: '3' };
  const trade = { e: 'trade', s: 'BTCUSDT', E: 1250, p: '102', q: '1', X: 'MARKET', m: false };
  const venue = new Venue({ startTime: START, balance: 1000 });
  new Feed(venue, recordedFeed('two lines', [line(quote), line(trade)])).start();
  venue.clock.advanceTo(START + 249);
  const market = venue.market('BTCUSDT');
  expect([market.bid, market.ask, market.mark]).toEqual([100, 102, 101]);
  expect(market.last).toBe(60_000);
  venue.clock.advanceTo(START + 250);
  expect(market.last).toBe(102);
});
