import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { openForReading } from '../store/open-store.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { readJournal } from '../store/store-state.ts';
import { hedgedPlan } from './testing/flow-script.ts';
import { LiveRig } from './testing/live-rig.ts';

const BTC = 'BTCUSDT';
let rig: LiveRig;

afterEach(() => rig.stop());

/** SQLite's own limit on the file: it answers "database or disk is full" like a full disk. */
function fill(disk: SqliteStore): void {
  const row = disk.db.prepare('PRAGMA page_count').get();
  disk.db.exec(`PRAGMA max_page_count = ${Number(row?.page_count)}`);
}

const makeRoom = (disk: SqliteStore) => disk.db.exec('PRAGMA max_page_count = 1000000');

test('a full disk stops entries, not protection; with room again both go on, without a hole', async () => {
  let disk: SqliteStore | undefined;
  rig = await LiveRig.start((path) => {
    disk = new SqliteStore(path);
    return disk;
  });
  if (disk === undefined) throw new Error('no disk');
  const { script, server } = rig;
  const entry = hedgedPlan().entry;
  const plan = hedgedPlan({
    hedge: undefined,
    entry: { ...entry, mode: 'taker' },
    trailFrom: 'entry',
  });
  script.next({ kind: 'enter', plan });
  rig.price(BTC, 60_000);
  await rig.until('a position', () => rig.position(BTC) > 0);
  await rig.until(
    'ladder and stops',
    () => rig.orders(BTC).length === 2 && rig.stops(BTC).length === 2,
  );

  fill(disk);
  // Journal text until the last page is full.
  await rig.until(
    'a failed commit',
    () => {
      rig.price(BTC, 60_000);
      return rig.notices.some((text) => text.includes('STORE_FAILED'));
    },
    20_000,
  );
  expect(rig.notices.find((text) => text.includes('STORE_FAILED'))).toContain('full');
  // The stop is moved although nothing can be written.
  script.next({ kind: 'trail', symbol: BTC, stopPrice: 59_800 });
  rig.price(BTC, 60_050);
  await rig.until('a moved stop', () => rig.stops(BTC).some((s) => s.triggerPrice === 59_800));
  script.next({ kind: 'exit', symbol: BTC, reason: 'choch' });
  rig.price(BTC, 60_060);
  await rig.until('flat', () => rig.position(BTC) === 0 && rig.stops(BTC).length === 0);
  await rig.until('books closed', () => rig.daemon.session.core.closedTrades === 1);

  // An entry is not sent.
  const sent = server.gateway.log.filter(({ route }) => route === 'POST /fapi/v1/order').length;
  script.next({ kind: 'enter', plan });
  rig.price(BTC, 60_000);
  const { withheld } = rig.daemon.session.core.dispatcher;
  await rig.until('a withheld entry', () => Object.keys(withheld).length > 0);
  await sleep(300);
  const after = server.gateway.log.filter(({ route }) => route === 'POST /fapi/v1/order').length;
  expect(after).toBe(sent);
  expect(withheld).toEqual({ 'the journal is not durable': 1 });
  expect(rig.position(BTC)).toBe(0);

  makeRoom(disk);
  await sleep(1_500);
  script.next({ kind: 'enter', plan });
  rig.price(BTC, 60_000);
  await rig.until('a new position', () => rig.position(BTC) > 0);
  await rig.stopSession();
  const db = openForReading(rig.opened.folder);
  const seqs = [...readJournal(db)].flatMap((each) =>
    each.type === 'event' ? [each.envelope.seq] : [],
  );
  db.close();
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
}, 60_000);
