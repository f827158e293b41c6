import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { composeEngine, composePaperReplay, type SessionConfig } from '../compose-live.ts';
import { loadConfig } from '../config.ts';
import { replayJournal } from '../live/replay-journal.ts';
import type { MarketData } from '../market-data.ts';
import { openStore } from '../store/open-store.ts';
import { prunedBatch, pruneSome } from '../store/prune-journal.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';

const DAYS = 12;
const sets = ['hedge.mode=off', 'guards.volatilityMultiple=9'];
const { config, hash } = loadConfig({ ignoreFile: true, env: {}, preset: 'smc-stand-in', sets });
const market = simulateMarket({ seed: 5, days: DAYS, timeframeMs: 180_000 });
const data = { series: market.series, funding: [], events: [], dataHash: 'd', calendarHash: 'c' };
let path = '';
let folder = '';

beforeAll(() => {
  folder = stateFolder();
  // Stopped twice, so that there are snapshots to begin at.
  for (const [bootId, instants] of [
    ['paper001', 2_000],
    ['paper002', 2_000],
    ['paper003', Number.POSITIVE_INFINITY],
  ] as const) {
    const opened = openStore(folder);
    path = opened.path;
    const { session, replay } = composePaperReplay({
      ...{ config, opened, bootId, codeVersion: 'test', configHash: hash },
      data: data as unknown as MarketData,
      equityStopOnBreach: 'observe',
    });
    session.start();
    replay.advance(instants);
    session.stop(() => {});
    opened.lock.release();
  }
});

test('another program is told at the first decision it takes otherwise', () => {
  const db = new DatabaseSync(path);
  const compose = (kept: unknown) => {
    const own = kept as SessionConfig;
    const risk = { ...own.config.risk, perTradePercent: 0.1 };
    return composeEngine({ ...own, config: { ...own.config, risk } });
  };
  const { difference } = replayJournal(db, { compose });
  db.close();
  expect(difference).toBeDefined();
  expect(difference?.envelope.event.kind).toBe('bar.closed');
  expect(difference?.journalled).not.toEqual(difference?.replayed);
});

test('a pruned journal replays from its first snapshot to the same digest', () => {
  const db = new DatabaseSync(path);
  const whole = replayJournal(db);
  const newest = db.prepare('SELECT max(at_ms) AS at FROM snapshots').get();
  const nowMs = Number(newest?.at);
  while (pruneSome(db, { nowMs, retentionDays: 3 }) > 0);
  expect(prunedBatch(db)).toBeGreaterThan(0);
  const rest = replayJournal(db);
  expect(rest.difference).toBe(undefined);
  expect(rest.digest).toBe(whole.digest);
  expect(rest.events).toBeLessThan(whole.events);
  expect(rest.events).toBeGreaterThan(1_000);
  db.close();
});

test('a daemon starts from a pruned store as from any other', () => {
  const opened = openStore(folder);
  opened.lock.release();
  expect(opened.damage).toEqual([]);
  expect(opened.state.snapshot).toBeDefined();
});
