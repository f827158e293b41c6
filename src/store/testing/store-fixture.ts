import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalRecord } from '../journal-record.ts';
import type { Committer, StoreBatch } from '../store-batch.ts';

export function stateFolder(): string {
  return mkdtempSync(join(tmpdir(), 'qcm-state-'));
}

export function eventRecord(seq: number): JournalRecord {
  const event = { kind: 'feed.gapped', symbol: 'BTCUSDT', reason: `made up ${seq}` } as const;
  return { type: 'event', envelope: { seq, atMs: 1_000 + seq, source: 'feed', event } };
}

/** Keeps batches and answers when the test says so. */
export class HeldCommitter implements Committer {
  readonly batches: StoreBatch[] = [];
  private readonly waiting: ((failure: string | undefined) => void)[] = [];

  commit(batch: StoreBatch, done: (failure: string | undefined) => void): void {
    this.batches.push(batch);
    this.waiting.push(done);
  }

  answer(failure?: string): void {
    this.waiting.shift()?.(failure);
  }

  close(done: () => void): void {
    done();
  }
}
