import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../engine/error.ts';
import { decode } from '../engine/journal-codec.ts';
import type { Ticks } from '../engine/units.ts';
import { decodeRecord, type JournalRecord } from './journal-record.ts';
import { prunedBatch } from './prune-journal.ts';

/** What a start finds in the store: enough to go on as if never stopped. */
export interface StoreState {
  /** The newest undamaged snapshot. */
  snapshot: StoredSnapshot | undefined;
  /** Everything journalled after it. */
  suffix: JournalRecord[];
  /** Highest sequence number ever given. */
  lastSeq: number;
  protection: ProtectionRow[];
  sessions: StoredSession[];
}

export interface StoredSnapshot {
  seq: number;
  atMs: number;
  state: unknown;
}

/** What is needed to protect a position before anything else is known. */
export interface ProtectionRow {
  symbol: string;
  tradeId: string;
  strategyId: string;
  side: 'buy' | 'sell';
  lots: number;
  stopTicks: Ticks;
  /** 0 when there is none. */
  disasterTicks: Ticks;
  instrumentVersion: number;
  /** The others of its trade hedge it. Rows of older versions do not say. */
  isMain?: boolean;
}

export interface StoredSession {
  bootId: string;
  startedMs: number;
  codeVersion: string;
  configHash: string;
  /** The effective configuration, so that a journal can be replayed anywhere. */
  config: unknown;
  mode: string;
  dataHash: string;
}

/** @throws AppError ENGINE_CODEC when something that is needed is damaged */
export function readState(db: DatabaseSync): StoreState {
  const { snapshot, batch } = newestSnapshot(db);
  const suffix: JournalRecord[] = [];
  let lastSeq = snapshot?.seq ?? 0;
  // From the snapshot's own commit on: one that had to be tried again may hold later events, too.
  const rows = db.prepare('SELECT text, last_seq FROM journal WHERE batch >= ? ORDER BY batch');
  for (const row of rows.iterate(batch)) {
    lastSeq = Math.max(lastSeq, Number(row.last_seq));
    for (const line of String(row.text).split('\n')) {
      const record = decodeRecord(line);
      if (snapshot === undefined || isAfter(record, snapshot.seq)) suffix.push(record);
    }
  }
  return {
    snapshot,
    suffix,
    lastSeq,
    protection: readProtection(db),
    sessions: readSessions(db),
  };
}

/**
 * The session that the books are of: the newest one whose first event is in the journal. One that
 * died before it was durable has left its configuration, but has decided nothing.
 */
export function lastBegun({ snapshot, suffix, sessions }: StoreState): StoredSession | undefined {
  const bad = new Set(suffix.flatMap((each) => (each.type === 'poisoned' ? [each.seq] : [])));
  const saved = snapshot?.state as { engine?: { kernel?: { bootId?: string } } } | undefined;
  let bootId = saved?.engine?.kernel?.bootId;
  for (const record of suffix) {
    if (record.type !== 'event' || bad.has(record.envelope.seq)) continue;
    const { event } = record.envelope;
    if (event.kind === 'session.started') ({ bootId } = event);
  }
  return sessions.find((session) => session.bootId === bootId);
}

/** Of the records that replay an event or its effects; whether they come after event `seq`. */
export function isAfter(record: JournalRecord, seq: number): boolean {
  if (record.type === 'event') return record.envelope.seq > seq;
  return (record.type === 'effects' || record.type === 'poisoned') && record.seq > seq;
}

/** All records of a journal from a commit on, one commit at a time. */
export function* readJournal(db: DatabaseSync, fromBatch = 0): Generator<JournalRecord> {
  const rows = db.prepare('SELECT text FROM journal WHERE batch >= ? ORDER BY batch');
  for (const row of rows.iterate(fromBatch)) {
    for (const line of String(row.text).split('\n')) yield decodeRecord(line);
  }
}

/** Only what says of other records that they do not count: few, and told by their first letters. */
export function* readMarks(db: DatabaseSync): Generator<JournalRecord> {
  for (const row of db.prepare('SELECT text FROM journal ORDER BY batch').iterate()) {
    const text = String(row.text);
    if (!MARK.test(text)) continue;
    for (const line of text.split('\n')) if (MARK.test(line)) yield decodeRecord(line);
  }
}

const MARK = /"type":"(?:poisoned|rewound)"/;

/**
 * The snapshot that a replay begins at, when the market data before it is gone.
 * @throws AppError STORE_REPLAY when no snapshot covers what was pruned, ENGINE_CODEC
 */
export function prunedStart(db: DatabaseSync): (StoredSnapshot & { batch: number }) | undefined {
  const pruned = prunedBatch(db);
  if (pruned === 0) return undefined;
  const row = db
    .prepare('SELECT * FROM snapshots WHERE batch >= ? ORDER BY seq LIMIT 1')
    .get(pruned);
  if (row === undefined) {
    throw new AppError('STORE_REPLAY', 'the journal is pruned and no snapshot covers it');
  }
  const state = decode(String(row.text));
  return { seq: Number(row.seq), atMs: Number(row.at_ms), state, batch: Number(row.batch) };
}

export function readSessions(db: DatabaseSync): StoredSession[] {
  const rows = db.prepare('SELECT text FROM sessions ORDER BY started_ms, rowid').all();
  return rows.map((row) => decode(String(row.text)) as StoredSession);
}

function readProtection(db: DatabaseSync): ProtectionRow[] {
  const rows = db.prepare('SELECT text FROM protection ORDER BY symbol').all();
  return rows.map((row) => decode(String(row.text)) as ProtectionRow);
}

function newestSnapshot(db: DatabaseSync): {
  snapshot: StoredSnapshot | undefined;
  batch: number;
} {
  let damage: unknown;
  for (const row of db.prepare('SELECT * FROM snapshots ORDER BY seq DESC').iterate()) {
    try {
      const state = decode(String(row.text));
      const snapshot = { seq: Number(row.seq), atMs: Number(row.at_ms), state };
      return { snapshot, batch: Number(row.batch) };
    } catch (error) {
      // An older one and a longer suffix lead to the same state.
      damage = error;
    }
  }
  // Without any that is whole, something is lost.
  if (damage !== undefined) throw damage;
  return { snapshot: undefined, batch: 0 };
}
