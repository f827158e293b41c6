import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type BookkeepingWrite, writeBookkeeping } from './bookkeeping-tables.ts';
import { pruneSome } from './prune-journal.ts';
import { prepareDatabase } from './schema.ts';
import type { Committer, StoreBatch, StoreWrite } from './store-batch.ts';

/**
 * Snapshots kept: the newest, two to fall back on when it is damaged, and the first of each day,
 * from which the journal can be replayed when what came before is pruned.
 */
const FORGET_SNAPSHOTS = `DELETE FROM snapshots
  WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 3)
    AND seq NOT IN (SELECT min(seq) FROM snapshots GROUP BY CAST(at_ms / 86400000 AS INTEGER))`;

/** Until when the newest session is known to have lived. */
const LAST_ALIVE = `UPDATE sessions SET last_ms = ?
  WHERE rowid = (SELECT rowid FROM sessions ORDER BY started_ms DESC, rowid DESC LIMIT 1)`;

/** The database itself, synchronous: commits return when the disk has them. */
export class SqliteStore implements Committer {
  declare readonly db: DatabaseSync;
  declare private readonly retentionDays: number;
  private readonly statements = new Map<string, StatementSync>();

  /**
   * @param options.retentionDays market data older than this leaves the journal; default: none does
   * @throws AppError STORE_NEWER; the errors of SQLite for a file that is none
   */
  constructor(path: string, options: { retentionDays?: number } = {}) {
    this.retentionDays = options.retentionDays ?? Number.POSITIVE_INFINITY;
    this.db = new DatabaseSync(path);
    prepareDatabase(this.db);
  }

  commit(batch: StoreBatch, done: (failure: string | undefined) => void): void {
    let failure: string | undefined;
    try {
      this.write(batch);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    done(failure);
  }

  close(done: () => void): void {
    this.db.close();
    done();
  }

  /** One transaction: all of it or nothing. */
  write(batch: StoreBatch): void {
    const { db } = this;
    this.statement('BEGIN IMMEDIATE').run();
    try {
      if (batch.lines.length > 0) {
        this.statement('INSERT INTO journal (first_seq, last_seq, text) VALUES (?, ?, ?)').run(
          batch.firstSeq,
          batch.lastSeq,
          batch.lines.join('\n'),
        );
      }
      for (const each of batch.writes) this.apply(each);
      this.statement('COMMIT').run();
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  private apply(write: StoreWrite): void {
    switch (write.table) {
      case 'snapshots': {
        // The batch it was taken after: the suffix to replay begins behind it.
        const sql = `INSERT OR REPLACE INTO snapshots
          VALUES (?, ?, (SELECT coalesce(max(batch), 0) FROM journal), ?)`;
        this.statement(sql).run(write.seq, write.atMs, write.text);
        this.statement(FORGET_SNAPSHOTS).run();
        this.statement(LAST_ALIVE).run(write.atMs);
        pruneSome(this.db, { nowMs: write.atMs, retentionDays: this.retentionDays });
        return;
      }
      case 'protection':
        this.statement('DELETE FROM protection').run();
        for (const { symbol, text } of write.rows) {
          this.statement('INSERT INTO protection VALUES (?, ?)').run(symbol, text);
        }
        return;
      case 'trades':
        // Written again by a replay of the journal, a trade keeps the event that ended it.
        this.statement(
          `INSERT INTO trades (trade_id, closed_ms, text, seq) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET closed_ms = excluded.closed_ms, text = excluded.text`,
        ).run(write.tradeId, write.closedMs, write.text, write.seq);
        return;
      case 'alerts':
        this.statement('INSERT INTO alerts (at_ms, level, code, text) VALUES (?, ?, ?, ?)').run(
          write.atMs,
          write.level,
          write.code,
          write.text,
        );
        return;
      case 'sessions':
        this.statement(
          'INSERT OR REPLACE INTO sessions (boot_id, started_ms, text, last_ms) VALUES (?, ?, ?, ?)',
        ).run(write.bootId, write.startedMs, write.text, write.startedMs);
        return;
      default:
        writeBookkeeping(write satisfies BookkeepingWrite, (sql) => this.statement(sql));
    }
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}
