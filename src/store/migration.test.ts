import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { EngineEvent, OrderFilled } from '../engine/event.ts';
import { decode } from '../engine/journal-codec.ts';
import { testSession } from '../engine/testing/engine-fixture.ts';
import type { FillRow } from './bookkeeper.ts';
import { encodeRecord } from './journal-record.ts';
import { DATABASE_FILE, openStore } from './open-store.ts';
import { STORE_VERSION, storeVersion } from './schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import { stateFolder } from './testing/store-fixture.ts';

const FILL: OrderFilled = {
  kind: 'order.filled',
  orderId: 'qcm-1',
  fillId: 'f1',
  symbol: 'BTCUSDT',
  side: 'buy',
  priceTicks: 1_000_005,
  lots: 12,
  feeUnits: 60_000_000,
  feeAsset: 'USDT',
  isMaker: false,
  origin: 'own',
};

/** The tables as the first release wrote them, with one session that was filled once. */
function versionOne(folder: string): string {
  const path = join(folder, DATABASE_FILE);
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE migrations (version INTEGER PRIMARY KEY, at_ms REAL NOT NULL) STRICT;
    INSERT INTO migrations VALUES (1, 0);
    CREATE TABLE journal (batch INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL,
      last_seq INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE TABLE snapshots (seq INTEGER PRIMARY KEY, at_ms REAL NOT NULL,
      batch INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE TABLE protection (symbol TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE TABLE trades (trade_id TEXT PRIMARY KEY, closed_ms REAL NOT NULL,
      text TEXT NOT NULL) STRICT;
    CREATE TABLE alerts (id INTEGER PRIMARY KEY, at_ms REAL NOT NULL, level TEXT NOT NULL,
      code TEXT NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE TABLE sessions (boot_id TEXT PRIMARY KEY, started_ms REAL NOT NULL,
      text TEXT NOT NULL) STRICT;
    INSERT INTO alerts VALUES (1, 5, 'alarm', 'OLD', 'an old alarm');`);
  const event = (seq: number, told: EngineEvent) =>
    encodeRecord({
      type: 'event',
      envelope: { seq, atMs: 1_000 * seq, source: 'venue', event: told },
    });
  const lines = [event(1, testSession({ mode: 'live' })), event(2, FILL), event(3, FILL)];
  db.prepare('INSERT INTO journal VALUES (1, 1, 3, ?)').run(lines.join('\n'));
  db.close();
  return path;
}

test('an old file is brought up to date, and its fills are found in its journal', () => {
  const folder = stateFolder();
  const path = versionOne(folder);
  const opened = openStore(folder);
  expect(opened.damage).toEqual([]);
  expect(opened.state.lastSeq).toBe(3);
  opened.lock.release();
  const db = new DatabaseSync(path);
  expect(storeVersion(db)).toBe(STORE_VERSION);
  // Told twice, filled once.
  const rows = db.prepare('SELECT * FROM fills').all();
  expect(rows).toHaveLength(1);
  expect(decode(String(rows[0].text)) as FillRow).toMatchObject({
    price: '100000.5',
    quantity: '0.012',
    notional: 1200.006,
    fee: 0.6,
    feeAsset: 'USDT',
  });
  expect(db.prepare('SELECT code FROM alerts').get()).toEqual({ code: 'OLD' });
  db.close();
});

test('what it was before is kept beside it', () => {
  const folder = stateFolder();
  const path = versionOne(folder);
  openStore(folder).lock.release();
  const copy = new DatabaseSync(`${path}.before-v${STORE_VERSION}`, { readOnly: true });
  expect(storeVersion(copy)).toBe(1);
  expect(copy.prepare('SELECT count(*) AS n FROM journal').get()).toEqual({ n: 1 });
  copy.close();
});

test('a migration that fails leaves the file as it was', () => {
  const folder = stateFolder();
  const path = versionOne(folder);
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE fills (stranger TEXT)');
  db.close();
  expect(() => new SqliteStore(path)).toThrow();
  const after = new DatabaseSync(path);
  expect(storeVersion(after)).toBe(1);
  expect(after.prepare("SELECT name FROM sqlite_master WHERE name = 'betas'").all()).toEqual([]);
  after.close();
});

test('a file of a later program is refused and stays untouched', () => {
  const folder = stateFolder();
  const path = join(folder, DATABASE_FILE);
  const store = new SqliteStore(path);
  store.db.prepare('INSERT INTO migrations VALUES (?, 0)').run(STORE_VERSION + 1);
  store.db.close();
  expect(() => openStore(folder)).toThrow(
    expect.objectContaining({
      code: 'STORE_NEWER',
      hint: expect.stringContaining('newer program'),
    }),
  );
  expect(existsSync(`${path}.damaged-1`)).toBe(false);
});
