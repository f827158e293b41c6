import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../engine/error.ts';

/**
 * Every change of the tables, in order; what has been released is never edited. A journal row is
 * one commit: all its lines or none, so that whatever is left after a power cut ends on a commit.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE journal (
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
];

/**
 * Write-ahead log and a sync at every commit: what `commit` said is durable survives a power cut.
 * @throws AppError STORE_NEWER when a later version of the program wrote the file
 */
export function prepareDatabase(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, at_ms REAL NOT NULL) STRICT',
  );
  const row = db.prepare('SELECT max(version) AS version FROM migrations').get();
  const version = Number(row?.version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new AppError(
      'STORE_NEWER',
      `the store has version ${version}, this program knows ${MIGRATIONS.length}`,
      'start the newer program, or use another --state folder',
    );
  }
  for (let i = version; i < MIGRATIONS.length; i++) {
    db.exec('BEGIN IMMEDIATE');
    db.exec(MIGRATIONS[i]);
    db.prepare('INSERT INTO migrations VALUES (?, ?)').run(i + 1, Date.now());
    db.exec('COMMIT');
  }
}

/** What SQLite itself finds wrong with the file; empty when nothing. */
export function integrityFindings(db: DatabaseSync): string[] {
  const rows = db.prepare('PRAGMA integrity_check(20)').all();
  return rows.map((row) => String(row.integrity_check)).filter((text) => text !== 'ok');
}
