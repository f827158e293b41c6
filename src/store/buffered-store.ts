import { encode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { Bookkeeper, betaRows } from './bookkeeper.ts';
import { encodeRecord, type JournalRecord } from './journal-record.ts';
import { type Committer, emptyBatch, type StoreBatch, type StoreWrite } from './store-batch.ts';
import type { ProtectionRow, StoredSession } from './store-state.ts';

/** What the live core writes to. Nothing here waits for a disk; `commit` says when one has it. */
export interface StorePort {
  append(record: JournalRecord): void;
  commit(done?: (failure: string | undefined) => void): void;
  /** Takes the state as text: the live core keeps the same text to go back to. */
  saveSnapshot(snapshot: { seq: number; atMs: number; text: string }): void;
  saveProtection(rows: readonly ProtectionRow[]): void;
  saveTrade(trade: TradeRecord): void;
  saveAlert(alert: { atMs: number; level: string; code: string; text: string }): void;
  saveSession(session: StoredSession): void;
  close(done: () => void): void;
}

type Done = (failure: string | undefined) => void;

/**
 * Collects records in memory (an append costs about 20 ns; text is made at the commit) and hands
 * them to a committer, one batch at a time: what a failed batch held goes first in the next one,
 * so that the journal never has a hole.
 */
export class BufferedStore implements StorePort {
  /** Commits that failed so far. */
  failures = 0;
  declare private readonly committer: Committer;
  private records: JournalRecord[] = [];
  private writes: StoreWrite[] = [];
  private waiting: Done[] = [];
  private inFlight: StoreBatch | undefined;
  /** What a failed commit left; first in the next one. */
  private failed: StoreBatch[] = [];
  /** Batches that must stay apart: a snapshot ends its batch. */
  private ready: { batch: StoreBatch; done: Done[] }[] = [];
  private lastSeq = 0;
  private readonly bookkeeper = new Bookkeeper();

  constructor(committer: Committer) {
    this.committer = committer;
  }

  append(record: JournalRecord): void {
    this.records.push(record);
  }

  commit(done?: Done): void {
    if (done !== undefined) this.waiting.push(done);
    if (this.isEmpty()) {
      // Nothing is missing on disk, unless something is under way.
      if (this.inFlight === undefined && this.ready.length === 0) this.answer(undefined);
      return;
    }
    this.seal();
    this.pump();
  }

  saveSnapshot(snapshot: { seq: number; atMs: number; text: string }): void {
    this.writes.push({ table: 'snapshots', ...snapshot });
    this.seal();
    this.pump();
  }

  saveProtection(rows: readonly ProtectionRow[]): void {
    const texts = rows.map((row) => ({ symbol: row.symbol, text: encode(row) }));
    const old = this.writes.findIndex((write) => write.table === 'protection');
    if (old >= 0) this.writes.splice(old, 1);
    this.writes.push({ table: 'protection', rows: texts });
  }

  saveTrade(trade: TradeRecord): void {
    const { tradeId, closedMs } = trade;
    const last = this.records.findLast((record) => record.type === 'event');
    const seq = last?.envelope.seq ?? this.lastSeq;
    this.writes.push({ table: 'trades', seq, tradeId, closedMs, text: encode(trade) });
    this.writes.push(...betaRows(seq, trade));
  }

  saveAlert(alert: { atMs: number; level: string; code: string; text: string }): void {
    this.writes.push({ table: 'alerts', ...alert });
  }

  saveSession(session: StoredSession): void {
    const { bootId, startedMs } = session;
    this.writes.push({ table: 'sessions', bootId, startedMs, text: encode(session) });
  }

  close(done: () => void): void {
    this.commit(() => this.committer.close(done));
  }

  private isEmpty(): boolean {
    return this.records.length === 0 && this.writes.length === 0 && this.failed.length === 0;
  }

  private seal(): void {
    const batch = emptyBatch();
    const first = this.records.find((record) => record.type === 'event');
    batch.firstSeq = first?.envelope.seq ?? this.lastSeq;
    for (const record of this.records) {
      if (record.type === 'event') this.lastSeq = record.envelope.seq;
      batch.lines.push(encodeRecord(record));
    }
    batch.lastSeq = this.lastSeq;
    const rows = this.records.flatMap((record) => this.bookkeeper.rowsOf(record));
    batch.writes = [...rows, ...this.writes];
    this.records = [];
    this.writes = [];
    this.ready.push({ batch, done: this.waiting });
    this.waiting = [];
  }

  private pump(): void {
    if (this.inFlight !== undefined) return;
    if (this.ready.length === 0) return;
    const { batches, waiters } = this.takeReady();
    const parts = [...this.failed, ...batches];
    const batch = parts.length === 1 ? parts[0] : joined(parts);
    this.failed = [];
    this.inFlight = batch;
    this.committer.commit(batch, (failure) => {
      this.inFlight = undefined;
      if (failure !== undefined) {
        this.failures++;
        this.failed.push(batch);
      }
      for (const done of waiters) done(failure);
      if (this.ready.length > 0) this.pump();
      else this.answer(failure);
    });
  }

  /**
   * Everything that waits goes in one commit, so that nobody waits for more than the one under way
   * and his own. A snapshot ends it: what follows is replayed after it.
   */
  private takeReady(): { batches: StoreBatch[]; waiters: Done[] } {
    const batches: StoreBatch[] = [];
    const waiters: Done[] = [];
    for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) {
      batches.push(next.batch);
      waiters.push(...next.done);
      if (next.batch.writes.some((write) => write.table === 'snapshots')) break;
    }
    return { batches, waiters };
  }

  private answer(failure: string | undefined): void {
    const { waiting } = this;
    this.waiting = [];
    for (const done of waiting) done(failure);
  }
}

function joined(batches: readonly StoreBatch[]): StoreBatch {
  return {
    lines: batches.flatMap((batch) => batch.lines),
    firstSeq: batches[0].firstSeq,
    lastSeq: batches[batches.length - 1].lastSeq,
    writes: batches.flatMap((batch) => batch.writes),
  };
}
