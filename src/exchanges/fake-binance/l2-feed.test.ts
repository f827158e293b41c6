import { expect, test } from 'vitest';
import { sharedPath } from '../../../data/testing/shared.ts';
import type { EngineEvent } from '../../engine/event.ts';
import { BinanceFeed } from '../binance/binance-feed.ts';
import { BinanceRig } from '../testing/in-process-binance.ts';
import { Feed } from './feed.ts';
import { parseFeed } from './feed-source.ts';

const recording = sharedPath('data', 'l2', 'btcusdt_20240808.usdm.raw.gz');
if (recording === undefined) {
  console.warn('replay of recorded books skipped: ../shared/data/l2 is absent');
}

test.skipIf(recording === undefined)(
  'a recorded market goes through the fake and the feed: every trade counted, books in order',
  async () => {
    const rig = new BinanceRig();
    const { venue, gateway } = rig.venue;
    gateway.hub.tickMs = 250;
    const source = await parseFeed(`l2:${recording}`);
    const events: EngineEvent[] = [];
    const feed = new BinanceFeed({
      ...{ line: rig.binance.exchange.line, time: rig.time, wsUrl: 'ws://venue' },
      ...{ symbols: ['BTCUSDT'], timeframesMs: [180_000], open: rig.client.open },
      ...{ isBusy: () => true, notice: (_level, code) => void rig.notices.push(code) },
    });
    feed.start({
      sinceMs: {},
      sink: (event) => void events.push(event),
      onWarm: () => {},
      onEnd: () => {},
    });
    rig.runFor(3_000);
    const market = venue.market('BTCUSDT');
    const first = market.nextTradeId;
    new Feed(venue, source).start();
    rig.runFor(200_000);
    const flow = events.filter((event) => event.kind === 'flow.sampled');
    const volume = flow.reduce((sum, each) => sum + each.buyVolume + each.sellVolume, 0);
    const traded = market.minutes.reduce((sum, minute) => sum + minute.volume, 0);
    expect(market.nextTradeId - first).toBeGreaterThan(5_000);
    expect(Math.abs(volume - traded)).toBeLessThan(traded * 0.01);
    const books = events.filter((event) => event.kind === 'book.sampled');
    expect(books.length).toBeGreaterThan(500);
    expect(books.every(({ bid, ask }) => bid > 0 && bid <= ask)).toBe(true);
    expect(events.some(({ kind }) => kind === 'bar.closed')).toBe(true);
    expect(events.filter(({ kind }) => kind === 'feed.gapped')).toEqual([]);
  },
);
