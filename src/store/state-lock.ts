import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../engine/error.ts';

const SQLITE_BUSY = 5;

/** Only one process trades on a state folder. */
export interface StateLock {
  release(): void;
}

/**
 * An operating-system lock that ends with the process, however it ends: no stale lock files.
 * @throws AppError STORE_LOCKED while another process holds it
 */
export function lockState(folder: string): StateLock {
  const db = new DatabaseSync(join(folder, 'lock.db'));
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new AppError(
      'STORE_LOCKED',
      `another process is using the state folder ${folder}`,
      'stop it first, or give this one its own folder with --state',
    );
  }
  return { release: () => db.close() };
}
