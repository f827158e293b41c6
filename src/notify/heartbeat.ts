import type { LineLogger } from './decision-log.ts';
import { LineLimiter } from './line-limiter.ts';

const EVERY_MS = 60_000;
const ANSWER_MS_MAX = 10_000;

export interface HeartbeatOptions {
  url: string;
  /** Why no beat is due; undefined while all is well. */
  trouble: () => string | undefined;
  logger: LineLogger;
  everyMs?: number;
  nowMs?: () => number;
}

/**
 * Calls an address once a minute while all is well. A service that expects the calls (a dead man's
 * switch) tells its owner when they stay away: the process is dead, the server, its network, or the
 * session is not well. Failures are logged, and nothing else.
 */
export class Heartbeat {
  sent = 0;
  failed = 0;
  /** Beats left out because something was wrong. */
  withheld = 0;
  declare private readonly options: HeartbeatOptions;
  private readonly limiter = new LineLimiter({ perMinute: 1 });
  private timer: NodeJS.Timeout | undefined;
  private readonly ending = new AbortController();
  private isUnderWay = false;

  constructor(options: HeartbeatOptions) {
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => void this.beat(), this.options.everyMs ?? EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.ending.abort();
  }

  async beat(): Promise<void> {
    if (this.isUnderWay) return;
    const trouble = this.options.trouble();
    if (trouble !== undefined) {
      this.withheld++;
      return this.warn('heartbeat withheld', trouble);
    }
    this.isUnderWay = true;
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS_MAX), this.ending.signal]);
      const response = await fetch(this.options.url, { redirect: 'manual', signal });
      await response.body?.cancel();
      if (response.ok) this.sent++;
      else this.fail(`answer ${response.status}`);
    } catch (error) {
      const { message, cause } = error as { message: string; cause?: { code?: string } };
      this.fail(cause?.code ?? message);
    } finally {
      this.isUnderWay = false;
    }
  }

  private fail(why: string): void {
    this.failed++;
    this.warn('heartbeat not delivered', why);
  }

  private warn(what: string, why: string): void {
    const held = this.limiter.take(what, (this.options.nowMs ?? Date.now)());
    if (held !== undefined) this.options.logger.warn({ why, held }, what);
  }
}
