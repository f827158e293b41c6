import { createHash } from 'node:crypto';
import { Job, Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { AppError } from '../../engine/error.ts';
import type { TrialPool } from '../optimise/study.ts';
import type { TrialOutcome, TrialTask } from '../optimise/trial.ts';
import type { EvaluatorInput } from '../optimise/trial-evaluator.ts';
import { openRedis, queueName, redisOptions, redisPlace } from './redis-link.ts';
import { StudyShipper } from './shipped-study.ts';

/** What travels: settings only, the rest is shipped once. */
export interface GroupJob {
  study: string;
  group: readonly TrialTask[];
}

export interface DistributedOptions {
  url: string;
  study: string;
  codeVersion: string;
  input: EvaluatorInput;
  /** Groups that are tried at the same time, at a guess; results do not depend on it. */
  parallel: number;
  /** Gives up when Redis has been away for so long. */
  patienceMs: number;
  onNotice: (text: string) => void;
}

interface Waiting {
  group: readonly TrialTask[];
  onOutcome: (outcome: TrialOutcome) => void;
  resolve: () => void;
  reject: (error: unknown) => void;
  /** Being looked up or handed over: not twice at a time. */
  isBusy: boolean;
}

const POLL_MS = 1_000;
/** Times that a group is started anew before its failure counts. */
const ATTEMPTS = 5;
const NOBODY_MS = 15_000;
const CLOSE_MS = 500;

/**
 * Trials on other machines, over a BullMQ queue. Each group is one job whose id follows from study and
 * numbers, so asking again finds the job of before. Completion is told by events, and looked up once
 * a second besides, since events can be lost with a connection; a job that is gone is put in again.
 */
export class DistributedPool implements TrialPool {
  readonly parallel: number;
  declare private readonly options: DistributedOptions;
  declare private readonly redis: Redis;
  declare private readonly shipper: StudyShipper;
  declare private readonly queue: Queue<GroupJob, TrialOutcome[]>;
  declare private readonly events: QueueEvents;
  declare private readonly timer: NodeJS.Timeout;
  private readonly waiting = new Map<string, Waiting>();
  private downSinceMs: number | undefined;
  private lastNewsMs = performance.now();
  private isNobodyTold = false;
  private isClosed = false;

  /** @throws AppError RESEARCH_REDIS, RESEARCH_TAPES */
  static async open(options: DistributedOptions): Promise<DistributedPool> {
    const redis = await openRedis(options.url);
    const shipper = new StudyShipper(redis, options.study, options.input);
    await shipper.ship();
    const pool = new DistributedPool(options, redis, shipper);
    await pool.events.waitUntilReady();
    return pool;
  }

  private constructor(options: DistributedOptions, redis: Redis, shipper: StudyShipper) {
    this.options = options;
    this.redis = redis;
    this.shipper = shipper;
    this.parallel = options.parallel;
    const name = queueName(options.codeVersion);
    const connection = redisOptions(options.url);
    this.queue = new Queue(name, { connection });
    this.events = new QueueEvents(name, { connection });
    // Lost connections are reported below, by how long they last.
    this.queue.on('error', () => {});
    this.events.on('error', () => {});
    redis.on('close', () => {
      if (this.isClosed || this.downSinceMs !== undefined) return;
      options.onNotice(`Redis at ${redisPlace(options.url)} is gone, waiting for it`);
      this.downSinceMs = performance.now();
    });
    redis.on('ready', () => {
      if (this.downSinceMs !== undefined) options.onNotice('Redis is back, going on');
      this.downSinceMs = undefined;
    });
    this.events.on('completed', ({ jobId }) => void this.look(jobId));
    this.events.on('failed', ({ jobId }) => void this.look(jobId));
    this.timer = setInterval(() => this.tick(), POLL_MS);
  }

  evaluate(group: readonly TrialTask[], onOutcome: (outcome: TrialOutcome) => void): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const jobId = jobIdOf(this.options.study, group);
      const entry = { group, onOutcome, resolve, reject, isBusy: false };
      this.waiting.set(jobId, entry);
      void this.put(jobId, entry);
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    for (const { resolve } of this.waiting.values()) resolve();
    this.waiting.clear();
    // Closing waits for answers, which never come when Redis is away: the lines are cut after a while.
    const closed = Promise.allSettled([this.events.close(), this.queue.close()]);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
    // Not waited for either: without Redis they never say that they have ended.
    for (const each of [this.queue, this.events]) each.disconnect().catch(() => {});
    this.redis.disconnect();
  }

  private async put(jobId: string, entry: Waiting): Promise<void> {
    entry.isBusy = true;
    try {
      const data = { study: this.options.study, group: entry.group };
      await this.queue.add('trials', data, {
        jobId,
        attempts: ATTEMPTS,
        removeOnComplete: { age: 86_400 },
        removeOnFail: { age: 86_400 },
      });
    } catch (error) {
      if (!this.isClosed) this.options.onNotice(`not handed over yet: ${messageOf(error)}`);
    } finally {
      entry.isBusy = false;
    }
  }

  private tick(): void {
    const { patienceMs } = this.options;
    const nowMs = performance.now();
    if (this.downSinceMs !== undefined) {
      const downMs = nowMs - this.downSinceMs;
      if (downMs > patienceMs) this.giveUp(downMs);
      return;
    }
    if (this.waiting.size > 0 && nowMs - this.lastNewsMs > NOBODY_MS) void this.noteNobody();
    for (const jobId of this.waiting.keys()) void this.look(jobId);
  }

  private async noteNobody(): Promise<void> {
    const workers = await this.queue.getWorkersCount().catch(() => 0);
    if (workers > 0 || this.isNobodyTold) return;
    this.isNobodyTold = true;
    this.options.onNotice(
      `no worker of this version is there: start qcm worker with the same program (${this.options.codeVersion})`,
    );
  }

  private giveUp(downMs: number): void {
    const error = new AppError(
      'RESEARCH_REDIS',
      `Redis at ${redisPlace(this.options.url)} has been away for ${Math.round(downMs / 1_000)} s`,
      'all finished trials are kept: start Redis and run the same command again',
    );
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  /** Takes a result, or puts in again what Redis has lost. */
  private async look(jobId: string): Promise<void> {
    const entry = this.waiting.get(jobId);
    if (entry === undefined || entry.isBusy) return;
    entry.isBusy = true;
    try {
      const job = await Job.fromId<GroupJob, TrialOutcome[]>(this.queue, jobId);
      if (job === undefined) {
        await this.shipper.ship();
        await this.put(jobId, entry);
        return;
      }
      const isDone = job.finishedOn !== undefined;
      if (!isDone) return;
      this.waiting.delete(jobId);
      this.lastNewsMs = performance.now();
      if (job.failedReason !== undefined && job.returnvalue === null) {
        const text = `trials ${numbersOf(entry.group)} failed ${ATTEMPTS} times: ${job.failedReason}`;
        await job.remove();
        throw new AppError('RESEARCH_WORKER', text, 'the log of the worker has more');
      }
      for (const outcome of job.returnvalue) entry.onOutcome(outcome);
      entry.resolve();
    } catch (error) {
      if (!this.waiting.has(jobId)) entry.reject(error);
    } finally {
      entry.isBusy = false;
    }
  }
}

function jobIdOf(study: string, group: readonly TrialTask[]): string {
  const numbers = createHash('sha256').update(numbersOf(group)).digest('hex').slice(0, 12);
  return `${study}-${group[0].number}-${numbers}`;
}

function numbersOf(group: readonly TrialTask[]): string {
  return group.map(({ number }) => number).join(', ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
