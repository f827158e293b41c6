import type { DatabaseSync } from 'node:sqlite';
import { DAY_MS } from '../engine/units.ts';

/** Market data and clocks: what a bot hears all day. Decisions, orders and fills are kept. */
const BULK_KINDS = ['bar.closed', 'book.sampled', 'flow.sampled', 'mark.changed', 'timer.fired'];
const BULK = new RegExp(`^\\S+ \\S+ \\{"type":"event",.*"kind":"(${BULK_KINDS.join('|')})"`);

/** A few milliseconds of work in one transaction; a commit a second makes 60 a minute. */
const BATCHES_A_CALL = 300;

/** Commits up to this one have lost their market data. Kept in the file's header. */
export function prunedBatch(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/**
 * Takes market data older than the retention out of the journal, as far as the first snapshot of a
 * later day covers it: the replay then begins there. Call inside a transaction, again and again.
 * @returns commits looked at; 0 when nothing is old enough
 */
export function pruneSome(
  db: DatabaseSync,
  options: { nowMs: number; retentionDays: number },
): number {
  const { nowMs, retentionDays } = options;
  if (!Number.isFinite(retentionDays)) return 0;
  const pruned = prunedBatch(db);
  const beforeMs = nowMs - retentionDays * DAY_MS;
  const snapshot = db
    .prepare('SELECT seq, batch FROM snapshots WHERE at_ms <= ? ORDER BY seq DESC LIMIT 1')
    .get(beforeMs);
  const covered = Number(snapshot?.batch ?? 0);
  if (snapshot === undefined || covered <= pruned) return 0;
  const upTo = Math.min(covered, pruned + BATCHES_A_CALL);
  const rows = db.prepare('SELECT batch, text FROM journal WHERE batch > ? AND batch <= ?');
  const rewrite = db.prepare('UPDATE journal SET text = ? WHERE batch = ?');
  const remove = db.prepare('DELETE FROM journal WHERE batch = ?');
  for (const row of rows.all(pruned, upTo)) {
    const lines = String(row.text).split('\n');
    const kept = lines.filter((line) => !BULK.test(line));
    if (kept.length === 0) remove.run(row.batch);
    else if (kept.length < lines.length) rewrite.run(kept.join('\n'), row.batch);
  }
  db.exec(`PRAGMA user_version = ${upTo}`);
  // Snapshots before it lead nowhere any more.
  if (upTo === covered) db.prepare('DELETE FROM snapshots WHERE seq < ?').run(snapshot.seq);
  return upTo - pruned;
}
