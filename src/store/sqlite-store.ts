import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { prepareDatabase } from './schema.ts';
import type { Committer, StoreBatch, StoreWrite } from './store-batch.ts';

/** Snapshots kept: the newest, and two to fall back on when it is damaged. */
const SNAPSHOTS_MAX = 3;

/** The database itself, synchronous: commits return when the disk has them. */
export class SqliteStore implements Committer {
  declare readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  /** @throws AppError STORE_NEWER; the errors of SQLite for a file that is none */
  constructor(path: string) {
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
    db.exec('BEGIN IMMEDIATE');
    try {
      if (batch.lines.length > 0) {
        this.statement('INSERT INTO journal (first_seq, last_seq, text) VALUES (?, ?, ?)').run(
          batch.firstSeq,
          batch.lastSeq,
          batch.lines.join('\n'),
        );
      }
      for (const each of batch.writes) this.apply(each);
      db.exec('COMMIT');
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
        const old = `DELETE FROM snapshots WHERE seq NOT IN
          (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ${SNAPSHOTS_MAX})`;
        this.statement(old).run();
        return;
      }
      case 'protection':
        this.statement('DELETE FROM protection').run();
        for (const { symbol, text } of write.rows) {
          this.statement('INSERT INTO protection VALUES (?, ?)').run(symbol, text);
        }
        return;
      case 'trades':
        this.statement('INSERT OR REPLACE INTO trades VALUES (?, ?, ?)').run(
          write.tradeId,
          write.closedMs,
          write.text,
        );
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
        this.statement('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)').run(
          write.bootId,
          write.startedMs,
          write.text,
        );
        return;
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
