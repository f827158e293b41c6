import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../engine/error.ts';
import { DATABASE_FILE } from '../store/open-store.ts';
import { prunedBatch, pruneSome } from '../store/prune-journal.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { lockState } from '../store/state-lock.ts';
import { DEFAULT_STATE } from './daemon-command.ts';
import { numberFlag } from './number-flag.ts';

/** `qcm journal prune`. */
export function pruneCommand(): Command {
  return new Command('prune')
    .description('take old market data out of the journal of a stopped daemon')
    .requiredOption('--days <n>', 'keep so many days before the newest snapshot')
    .option('--state <folder>', 'state folder', DEFAULT_STATE)
    .addHelpText('after', HELP)
    .action(prune);
}

const HELP = `
A running daemon prunes by itself (7 days, a piece each minute); this is for a folder that has grown
before, and gives the space back to the disk. Only bars, books, trades of the market, marks and
timers go, and only behind a snapshot that covers them: replays then begin there. Decisions, orders,
fills, trades and notices are kept for good.

Example:
  qcm journal prune --days 7 --state state/live

Exit codes: 0 done, 1 a daemon runs or the store cannot be opened.
`;

function prune({ state, days }: { state: string; days: string }): void {
  const retentionDays = numberFlag('--days', days, { low: 1 });
  const path = join(state, DATABASE_FILE);
  if (!existsSync(path)) {
    throw new AppError('STORE_MISSING', `there is no journal at ${path}`, 'qcm run writes one');
  }
  const lock = lockState(state);
  const before = statSync(path).size;
  const { db } = new SqliteStore(path);
  try {
    const newest = db.prepare('SELECT max(at_ms) AS at FROM snapshots').get();
    const nowMs = Number(newest?.at ?? 0);
    const from = prunedBatch(db);
    let seen = 0;
    do {
      db.exec('BEGIN IMMEDIATE');
      seen = pruneSome(db, { nowMs, retentionDays });
      db.exec('COMMIT');
    } while (seen > 0);
    const commits = prunedBatch(db) - from;
    db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
    const after = statSync(path).size;
    process.stdout.write(
      `${commits} commits looked through; ${megabytes(before)} before, ${megabytes(after)} now\n`,
    );
  } finally {
    db.close();
    lock.release();
  }
}
