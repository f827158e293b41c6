import { existsSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../engine/error.ts';
import { backfillBookkeeping } from './bookkeeping-tables.ts';

interface Migration {
  sql: string;
  /** What the new tables would hold had they been there from the start. */
  fill?: (db: DatabaseSync) => void;
}

/**
 * Every change of the tables, in order; what has been released is never edited. A journal row is
 * one commit: all its lines or none, so that whatever is left after a power cut ends on a commit.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    sql: `CREATE TABLE journal (
     batch INTEGER PRIMARY KEY,
     first_seq INTEGER NOT NULL,
     last_seq INTEGER NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE snapshots (
     seq INTEGER PRIMARY KEY,
     at_ms REAL NOT NULL,
     batch INTEGER NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE protection (symbol TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
   CREATE TABLE trades (
     trade_id TEXT PRIMARY KEY,
     closed_ms REAL NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE alerts (
     id INTEGER PRIMARY KEY,
     at_ms REAL NOT NULL,
     level TEXT NOT NULL,
     code TEXT NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE sessions (
     boot_id TEXT PRIMARY KEY,
     started_ms REAL NOT NULL,
     text TEXT NOT NULL
   ) STRICT;`,
  },
  {
    sql: `ALTER TABLE trades ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE sessions ADD COLUMN last_ms REAL NOT NULL DEFAULT 0;
   CREATE TABLE fills (
     seq INTEGER PRIMARY KEY,
     at_ms REAL NOT NULL,
     symbol TEXT NOT NULL,
     fill_id TEXT NOT NULL,
     text TEXT NOT NULL,
     UNIQUE (symbol, fill_id)
   ) STRICT;
   CREATE TABLE cash_flows (
     seq INTEGER PRIMARY KEY,
     at_ms REAL NOT NULL,
     kind TEXT NOT NULL,
     name TEXT NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE signals (
     id INTEGER PRIMARY KEY,
     seq INTEGER NOT NULL,
     at_ms REAL NOT NULL,
     symbol TEXT NOT NULL,
     side TEXT NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE breakers (
     id INTEGER PRIMARY KEY,
     seq INTEGER NOT NULL,
     at_ms REAL NOT NULL,
     rule TEXT NOT NULL,
     change TEXT NOT NULL,
     text TEXT NOT NULL
   ) STRICT;
   CREATE TABLE betas (
     id INTEGER PRIMARY KEY,
     seq INTEGER NOT NULL,
     at_ms REAL NOT NULL,
     symbol TEXT NOT NULL,
     beta REAL NOT NULL,
     correlation REAL NOT NULL
   ) STRICT;`,
    fill: backfillBookkeeping,
  },
];

/** Version of the tables that this program reads and writes. */
export const STORE_VERSION = MIGRATIONS.length;

/**
 * Write-ahead log and a sync at every commit: what `commit` said is durable survives a power cut.
 * An older file is brought up to date in one transaction a version, after a copy of it was made.
 * @throws AppError STORE_NEWER when a later version of the program wrote the file
 */
export function prepareDatabase(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, at_ms REAL NOT NULL) STRICT',
  );
  const version = storeVersion(db);
  refuseNewer(version);
  if (version > 0 && version < STORE_VERSION) copyBeforeMigration(db);
  for (let i = version; i < STORE_VERSION; i++) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(MIGRATIONS[i].sql);
      MIGRATIONS[i].fill?.(db);
      db.prepare('INSERT INTO migrations VALUES (?, ?)').run(i + 1, Date.now());
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** 0 for a file without tables. */
export function storeVersion(db: DatabaseSync): number {
  return Number(db.prepare('SELECT max(version) AS version FROM migrations').get()?.version ?? 0);
}

/** @throws AppError STORE_NEWER */
export function refuseNewer(version: number): void {
  if (version <= STORE_VERSION) return;
  throw new AppError(
    'STORE_NEWER',
    `the store has version ${version}, this program knows ${STORE_VERSION}`,
    'start the newer program, or use another --state folder',
  );
}

/** Beside the file, under the version that follows: what the older program can go back to. */
function copyBeforeMigration(db: DatabaseSync): void {
  const path = db.location();
  if (path === null) return;
  const copy = `${path}.before-v${STORE_VERSION}`;
  // Of a migration that did not come to its end: the file is still what it was.
  if (existsSync(copy)) rmSync(copy);
  db.prepare('VACUUM INTO ?').run(copy);
}

/** What SQLite itself finds wrong with the file; empty when nothing. */
export function integrityFindings(db: DatabaseSync): string[] {
  const rows = db.prepare('PRAGMA integrity_check(20)').all();
  return rows.map((row) => String(row.integrity_check)).filter((text) => text !== 'ok');
}
