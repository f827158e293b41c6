import { Worker } from 'node:worker_threads';
import type { Committer, StoreBatch } from './store-batch.ts';

/** What crosses to the worker, and back. */
export type WorkerAsk = { kind: 'commit'; batch: StoreBatch } | { kind: 'close' };
export type WorkerAnswer = { kind: 'committed'; failure: string | undefined } | { kind: 'closed' };

/**
 * The database in a thread of its own, so that a slow disk never holds up an order: the trading
 * thread hands over text and goes on.
 */
export class WorkerCommitter implements Committer {
  declare private readonly worker: Worker;
  private readonly waiting: ((failure: string | undefined) => void)[] = [];
  private onClosed: (() => void) | undefined;
  private death: string | undefined;

  constructor(path: string, options: { retentionDays?: number } = {}) {
    const file = import.meta.url.endsWith('.ts') ? './store-worker.ts' : './store-worker.js';
    const workerData = { path, ...options };
    this.worker = new Worker(new URL(file, import.meta.url), { workerData });
    this.worker.on('message', (answer: WorkerAnswer) => this.onAnswer(answer));
    this.worker.on('error', (error) => this.onDeath(String(error)));
    this.worker.on('exit', () => this.onDeath('the store thread has ended'));
  }

  commit(batch: StoreBatch, done: (failure: string | undefined) => void): void {
    if (this.death !== undefined) {
      done(this.death);
      return;
    }
    this.waiting.push(done);
    this.worker.postMessage({ kind: 'commit', batch } satisfies WorkerAsk);
  }

  close(done: () => void): void {
    if (this.death !== undefined) {
      done();
      return;
    }
    this.onClosed = done;
    this.worker.postMessage({ kind: 'close' } satisfies WorkerAsk);
  }

  private onAnswer(answer: WorkerAnswer): void {
    if (answer.kind === 'committed') this.waiting.shift()?.(answer.failure);
    else this.onDeath('the store is closed');
  }

  /** Everybody who waits is told: no entry leaves without its commit. */
  private onDeath(reason: string): void {
    this.death ??= reason;
    for (const done of this.waiting.splice(0)) done(reason);
    this.onClosed?.();
    this.onClosed = undefined;
  }
}
