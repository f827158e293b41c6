import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { Bookkeeper, betaRows } from './bookkeeper.ts';
import { decodeRecord } from './journal-record.ts';
import type { StoreWrite } from './store-batch.ts';

type BookkeepingTable = 'fills' | 'cashFlows' | 'signals' | 'breakers' | 'betas' | 'rewound';

export type BookkeepingWrite = Extract<StoreWrite, { table: BookkeepingTable }>;

/** Rows that name the event they came from, and go with it when it is taken back. */
const TIED_TO_EVENTS = ['trades', 'fills', 'cash_flows', 'signals', 'breakers', 'betas'];

export function writeBookkeeping(
  write: BookkeepingWrite,
  statement: (sql: string) => StatementSync,
): void {
  switch (write.table) {
    case 'fills':
      // A fill may be told twice; the engine counts it once, and so do the books.
      statement('INSERT OR IGNORE INTO fills VALUES (?, ?, ?, ?, ?)').run(
        write.seq,
        write.atMs,
        write.symbol,
        write.fillId,
        write.text,
      );
      return;
    case 'cashFlows':
      statement('INSERT OR IGNORE INTO cash_flows VALUES (?, ?, ?, ?, ?)').run(
        write.seq,
        write.atMs,
        write.kind,
        write.name,
        write.text,
      );
      return;
    case 'signals':
      statement('INSERT INTO signals (seq, at_ms, symbol, side, text) VALUES (?, ?, ?, ?, ?)').run(
        write.seq,
        write.atMs,
        write.symbol,
        write.side,
        write.text,
      );
      return;
    case 'breakers':
      statement('INSERT INTO breakers (seq, at_ms, rule, change, text) VALUES (?, ?, ?, ?, ?)').run(
        write.seq,
        write.atMs,
        write.rule,
        write.change,
        write.text,
      );
      return;
    case 'betas':
      statement(
        'INSERT INTO betas (seq, at_ms, symbol, beta, correlation) VALUES (?, ?, ?, ?, ?)',
      ).run(write.seq, write.atMs, write.symbol, write.beta, write.correlation);
      return;
    case 'rewound':
      for (const table of TIED_TO_EVENTS) {
        const sql = `DELETE FROM ${table} WHERE seq > ? AND seq <= ?`;
        statement(sql).run(write.toSeq, write.fromSeq);
      }
      // Of a line of time that ended; the newest that is left is the one gone back to.
      statement('DELETE FROM snapshots WHERE seq > ? AND seq <= ?').run(write.toSeq, write.fromSeq);
      return;
  }
}

/** What the tables would hold had they been there when the journal was written. */
export function backfillBookkeeping(db: DatabaseSync): void {
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const found = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, found);
    return found;
  };
  const bookkeeper = new Bookkeeper();
  let lastMs = 0;
  const lastOf = statement('UPDATE sessions SET last_ms = ? WHERE boot_id = ?');
  let bootId = '';
  const rows = db.prepare('SELECT text FROM journal ORDER BY batch');
  for (const row of rows.iterate()) {
    for (const line of String(row.text).split('\n')) {
      const record = decodeRecord(line);
      if (record.type === 'event') {
        const { atMs, event } = record.envelope;
        if (event.kind === 'session.started') {
          lastOf.run(lastMs, bootId);
          bootId = event.bootId;
        }
        lastMs = atMs;
      }
      // What was taken back then is missing from its tables already.
      for (const write of bookkeeper.rowsOf(record)) {
        if (isBookkeeping(write)) writeBookkeeping(write, statement);
      }
    }
  }
  lastOf.run(lastMs, bootId);
  for (const row of db.prepare('SELECT text, seq FROM trades').all()) {
    const trade = decode(String(row.text)) as TradeRecord;
    for (const write of betaRows(0, trade)) {
      if (isBookkeeping(write)) writeBookkeeping(write, statement);
    }
  }
}

function isBookkeeping(write: StoreWrite): write is BookkeepingWrite {
  return !['snapshots', 'protection', 'trades', 'alerts', 'sessions'].includes(write.table);
}
