import { Redis } from 'ioredis';

const CONNECT_MS_MAX = 2_000;
const ANSWER_MS_MAX = 1_000;
const RECONNECT_MS_MAX = 5_000;

/** One command: its name and arguments. */
export type Command = readonly [name: string, ...args: (string | number)[]];

/**
 * A connection that never queues: commands go out only while Redis is there, in one batch at a
 * time, and a batch that is not answered in a second ends the connection. So a Redis that is dead,
 * hung or slow holds at most one batch of memory.
 */
export class RedisLink {
  /** Batches that were answered in full. */
  sent = 0;
  /** Batches that failed or were not answered in time. */
  failed = 0;
  declare private readonly redis: Redis;
  declare private readonly onTrouble: (why: string) => void;
  private isBusy = false;

  constructor(options: { url: string; onTrouble: (why: string) => void }) {
    this.onTrouble = options.onTrouble;
    this.redis = new Redis(options.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_MS_MAX,
      // Nothing heard for so long after something was sent: the peer is gone, not slow.
      socketTimeout: RECONNECT_MS_MAX,
      disableClientInfo: true,
      retryStrategy: (times) => Math.min(RECONNECT_MS_MAX, 100 * 2 ** Math.min(10, times)),
    });
    this.redis.on('error', (error: Error) => this.onTrouble(error.message));
  }

  connect(): void {
    // A refused first connection is tried again like any other; `error` has told of it.
    this.redis.connect().catch(() => {});
  }

  /** Whether a batch would leave now. */
  get isFree(): boolean {
    return !this.isBusy && this.redis.status === 'ready';
  }

  /** Undefined when the batch could not be sent or was not answered; else one answer a command. */
  async send(commands: readonly Command[]): Promise<unknown[] | undefined> {
    if (!this.isFree) return undefined;
    this.isBusy = true;
    let timer: NodeJS.Timeout | undefined;
    try {
      const pipeline = this.redis.pipeline(commands.map(([name, ...args]) => [name, ...args]));
      const answering = pipeline.exec();
      // Rejected after the time is over, nobody listens any more.
      answering.catch(() => {});
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), ANSWER_MS_MAX).unref();
      });
      const answers = await Promise.race([answering, late]);
      if (answers === undefined || answers === null) {
        this.redis.disconnect(true);
        return this.fail(`no answer for ${ANSWER_MS_MAX} ms`);
      }
      const wrong = answers.find(([error]) => error !== null);
      if (wrong !== undefined) return this.fail(wrong[0]?.message ?? 'refused');
      this.sent++;
      return answers.map(([, value]) => value);
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
      this.isBusy = false;
    }
  }

  close(): void {
    this.redis.disconnect(false);
  }

  private fail(why: string): undefined {
    this.failed++;
    this.onTrouble(why);
    return undefined;
  }
}
