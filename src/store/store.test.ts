import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encode } from '../engine/journal-codec.ts';
import { BufferedStore } from './buffered-store.ts';
import { DATABASE_FILE, openForReading, openStore } from './open-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import { lockState } from './state-lock.ts';
import { readJournal, readState } from './store-state.ts';
import { eventRecord, HeldCommitter, stateFolder } from './testing/store-fixture.ts';
import { WorkerCommitter } from './worker-committer.ts';

test('commits are synced to the disk: write-ahead log, synchronous FULL', () => {
  const { db } = new SqliteStore(join(stateFolder(), DATABASE_FILE));
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  const FULL = 2;
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: FULL });
  db.close();
});

test('everything comes back: snapshot, what followed it, protection, sessions', () => {
  const folder = stateFolder();
  const opened = openStore(folder);
  expect(opened.state).toEqual({
    snapshot: undefined,
    suffix: [],
    lastSeq: 0,
    protection: [],
    sessions: [],
  });
  const store = new BufferedStore(new SqliteStore(opened.path));
  store.append(eventRecord(1));
  store.append(eventRecord(2));
  store.saveSnapshot({ seq: 2, atMs: 1_002, text: encode({ cash: -0, mark: Number.NaN }) });
  store.append(eventRecord(3));
  const row = {
    symbol: 'BTCUSDT',
    tradeId: 'a-1',
    strategyId: 's',
    side: 'buy' as const,
    lots: 5,
    stopTicks: 990_000,
    disasterTicks: 0,
    instrumentVersion: 1,
  };
  store.saveProtection([row]);
  const session = {
    bootId: 'a',
    startedMs: 1,
    codeVersion: 'x',
    configHash: 'y',
    config: { a: 1 },
    mode: 'paper',
    dataHash: 'z',
  };
  store.saveSession(session);
  store.close(() => {});
  opened.lock.release();
  const again = openStore(folder);
  expect(again.damage).toEqual([]);
  expect(again.state).toEqual({
    snapshot: { seq: 2, atMs: 1_002, state: { cash: -0, mark: Number.NaN } },
    suffix: [eventRecord(3)],
    lastSeq: 3,
    protection: [row],
    sessions: [session],
  });
  again.lock.release();
});

test('a second process, or a second start, is refused while the first holds the folder', () => {
  const folder = stateFolder();
  const lock = lockState(folder);
  expect(() => openStore(folder)).toThrow(/another process is using the state folder/);
  lock.release();
  openStore(folder).lock.release();
});

test('a newer store is refused, not converted back', () => {
  const folder = stateFolder();
  const path = join(folder, DATABASE_FILE);
  const store = new SqliteStore(path);
  store.db.exec('INSERT INTO migrations VALUES (99, 0)');
  store.db.close();
  expect(() => openStore(folder)).toThrow(/version 99/);
  expect(statSync(path).size).toBeGreaterThan(0);
});

test('a damaged newest snapshot falls back to the one before and a longer suffix', () => {
  const store = new SqliteStore(join(stateFolder(), DATABASE_FILE));
  const buffered = new BufferedStore(store);
  for (let seq = 1; seq <= 4; seq++) {
    buffered.append(eventRecord(seq));
    if (seq % 2 === 0) buffered.saveSnapshot({ seq, atMs: seq, text: encode({ seq }) });
  }
  store.db.exec("UPDATE snapshots SET text = replace(text, '4', '5') WHERE seq = 4");
  const state = readState(store.db);
  expect(state.snapshot?.seq).toBe(2);
  expect(state.suffix).toEqual([eventRecord(3), eventRecord(4)]);
  store.db.exec('DELETE FROM snapshots WHERE seq < 4');
  expect(() => readState(store.db)).toThrow(/damaged/);
  store.db.close();
});

test('a commit answers when the disk has it, and one batch is under way at a time', () => {
  const held = new HeldCommitter();
  const store = new BufferedStore(held);
  const heard: string[] = [];
  store.append(eventRecord(1));
  store.commit((failure) => heard.push(`first ${failure}`));
  store.commit((failure) => heard.push(`same ${failure}`));
  store.append(eventRecord(2));
  store.commit((failure) => heard.push(`second ${failure}`));
  expect(held.batches.length).toBe(1);
  held.answer();
  expect(heard).toEqual(['first undefined']);
  expect(held.batches.length).toBe(2);
  held.answer();
  expect(heard).toEqual(['first undefined', 'same undefined', 'second undefined']);
});

test('everything that waits goes in one commit, up to a snapshot', () => {
  const held = new HeldCommitter();
  const store = new BufferedStore(held);
  for (let seq = 1; seq <= 6; seq++) {
    store.append(eventRecord(seq));
    if (seq === 4) store.saveSnapshot({ seq, atMs: seq, text: encode({}) });
    else store.commit();
  }
  held.answer();
  held.answer();
  held.answer();
  expect(held.batches.map(({ lines }) => lines.length)).toEqual([1, 3, 2]);
  expect(held.batches.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
    [1, 1],
    [2, 4],
    [5, 6],
  ]);
});

test('what a failed commit held goes first in the next one', () => {
  const held = new HeldCommitter();
  const store = new BufferedStore(held);
  const heard: (string | undefined)[] = [];
  store.append(eventRecord(1));
  store.commit((failure) => heard.push(failure));
  store.append(eventRecord(2));
  held.answer('disk full');
  expect(heard).toEqual(['disk full']);
  store.commit((failure) => heard.push(failure));
  held.answer();
  expect(heard).toEqual(['disk full', undefined]);
  expect(held.batches[1].lines.length).toBe(2);
  expect(held.batches[1].lines[0]).toBe(held.batches[0].lines[0]);
  expect(store.failures).toBe(1);
});

test('a snapshot that had to be tried again loses nothing that came after it', () => {
  const disk = new SqliteStore(join(stateFolder(), DATABASE_FILE));
  let failures = 1;
  const store = new BufferedStore({
    commit: (batch, done) => {
      if (failures-- > 0) done('disk full');
      else disk.commit(batch, done);
    },
    close: (done) => done(),
  });
  store.append(eventRecord(1));
  store.saveSnapshot({ seq: 1, atMs: 1, text: encode({ seq: 1 }) });
  store.append(eventRecord(2));
  store.commit();
  const state = readState(disk.db);
  expect(state.snapshot?.seq).toBe(1);
  expect(state.suffix).toEqual([eventRecord(2)]);
  disk.db.close();
});

test('a failed transaction leaves nothing behind', () => {
  const store = new SqliteStore(join(stateFolder(), DATABASE_FILE));
  const bad = { table: 'sessions', bootId: null, startedMs: 0, text: '' } as never;
  const batch = { lines: ['a line'], firstSeq: 1, lastSeq: 1, writes: [bad] };
  let failure: string | undefined;
  store.commit(batch, (why) => (failure = why));
  expect(failure).toMatch(/NOT NULL/);
  expect(store.db.prepare('SELECT count(*) AS n FROM journal').get()).toEqual({ n: 0 });
  store.commit({ ...batch, writes: [] }, (why) => (failure = why));
  expect(failure).toBe(undefined);
  store.db.close();
});

test('the thread commits in order, and a reader sees it beside the writer', async () => {
  const folder = stateFolder();
  const store = new BufferedStore(new WorkerCommitter(join(folder, DATABASE_FILE)));
  for (let seq = 1; seq <= 20; seq++) {
    store.append(eventRecord(seq));
    if (seq % 3 === 0) store.commit();
  }
  const failure = await new Promise((done) => store.commit(done));
  expect(failure).toBe(undefined);
  const reader = openForReading(folder);
  const seqs = [...readJournal(reader)].map((record) =>
    record.type === 'event' ? record.envelope.seq : 0,
  );
  expect(seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  reader.close();
  await new Promise<void>((done) => store.close(done));
  // After its end everybody is told that nothing is durable any more.
  const late = await new Promise((done) => {
    store.append(eventRecord(21));
    store.commit(done);
  });
  expect(late).toMatch(/closed|ended/);
});

test('a folder without a journal is named', () => {
  expect(() => openForReading(stateFolder())).toThrow(/no journal|not a journal/);
});
