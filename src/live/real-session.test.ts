import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { composeBacktest } from '../compose.ts';
import { composePaperLive } from '../compose-live.ts';
import { loadConfig } from '../config.ts';
import type { MarketData } from '../market-data.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import { openForReading, openStore } from '../store/open-store.ts';
import { readState } from '../store/store-state.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { WorkerCommitter } from '../store/worker-committer.ts';
import type { FeedPort } from './ports.ts';
import { RealTime } from './real-time.ts';
import { replayJournal } from './replay-journal.ts';

const { config, hash } = loadConfig({ ignoreFile: true, env: {}, preset: 'smc-stand-in' });
const { series } = simulateMarket({ seed: 1, days: 1, timeframeMs: 60_000, symbols: ['BTCUSDT'] });
const options = composeBacktest({
  config,
  data: { series, funding: [], events: [] } as unknown as MarketData,
  codeVersion: 'test',
  configHash: hash,
  equityStopOnBreach: 'observe',
});

/** A trade every 5 ms. */
class Ticker implements FeedPort {
  told = 0;
  private timer: NodeJS.Timeout | undefined;

  start({ sink, onWarm }: Parameters<FeedPort['start']>[0]): void {
    setImmediate(onWarm);
    const flow = { kind: 'flow.sampled', symbol: 'BTCUSDT', buyVolume: 1, sellVolume: 1 } as const;
    this.timer = setInterval(() => sink({ ...flow, lastPrice: 90_000 + this.told++ }), 5);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

test('on the machine’s own time, with the store in its thread: starts, runs, stops, replays', async () => {
  const folder = stateFolder();
  const opened = openStore(folder);
  const ticker = new Ticker();
  const time = new RealTime();
  const { session } = composePaperLive({
    kept: {
      config,
      tickSize: 0.1,
      legSymbols: [],
      signalTimeframeMs: 180_000,
      finestTimeframeMs: 60_000,
      events: [],
      equityStopOnBreach: 'observe',
    },
    account: options.account,
    venue: options.venue,
    fingerprints: options.fingerprints,
    symbols: ['BTCUSDT'],
    feed: ticker,
    time,
    store: new BufferedStore(new WorkerCommitter(opened.path)),
    opened,
    bootId: 'real0001',
  });
  session.start();
  // Nothing is handled before the disk knows of the session.
  expect(session.core.seq).toBe(0);
  await sleep(1_500);
  expect(session.isReady).toBe(true);
  // What is a second old is on the disk, whatever happens now.
  const reader = openForReading(folder);
  expect(readState(reader).suffix.length).toBeGreaterThan(10);
  await new Promise<void>((resolve) => session.stop(resolve));
  const { told } = ticker;
  const state = readState(reader);
  expect(told).toBeGreaterThan(50);
  expect(state.lastSeq).toBe(session.core.seq);
  expect(state.snapshot?.seq).toBe(session.core.seq);
  expect(replayJournal(reader)).toMatchObject({ difference: undefined, sessions: 1 });
  reader.close();
  await sleep(50);
  expect(ticker.told).toBe(told);
  opened.lock.release();
});
