import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../engine/event.ts';
import { encode } from '../engine/journal-codec.ts';
import { BufferedStore } from './buffered-store.ts';
import { decodeRecord } from './journal-record.ts';
import { DATABASE_FILE, openStore } from './open-store.ts';
import { prunedBatch, pruneSome } from './prune-journal.ts';
import { SqliteStore } from './sqlite-store.ts';
import { prunedStart } from './store-state.ts';
import { stateFolder } from './testing/store-fixture.ts';

const DAY_MS = 86_400_000;
const BOOK = { kind: 'book.sampled', symbol: 'BTCUSDT', bid: 1, ask: 2 } as const;
const MARKET: EngineEvent = { ...BOOK, bidQuantity: 1, askQuantity: 1 };
const COMMAND: EngineEvent = {
  kind: 'command.received',
  command: 'pause',
  // Text of a person that looks like market data.
  reason: '"kind":"bar.closed"',
};

/** Ten days with a snapshot every six hours; each holds market data and a command. */
function tenDays(retentionDays?: number, path = ':memory:'): SqliteStore {
  const disk = new SqliteStore(path, { retentionDays });
  const store = new BufferedStore(disk);
  let seq = 0;
  for (let quarter = 0; quarter < 40; quarter++) {
    const atMs = quarter * (DAY_MS / 4);
    for (const event of [MARKET, MARKET, COMMAND]) {
      store.append({ type: 'event', envelope: { seq: ++seq, atMs, source: 'feed', event } });
      store.commit();
    }
    store.saveSnapshot({ seq, atMs, text: encode({ quarter }) });
  }
  return disk;
}

function kinds({ db }: SqliteStore): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of db.prepare('SELECT text FROM journal').all()) {
    for (const line of String(row.text).split('\n')) {
      const record = decodeRecord(line);
      if (record.type !== 'event') continue;
      const { kind } = record.envelope.event;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
  }
  return counts;
}

test('snapshots thin out to the first of each day and the newest three', () => {
  const { db } = tenDays();
  const rows = db.prepare('SELECT at_ms FROM snapshots ORDER BY seq').all();
  const days = rows.map(({ at_ms }) => Number(at_ms) / DAY_MS);
  expect(days).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.25, 9.5, 9.75]);
});

test('without a retention nothing leaves the journal', () => {
  const disk = tenDays();
  expect(kinds(disk)).toEqual({ 'book.sampled': 80, 'command.received': 40 });
  expect(prunedBatch(disk.db)).toBe(0);
  expect(prunedStart(disk.db)).toBe(undefined);
});

test('market data older than the retention goes, up to a snapshot that covers it', () => {
  const disk = tenDays(3);
  // Day 9.75 less three: the newest snapshot that old is that of day 6, after 25 quarters.
  expect(kinds(disk)).toEqual({ 'book.sampled': 80 - 25 * 2, 'command.received': 40 });
  expect(prunedStart(disk.db)).toMatchObject({ atMs: 6 * DAY_MS, seq: 75, state: { quarter: 24 } });
  const first = disk.db.prepare('SELECT min(at_ms) AS at FROM snapshots').get();
  expect(first).toEqual({ at: 6 * DAY_MS });
});

test('it goes on from where it was, a bounded piece a call', () => {
  const disk = tenDays();
  const options = { nowMs: 9.75 * DAY_MS, retentionDays: 8 };
  expect(pruneSome(disk.db, options)).toBeGreaterThan(0);
  expect(pruneSome(disk.db, options)).toBe(0);
  expect(pruneSome(disk.db, { ...options, retentionDays: 5 })).toBeGreaterThan(0);
});

test('a damaged store that was pruned keeps every commit: holes of pruning are no damage', () => {
  const folder = stateFolder();
  const disk = tenDays(3, join(folder, DATABASE_FILE));
  const before = disk.db.prepare('SELECT count(*) AS n, max(batch) AS last FROM journal').get();
  const pruned = prunedBatch(disk.db);
  expect(Number(before?.n)).toBeLessThan(Number(before?.last));
  disk.db.exec("UPDATE snapshots SET text = 'broken'");
  disk.db.close();
  const opened = openStore(folder);
  opened.lock.release();
  expect(opened.damage[0]).toContain('the store was damaged');
  const after = new SqliteStore(opened.path);
  const rows = after.db.prepare('SELECT count(*) AS n, max(batch) AS last FROM journal').get();
  expect(rows).toEqual(before);
  expect(prunedBatch(after.db)).toBe(pruned);
  after.db.close();
});
