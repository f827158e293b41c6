import { hostname } from 'node:os';
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { TrialOutcome } from '../optimise/trial.ts';
import { WorkerPool } from '../pool/worker-pool.ts';
import { configOfPoint } from '../space/load-space.ts';
import { recordLegs } from '../trial/recording.ts';
import type { GroupJob } from './distributed-pool.ts';
import { openRedis, queueName, redisOptions, redisPlace } from './redis-link.ts';
import { fetchStudy } from './shipped-study.ts';

export interface QueueWorkerOptions {
  url: string;
  codeVersion: string;
  /** Threads of this process. */
  threads: number;
  /** Data that was fetched once stays here. */
  cacheFolder: string;
  onNotice: (text: string) => void;
  /** A worker that is silent for so long has died: its trials are given to another. */
  lockMs?: number;
}

/** Studies whose threads are kept; the oldest is closed for a new one. */
const STUDIES_MAX = 2;
const LOCK_MS = 10_000;

/**
 * One process of a study on many machines: takes groups of trials from the queue, tries them in its
 * threads, and hands the outcomes back. This thread only talks to Redis, so that its locks stay
 * fresh while the others compute.
 */
export class QueueWorker {
  declare private readonly options: QueueWorkerOptions;
  declare private readonly redis: Redis;
  declare private readonly worker: Worker<GroupJob, TrialOutcome[]>;
  private readonly pools = new Map<string, Promise<WorkerPool>>();
  private tried = 0;
  private isDown = false;

  /** @throws AppError RESEARCH_REDIS */
  static async start(options: QueueWorkerOptions): Promise<QueueWorker> {
    return new QueueWorker(options, await openRedis(options.url));
  }

  private constructor(options: QueueWorkerOptions, redis: Redis) {
    const { lockMs = LOCK_MS, threads, onNotice } = options;
    this.options = options;
    this.redis = redis;
    this.worker = new Worker(queueName(options.codeVersion), (job) => this.work(job), {
      name: `${hostname()}-${process.pid}`,
      connection: redisOptions(options.url),
      concurrency: threads,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // Losing workers is expected; the job is none the worse for it.
      maxStalledCount: 1_000,
    });
    this.worker.on('error', () => {});
    redis.on('close', () => {
      if (!this.isDown) onNotice(`Redis at ${redisPlace(options.url)} is gone, waiting for it`);
      this.isDown = true;
    });
    redis.on('ready', () => {
      if (this.isDown) onNotice('Redis is back');
      this.isDown = false;
    });
    this.worker.on('failed', (job, error) => onNotice(`job ${job?.id} failed: ${error.message}`));
  }

  get trialsTried(): number {
    return this.tried;
  }

  /** Finishes what is being tried, takes nothing more. */
  async close(): Promise<void> {
    // Without Redis nothing can be handed back; its locks run out and others try those again.
    const closed = this.worker.close(this.isDown).catch(() => {});
    if (!this.isDown) await closed;
    this.worker.disconnect().catch(() => {});
    for (const pool of this.pools.values()) await (await pool).close();
    this.redis.disconnect();
  }

  private async work(job: Job<GroupJob, TrialOutcome[]>): Promise<TrialOutcome[]> {
    const { study, group } = job.data;
    const pool = await this.poolOf(study);
    const out: TrialOutcome[] = [];
    await pool.evaluate(group, (outcome) => out.push(outcome));
    this.tried += out.length;
    return out;
  }

  private poolOf(study: string): Promise<WorkerPool> {
    const known = this.pools.get(study);
    if (known !== undefined) return known;
    const opened = this.open(study);
    this.pools.set(study, opened);
    opened.catch(() => this.pools.delete(study));
    if (this.pools.size > STUDIES_MAX) {
      const [oldest] = this.pools.keys();
      const closing = this.pools.get(oldest);
      this.pools.delete(oldest);
      void closing?.then((pool) => pool.close());
    }
    return opened;
  }

  private async open(study: string): Promise<WorkerPool> {
    const { cacheFolder, threads, onNotice } = this.options;
    const { card, data } = await fetchStudy(this.redis, study, cacheFolder);
    const { data: hash, ...rest } = card;
    onNotice(`study ${study}: data ${hash.slice(0, 12)}, ${data.label}`);
    const { config } = configOfPoint(card, {});
    return new WorkerPool({ ...rest, data, legs: recordLegs(config, data) }, threads);
  }
}
