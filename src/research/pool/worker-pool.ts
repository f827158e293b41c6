import { Worker } from 'node:worker_threads';
import { AppError } from '../../engine/error.ts';
import type { TrialPool } from '../optimise/study.ts';
import type { TrialOutcome, TrialTask } from '../optimise/trial.ts';
import type { EvaluatorInput } from '../optimise/trial-evaluator.ts';

/** To a worker: settings to try. Back: each outcome, then that the group is done. */
export type PoolAsk = { group: readonly TrialTask[] };
export type PoolAnswer = { outcome: TrialOutcome } | { done: true };

interface Job {
  left: TrialTask[];
  onOutcome: (outcome: TrialOutcome) => void;
  resolve: () => void;
  reject: (error: unknown) => void;
  losses: number;
}

/** A group is given up when this many workers have died over it. */
const LOSSES_MAX = 3;
/** What a trial throws away at once is small; more would only be memory per thread. */
const YOUNG_MB = 16;

/**
 * Worker threads that share the bars. A worker that dies is replaced and the rest of its group is
 * tried again; results are the same, so nothing but time is lost.
 */
export class WorkerPool implements TrialPool {
  readonly parallel: number;
  declare private readonly input: EvaluatorInput;
  private readonly queue: Job[] = [];
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Job>();
  private isClosed = false;

  constructor(input: EvaluatorInput, workers: number) {
    this.parallel = workers;
    this.input = input;
    for (let i = 0; i < workers; i++) this.idle.push(this.spawn());
  }

  evaluate(group: readonly TrialTask[], onOutcome: (outcome: TrialOutcome) => void): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.queue.push({ left: [...group], onOutcome, resolve, reject, losses: 0 });
      this.next();
    });
  }

  /** Drops what waits and ends the threads. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const job of [...this.queue.splice(0), ...this.busy.values()]) job.resolve();
    await Promise.all([...this.idle, ...this.busy.keys()].map((worker) => worker.terminate()));
  }

  private spawn(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './trial-worker.ts' : './trial-worker.js';
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: this.input,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on('message', (answer: PoolAnswer) => this.onAnswer(worker, answer));
    worker.on('error', (error) => this.onDeath(worker, error));
    worker.on('exit', (code) => this.onDeath(worker, new Error(`it ended with code ${code}`)));
    return worker;
  }

  private next(): void {
    while (this.idle.length > 0 && this.queue.length > 0) {
      const worker = this.idle.shift() as Worker;
      const job = this.queue.shift() as Job;
      this.busy.set(worker, job);
      worker.postMessage({ group: job.left } satisfies PoolAsk);
    }
  }

  private onAnswer(worker: Worker, answer: PoolAnswer): void {
    const job = this.busy.get(worker);
    if (job === undefined) return;
    if ('outcome' in answer) {
      job.left = job.left.filter(({ number }) => number !== answer.outcome.number);
      try {
        job.onOutcome(answer.outcome);
      } catch (error) {
        job.reject(error);
      }
      return;
    }
    this.busy.delete(worker);
    this.idle.push(worker);
    job.resolve();
    this.next();
  }

  private onDeath(worker: Worker, error: unknown): void {
    const job = this.busy.get(worker);
    this.busy.delete(worker);
    const at = this.idle.indexOf(worker);
    if (at < 0 && job === undefined) return;
    if (at >= 0) this.idle.splice(at, 1);
    if (this.isClosed) return;
    if (job !== undefined && ++job.losses >= LOSSES_MAX) {
      const why = error instanceof Error ? error.message : String(error);
      const numbers = job.left.map(({ number }) => number).join(', ');
      const text = `${job.losses} workers died over trials ${numbers}: ${why}`;
      job.reject(new AppError('RESEARCH_WORKER', text, 'fewer --workers need less memory'));
    } else if (job !== undefined) this.queue.unshift(job);
    this.idle.push(this.spawn());
    this.next();
  }
}
