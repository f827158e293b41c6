import { expect, test } from 'vitest';
import type { Bars } from '../../data/bars/bars.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { type BacktestInput, composeBacktest } from '../compose.ts';
import { composePaperLive } from '../compose-live.ts';
import { loadConfig } from '../config.ts';
import type { MarketData } from '../market-data.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import { openForReading, openStore } from '../store/open-store.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { VENUE_RANK } from './paper-venue.ts';
import type { FeedPort } from './ports.ts';
import { replayJournal } from './replay-journal.ts';
import { VirtualTime } from './virtual-time.ts';

const BAR_MS = 180_000;
const DAYS = 10;
const { config, hash } = loadConfig({
  ignoreFile: true,
  env: {},
  preset: 'smc-stand-in',
  sets: ['hedge.mode=proportional', 'guards.volatilityMultiple=9'],
});
const market = simulateMarket({ seed: 3, days: DAYS, timeframeMs: BAR_MS });
const startMs = market.series[0].openTime[0];

/** Four trades a bar, then the bar; what closed before the start is told as warm-up. */
class ScriptedMarket implements FeedPort {
  private readonly time: VirtualTime;
  private isOpen = false;

  constructor(time: VirtualTime) {
    this.time = time;
  }

  start({ sinceMs, sink, onWarm }: Parameters<FeedPort['start']>[0]): void {
    const { time } = this;
    this.isOpen = true;
    const live = (action: () => void) => () => this.isOpen && action();
    const [btc, ...legs] = market.series;
    time.wake(
      time.nowMs(),
      live(() => {
        for (let i = 0; i < btc.length; i++) {
          for (const bars of [...legs, btc]) {
            const closeMs = bars.openTime[i] + BAR_MS;
            if (closeMs <= (sinceMs[bars.symbol] ?? 0)) continue;
            if (closeMs <= time.nowMs()) sink(barAt(bars, i, true));
            else this.play(bars, i, (event) => live(() => sink(event))());
          }
        }
        onWarm();
      }),
    );
  }

  stop(): void {
    this.isOpen = false;
  }

  private play(bars: Bars, i: number, sink: Parameters<FeedPort['start']>[0]['sink']): void {
    const { time } = this;
    const openMs = bars.openTime[i];
    const prices = [bars.open[i], bars.low[i], bars.high[i], bars.close[i]];
    for (const [at, lastPrice] of prices.entries()) {
      const flow = { kind: 'flow.sampled', symbol: bars.symbol, lastPrice } as const;
      const volumes = { buyVolume: 1, sellVolume: 1 };
      const atMs = openMs + 1_000 + at * 50_000;
      if (atMs > time.nowMs()) time.wake(atMs, () => sink({ ...flow, ...volumes }));
    }
    time.wake(openMs + BAR_MS, () => sink(barAt(bars, i, false)));
  }
}

function barAt(bars: Bars, i: number, isWarmUp: boolean) {
  return {
    kind: 'bar.closed' as const,
    symbol: bars.symbol,
    timeframeMs: BAR_MS,
    openTime: bars.openTime[i],
    open: bars.open[i],
    high: bars.high[i],
    low: bars.low[i],
    close: bars.close[i],
    volume: bars.volume[i],
    takerBuyVolume: bars.takerBuyVolume[i],
    isWarmUp,
  };
}

const options = composeBacktest({
  config,
  data: { series: market.series, funding: [], events: [] } as unknown as MarketData,
  codeVersion: 'test',
  configHash: hash,
  equityStopOnBreach: 'observe',
} satisfies BacktestInput);

function boot(folder: string, time: VirtualTime, bootId: string) {
  const opened = openStore(folder);
  const disk = new SqliteStore(opened.path);
  // Half a million seconds of commits: this test is not about the disk.
  disk.db.exec('PRAGMA synchronous = OFF');
  const { session } = composePaperLive({
    kept: {
      config,
      tickSize: 0.1,
      legSymbols: ['ETHUSDT', 'SOLUSDT'],
      signalTimeframeMs: BAR_MS,
      finestTimeframeMs: BAR_MS,
      events: [],
      equityStopOnBreach: 'observe',
    },
    account: options.account,
    venue: options.venue,
    fingerprints: options.fingerprints,
    symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
    feed: new ScriptedMarket(time),
    time,
    store: new BufferedStore(disk),
    opened,
    bootId,
    paceMs: () => performance.now(),
  });
  session.start();
  return { session, release: () => opened.lock.release() };
}

test('paper follows a live market, agrees with its venue each minute, and replays', () => {
  const folder = stateFolder();
  const time = new VirtualTime(startMs);
  const { session, release } = boot(folder, time, 'live0001');
  time.runTo(startMs + DAYS * 86_400_000, VENUE_RANK + 1);
  const { watch } = session.core.engine.inspect().kernel;
  expect(watch.closedTrades).toBeGreaterThan(3);
  const counts = session.reconciler?.counts;
  expect(counts?.pictures).toBeGreaterThan(DAYS * 1_440 - 10);
  expect(counts).toMatchObject({ failures: 0, claims: 0, cancels: 0 });
  expect(session.core.engine.inspect().halts).toEqual([]);
  session.stop(() => {});
  release();
  const db = openForReading(folder);
  const replay = replayJournal(db);
  db.close();
  expect(replay.difference).toBe(undefined);
  expect(replay.digest).toBe(session.core.engine.effectDigest());
}, 30_000);

test('stopped for an hour and started again, it warms up on what it missed and goes on', () => {
  const folder = stateFolder();
  const time = new VirtualTime(startMs);
  const first = boot(folder, time, 'live0001');
  time.runTo(startMs + 2 * 86_400_000, VENUE_RANK + 1);
  first.session.stop(() => {});
  first.release();
  time.runTo(time.nowMs() + 3_600_000);
  const second = boot(folder, time, 'live0002');
  expect(second.session.isReady).toBe(false);
  time.runTo(time.nowMs() + 5_000);
  expect(second.session.isReady).toBe(true);
  const { market: prices } = second.session.core.engine.inspect().kernel;
  expect(time.nowMs() - prices.of('BTCUSDT').lastBarMs).toBeLessThan(BAR_MS);
  time.runTo(startMs + 4 * 86_400_000, VENUE_RANK + 1);
  expect(second.session.core.engine.inspect().halts).toEqual([]);
  expect(second.session.reconciler?.counts).toMatchObject({ claims: 0, cancels: 0 });
  second.session.stop(() => {});
  second.release();
  const db = openForReading(folder);
  expect(replayJournal(db).difference).toBe(undefined);
  db.close();
}, 30_000);
