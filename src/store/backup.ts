import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../engine/error.ts';
import { DATABASE_FILE, openForReading } from './open-store.ts';
import { integrityFindings, refuseNewer, storeVersion } from './schema.ts';
import { lockState } from './state-lock.ts';

export interface BackupReport {
  path: string;
  bytes: number;
  version: number;
  /** Last event in it. */
  lastSeq: number;
  trades: number;
}

/**
 * One file with everything up to the last commit, also while the daemon writes: it is a reader like
 * any other and holds nobody up. Checked before it gets its name.
 * @throws AppError STORE_MISSING, STORE_BACKUP, STORE_DAMAGED
 */
export function backupStore(state: string, out: string): BackupReport {
  if (existsSync(out)) {
    throw new AppError('STORE_BACKUP', `${out} exists`, 'a backup never replaces a file');
  }
  const part = `${out}.part`;
  const db = openForReading(state);
  try {
    mkdirSync(dirname(out), { recursive: true, mode: 0o700 });
    rmSync(part, { force: true });
    db.prepare('VACUUM INTO ?').run(part);
  } catch (error) {
    rmSync(part, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('STORE_BACKUP', `${out} could not be written: ${why}`);
  } finally {
    db.close();
  }
  // Strategy and balances are nobody else's business.
  chmodSync(part, 0o600);
  const report = inspectStore(part);
  durable(part);
  renameSync(part, out);
  durable(dirname(out));
  return { ...report, path: out };
}

/**
 * Puts a backup in the place of a store. What was there is kept beside it.
 * @returns the backup's report and where the old file went; undefined when there was none
 * @throws AppError STORE_LOCKED while a daemon runs, STORE_DAMAGED, STORE_NEWER, STORE_MISSING
 */
export function restoreStore(
  state: string,
  from: string,
): BackupReport & { aside: string | undefined } {
  const report = inspectStore(from);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const lock = lockState(state);
  try {
    const path = join(state, DATABASE_FILE);
    const part = `${path}.part`;
    copyFileSync(from, part);
    chmodSync(part, 0o600);
    durable(part);
    const aside = putAside(path);
    renameSync(part, path);
    durable(state);
    return { ...report, path, aside };
  } finally {
    lock.release();
  }
}

/** @throws AppError STORE_MISSING, STORE_DAMAGED, STORE_NEWER */
export function inspectStore(path: string): BackupReport {
  if (!existsSync(path)) throw new AppError('STORE_MISSING', `there is no file ${path}`);
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const findings = integrityFindings(db);
    if (findings.length > 0) throw new AppError('STORE_DAMAGED', `${path}: ${findings.join('; ')}`);
    const version = storeVersion(db);
    refuseNewer(version);
    const last = db.prepare('SELECT max(last_seq) AS seq FROM journal').get();
    const trades = db.prepare('SELECT count(*) AS count FROM trades').get();
    const { size: bytes } = statSync(path);
    return { path, bytes, version, lastSeq: Number(last?.seq ?? 0), trades: Number(trades?.count) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('STORE_DAMAGED', `${path} is not a store of this program, or is damaged`);
  } finally {
    db.close();
  }
}

function putAside(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  let i = 1;
  while (existsSync(`${path}.before-restore-${i}`)) i++;
  const aside = `${path}.before-restore-${i}`;
  for (const tail of ['', '-wal', '-shm']) {
    // The log belongs to the file it was written for.
    if (existsSync(path + tail)) renameSync(path + tail, aside + tail);
  }
  return aside;
}

function durable(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
