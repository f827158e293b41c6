import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../engine/error.ts';
import { decode } from '../engine/journal-codec.ts';
import { decodeRecord } from './journal-record.ts';
import { prunedBatch } from './prune-journal.ts';
import { integrityFindings } from './schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import { lockState, type StateLock } from './state-lock.ts';
import { readState, type StoreState } from './store-state.ts';

export const DATABASE_FILE = 'qcm.db';

export interface OpenedStore {
  folder: string;
  /** Where the database is, for a worker thread to open. */
  path: string;
  lock: StateLock;
  state: StoreState;
  /** What was damaged and what was kept; empty for a healthy store. */
  damage: string[];
}

/**
 * Locks the folder, checks the database, reads what a start needs. A damaged database is put aside
 * under another name and everything that is still whole, up to a commit, goes into a new one: the
 * venue is the truth, and the reconciler finds what is missing.
 * @throws AppError STORE_LOCKED, STORE_NEWER, STORE_FOLDER
 */
export function openStore(folder: string): OpenedStore {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('STORE_FOLDER', `the state folder ${folder} cannot be used: ${why}`);
  }
  const lock = lockState(folder);
  try {
    const path = join(folder, DATABASE_FILE);
    return { folder, path, lock, ...openChecked(path) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openChecked(path: string): Pick<OpenedStore, 'state' | 'damage'> {
  let store: SqliteStore | undefined;
  try {
    store = new SqliteStore(path);
    const findings = integrityFindings(store.db);
    if (findings.length === 0) return { state: readState(store.db), damage: [] };
    throw new AppError('STORE_DAMAGED', findings.join('; '));
  } catch (error) {
    if (error instanceof AppError && error.code === 'STORE_NEWER') throw error;
    const why = error instanceof Error ? error.message : String(error);
    return salvage(path, why);
  } finally {
    store?.db.close();
  }
}

function salvage(path: string, why: string): Pick<OpenedStore, 'state' | 'damage'> {
  const aside = freeName(path);
  renameSync(path, aside);
  for (const tail of ['-wal', '-shm']) {
    // The log belongs to the file it was written for.
    if (existsSync(path + tail)) renameSync(path + tail, aside + tail);
  }
  const store = new SqliteStore(path);
  try {
    const kept = copyWhole(aside, store);
    const damage = [
      `the store was damaged (${why}); it is kept as ${aside}`,
      `kept: ${kept.batches} commits of the journal, ${kept.rows} other rows`,
    ];
    return { state: readState(store.db), damage };
  } finally {
    store.db.close();
  }
}

function freeName(path: string): string {
  for (let i = 1; ; i++) {
    const name = `${path}.damaged-${i}`;
    if (!existsSync(name)) return name;
  }
}

/** Tables beside the journal; each row stands for itself. */
const OTHER_TABLES = [
  { name: 'snapshots', text: 'text' },
  { name: 'protection', text: 'text' },
  { name: 'sessions', text: 'text' },
  { name: 'trades', text: 'text' },
  { name: 'alerts', text: undefined },
  { name: 'fills', text: 'text' },
  { name: 'cash_flows', text: 'text' },
  { name: 'signals', text: 'text' },
  { name: 'breakers', text: undefined },
  { name: 'betas', text: undefined },
] as const;

function copyWhole(from: string, to: SqliteStore): { batches: number; rows: number } {
  let old: DatabaseSync;
  try {
    old = new DatabaseSync(from);
  } catch {
    // Not even a header: there is nothing to keep.
    return { batches: 0, rows: 0 };
  }
  try {
    const batches = copyJournal(old, to.db);
    const rows = OTHER_TABLES.reduce((sum, table) => sum + copyRows(old, to.db, table), 0);
    // A snapshot that claims batches which were lost starts behind what is left.
    to.db.exec(
      'UPDATE snapshots SET batch = min(batch, (SELECT coalesce(max(batch), 0) FROM journal))',
    );
    return { batches, rows };
  } finally {
    old.close();
  }
}

/** Commits from the first on, up to the first that is damaged or missing. */
function copyJournal(old: DatabaseSync, to: DatabaseSync): number {
  let batches = 0;
  let last = 0;
  try {
    const pruned = prunedBatch(old);
    to.exec(`PRAGMA user_version = ${pruned}`);
    const insert = to.prepare('INSERT INTO journal VALUES (?, ?, ?, ?)');
    for (const row of old.prepare('SELECT * FROM journal ORDER BY batch').iterate()) {
      // Only pruning leaves holes, and it says up to where.
      if (Number(row.batch) !== last + 1 && Number(row.batch) > pruned) break;
      for (const line of String(row.text).split('\n')) decodeRecord(line);
      insert.run(row.batch, row.first_seq, row.last_seq, row.text);
      last = Number(row.batch);
      batches++;
    }
  } catch {
    // The end of what is whole.
  }
  return batches;
}

function copyRows(
  old: DatabaseSync,
  to: DatabaseSync,
  table: (typeof OTHER_TABLES)[number],
): number {
  let rows = 0;
  try {
    for (const row of old.prepare(`SELECT * FROM ${table.name}`).iterate()) {
      try {
        if (table.text !== undefined) decode(String(row[table.text]));
        // By name: the damaged file may be of an older version, with fewer columns.
        const names = Object.keys(row);
        const marks = names.map(() => '?').join(', ');
        const sql = `INSERT OR REPLACE INTO ${table.name} (${names.join(', ')}) VALUES (${marks})`;
        const insert = to.prepare(sql);
        insert.run(...Object.values(row));
        rows++;
      } catch {
        // This row is damaged; the next may be whole.
      }
    }
  } catch {
    // The table cannot be read any further.
  }
  return rows;
}

/** Opens a store to read it, beside a process that may be writing it. */
export function openForReading(pathOrFolder: string): DatabaseSync {
  const isFolder = existsSync(pathOrFolder) && statSync(pathOrFolder).isDirectory();
  const path = isFolder ? join(pathOrFolder, DATABASE_FILE) : pathOrFolder;
  if (!existsSync(path)) {
    throw new AppError('STORE_MISSING', `there is no journal at ${path}`, 'qcm run writes one');
  }
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.prepare('SELECT count(*) FROM journal').get();
    return db;
  } catch {
    db.close();
    throw new AppError('STORE_MISSING', `${path} is not a journal of this program`);
  }
}
