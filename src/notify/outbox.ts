import type { OperatorNotify } from '../engine/effect.ts';

export type NoticeLevel = OperatorNotify['level'];
export const NOTICE_LEVELS: readonly NoticeLevel[] = ['info', 'warning', 'alarm'];

/** One text on its way out of the process. */
export interface OutMessage {
  level: NoticeLevel;
  /** Messages of one code and text are repeats of each other. */
  code: string;
  text: string;
  /** Engine time; a rehearsal's runs faster than the outbox's own. */
  atMs: number;
  /** An answer somebody waits for: goes first, and only to this chat. */
  replyTo?: number;
}

export type SendOutcome =
  | { kind: 'sent' }
  /** Worth another try, not before `afterMs` when it is given. */
  | { kind: 'failed'; why: string; afterMs?: number }
  /** No further try can help. */
  | { kind: 'refused'; why: string };

export interface OutboxCounts {
  sent: number;
  /** Given up: the queue was full, they grew too old, or the receiver refused them. */
  dropped: number;
  /** Held back because the same was said just before. */
  repeated: number;
  retries: number;
}

export interface OutboxOptions {
  /** Sends one batch; `lost` messages were dropped since the last one that got through. */
  send: (batch: readonly OutMessage[], lost: number) => Promise<SendOutcome>;
  /** How many of the first messages go together; 1 when left out. */
  fit?: (waiting: readonly OutMessage[]) => number;
  onTrouble?: (why: string) => void;
  waitingMax?: number;
  /** Least distance between two sends. */
  gapMs?: number;
  /** First wait after a failure, doubled up to `backoffMaxMs`. */
  backoffMs?: number;
  backoffMaxMs?: number;
  /** What could not be sent for so long is no news any more. */
  ageMaxMs?: number;
  /** The same text within this time is counted, not sent. */
  repeatMs?: number;
  nowMs?: () => number;
}

const TEXTS_REMEMBERED_MAX = 500;

/**
 * A bounded queue between the trading process and a slow or dead receiver. `offer` takes no time
 * and never throws; one send is under way at a time, failures are tried again with growing waits.
 * When the queue is full the oldest of the least severe goes; how many went is told with the next
 * message that gets through.
 */
export class Outbox {
  readonly counts: OutboxCounts = { sent: 0, dropped: 0, repeated: 0, retries: 0 };
  declare private readonly options: Required<OutboxOptions>;
  private readonly waiting: OutMessage[] = [];
  /** When each came, by the machine's clock. */
  private readonly queuedMs = new WeakMap<OutMessage, number>();
  private readonly said = new Map<string, { untilMs: number; repeats: number }>();
  private lost = 0;
  private failures = 0;
  private isSending = false;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private onEmpty: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.options = {
      fit: () => 1,
      onTrouble: () => {},
      waitingMax: 200,
      gapMs: 1_100,
      backoffMs: 1_000,
      backoffMaxMs: 60_000,
      ageMaxMs: 3_600_000,
      repeatMs: 600_000,
      nowMs: Date.now,
      ...options,
    };
  }

  get length(): number {
    return this.waiting.length;
  }

  offer(message: OutMessage): void {
    if (this.isStopped) return this.drop(1);
    if (message.replyTo !== undefined) {
      // After the answers that wait already.
      const at = this.waiting.findIndex(({ replyTo }) => replyTo === undefined);
      this.waiting.splice(at < 0 ? this.waiting.length : at, 0, this.stamped(message));
    } else {
      const text = this.unlessRepeated(message);
      if (text === undefined) return;
      this.waiting.push(this.stamped({ ...message, text }));
    }
    if (this.waiting.length > this.options.waitingMax) this.dropLeast();
    this.schedule(0);
  }

  /** Resolves when everything is sent or the time is over; nothing is taken any more then. */
  async stop(graceMs: number): Promise<void> {
    if (this.waiting.length > 0 || this.isSending) {
      await new Promise<void>((resolve) => {
        // Not unreferenced: a process with nothing else to do would end before the last word.
        const timer = setTimeout(resolve, graceMs);
        this.onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.isStopped = true;
    clearTimeout(this.timer);
    this.drop(this.waiting.splice(0).length);
  }

  private schedule(delayMs: number): void {
    if (this.isSending || this.timer !== undefined || this.isStopped) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.sendNext();
    }, delayMs).unref();
  }

  private async sendNext(): Promise<void> {
    const { options, waiting } = this;
    this.dropOld();
    if (waiting.length === 0) return this.onEmpty?.();
    const batch = waiting.splice(0, Math.max(1, options.fit(waiting)));
    this.isSending = true;
    const lost = this.lost;
    let outcome: SendOutcome;
    try {
      outcome = await options.send(batch, lost);
    } catch (error) {
      outcome = { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
    this.isSending = false;
    this.schedule(this.settle(batch, lost, outcome));
    if (waiting.length === 0) this.onEmpty?.();
  }

  /** The wait before the next send. */
  private settle(batch: readonly OutMessage[], lost: number, outcome: SendOutcome): number {
    const { options, counts } = this;
    if (outcome.kind === 'sent') {
      counts.sent += batch.length;
      this.lost -= lost;
      this.failures = 0;
      return options.gapMs;
    }
    options.onTrouble(outcome.why);
    if (outcome.kind === 'refused') {
      this.drop(batch.length);
      return options.gapMs;
    }
    counts.retries++;
    this.waiting.unshift(...batch);
    while (this.waiting.length > options.waitingMax) this.dropLeast();
    const doubled = options.backoffMs * 2 ** Math.min(20, this.failures++);
    return Math.max(outcome.afterMs ?? 0, Math.min(options.backoffMaxMs, doubled));
  }

  /** The text to send, with the number of repeats before it; undefined for a repeat. */
  private unlessRepeated({ code, text }: OutMessage): string | undefined {
    const { said, options } = this;
    const nowMs = options.nowMs();
    const key = `${code} ${text}`;
    const last = said.get(key);
    if (last !== undefined && nowMs < last.untilMs) {
      last.repeats++;
      this.counts.repeated++;
      return undefined;
    }
    said.delete(key);
    said.set(key, { untilMs: nowMs + options.repeatMs, repeats: 0 });
    for (const oldest of said.keys()) {
      if (said.size <= TEXTS_REMEMBERED_MAX) break;
      said.delete(oldest);
    }
    const repeats = last?.repeats ?? 0;
    return repeats === 0 ? text : `${text} (${repeats} times more since the last message)`;
  }

  private dropLeast(): void {
    const { waiting } = this;
    for (const level of NOTICE_LEVELS) {
      const at = waiting.findIndex((each) => each.level === level && each.replyTo === undefined);
      if (at < 0) continue;
      waiting.splice(at, 1);
      return this.drop(1);
    }
    waiting.pop();
    this.drop(1);
  }

  private dropOld(): void {
    const { ageMaxMs, nowMs } = this.options;
    const oldestMs = nowMs() - ageMaxMs;
    const old = this.waiting.filter((each) => (this.queuedMs.get(each) ?? 0) < oldestMs);
    for (const each of old) this.waiting.splice(this.waiting.indexOf(each), 1);
    this.drop(old.length);
  }

  private stamped(message: OutMessage): OutMessage {
    const own = { ...message };
    this.queuedMs.set(own, this.options.nowMs());
    return own;
  }

  private drop(count: number): void {
    this.counts.dropped += count;
    this.lost += count;
  }
}
