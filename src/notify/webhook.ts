import type { LineLogger } from './decision-log.ts';
import { Outbox, type OutboxOptions, type OutMessage, type SendOutcome } from './outbox.ts';
import type { Redactor } from './redactor.ts';
import { SIGNATURE_HEADER, signature, TIMESTAMP_HEADER } from './sinks/http.ts';

const ANSWER_MS_MAX = 10_000;

export interface WebhookOptions {
  url: string;
  /** Signs stamp and body like alerts are signed; unsigned when left out. */
  secret?: string;
  logger: LineLogger;
  redactor: Redactor;
  nowMs?: () => number;
  outbox?: Partial<OutboxOptions>;
}

/**
 * Notices as POST requests: `{ text, level, code, time, lost }`. `text` alone is enough for the
 * incoming webhooks of chat services. 408, 429 and 5xx and network failures are tried again, any
 * other answer is final; redirects are not followed.
 */
export class Webhook {
  readonly name = 'webhook';
  declare readonly outbox: Outbox;
  declare private readonly options: WebhookOptions;
  private readonly ending = new AbortController();

  constructor(options: WebhookOptions) {
    this.options = options;
    const { nowMs = Date.now, logger, redactor } = options;
    this.outbox = new Outbox({
      send: ([message], lost) => this.post(message, lost),
      onTrouble: (why) => logger.warn({ why: redactor.clean(why) }, 'webhook message not sent'),
      nowMs,
      ...options.outbox,
    });
  }

  offer(message: OutMessage): void {
    this.outbox.offer(message);
  }

  /** What still hangs after the time of grace is ended: it would keep the process alive. */
  async stop(graceMs: number): Promise<void> {
    await this.outbox.stop(graceMs);
    this.ending.abort();
  }

  private async post(message: OutMessage, lost: number): Promise<SendOutcome> {
    const { url, secret, redactor, nowMs = Date.now } = this.options;
    const { level, code, atMs } = message;
    const text = redactor.clean(message.text);
    const body = JSON.stringify({ text, level, code, time: new Date(atMs).toISOString(), lost });
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (secret !== undefined) {
      const timestamp = String(nowMs());
      headers[TIMESTAMP_HEADER] = timestamp;
      headers[SIGNATURE_HEADER] = signature({ secret, timestamp, body });
    }
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS_MAX), this.ending.signal]);
      const how = { method: 'POST', redirect: 'manual', signal, headers, body } as const;
      const response = await fetch(url, how);
      await response.body?.cancel();
      const { status, ok } = response;
      if (ok) return { kind: 'sent' };
      const why = `answer ${status}`;
      if (status !== 408 && status !== 429 && status < 500) return { kind: 'refused', why };
      const afterMs = Number(response.headers.get('retry-after') ?? 0) * 1_000;
      return { kind: 'failed', why, afterMs: Number.isFinite(afterMs) ? afterMs : 0 };
    } catch (error) {
      const { message: what, cause } = error as { message: string; cause?: { code?: string } };
      return { kind: 'failed', why: cause?.code ?? what };
    }
  }
}
