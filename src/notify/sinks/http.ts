import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertSink, Delivery } from '../alert-dispatcher.ts';
import type { AlertMessage } from '../alert-message.ts';

/** Time of sending, ms since 1970, as decimal text. Part of what is signed. */
export const TIMESTAMP_HEADER = 'x-qcm-timestamp';
/** `sha256=` and the HMAC-SHA256 of `<timestamp>.<body>` in hex, under the shared secret. */
export const SIGNATURE_HEADER = 'x-qcm-signature';

export interface HttpSinkOptions {
  url: string;
  secret: string;
  /** Tries before giving up; 4 when left out. */
  attempts?: number;
  /** Wait before the second try, doubled for each further one; 1,000 ms when left out. */
  backoffMs?: number;
  /** A try without an answer for this long has failed; 5,000 ms when left out. */
  answerMsMax?: number;
  now?: () => number;
}

/**
 * Alerts as POST requests with a JSON body. Every try is stamped and signed anew, because receivers
 * refuse messages older than 60 s. Answers 2xx end it well; 408, 429 and 5xx and network failures
 * are tried again with growing waits; any other answer is final. Redirects are not followed.
 */
export class HttpSink implements AlertSink {
  readonly name: string;
  private readonly url: string;
  private readonly secret: string;
  private readonly attempts: number;
  private readonly backoffMs: number;
  private readonly answerMsMax: number;
  private readonly now: () => number;

  constructor(options: HttpSinkOptions) {
    this.name = 'http';
    this.url = options.url;
    this.secret = options.secret;
    this.attempts = options.attempts ?? 4;
    this.backoffMs = options.backoffMs ?? 1_000;
    this.answerMsMax = options.answerMsMax ?? 5_000;
    this.now = options.now ?? Date.now;
  }

  async send(message: AlertMessage): Promise<Delivery> {
    const body = JSON.stringify(message);
    let detail = '';
    for (let attempt = 1; attempt <= this.attempts; attempt++) {
      if (attempt > 1) await sleep(this.backoffMs * 2 ** (attempt - 2), undefined, { ref: true });
      const answer = await this.post(body);
      const tries = attempt === 1 ? '1 try' : `${attempt} tries`;
      detail = `${answer.text} after ${tries}`;
      if (answer.outcome === 'taken') return { sink: this.name, isDelivered: true, detail };
      if (answer.outcome === 'refused') break;
    }
    return { sink: this.name, isDelivered: false, detail };
  }

  private async post(
    body: string,
  ): Promise<{ outcome: 'taken' | 'refused' | 'failed'; text: string }> {
    const timestamp = String(this.now());
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(this.answerMsMax),
        headers: {
          'content-type': 'application/json',
          [TIMESTAMP_HEADER]: timestamp,
          [SIGNATURE_HEADER]: signature({ secret: this.secret, timestamp, body }),
        },
        body,
      });
      await response.body?.cancel();
      const { status, ok } = response;
      const canHelp = status === 408 || status === 429 || status >= 500;
      const text = `answer ${status}`;
      return { outcome: ok ? 'taken' : canHelp ? 'failed' : 'refused', text };
    } catch (error) {
      const { message, cause } = error as { message: string; cause?: { code?: string } };
      return { outcome: 'failed', text: cause?.code ?? message };
    }
  }
}

/** Value of the signature header; receivers compute the same over the raw body. */
export function signature(of: { secret: string; timestamp: string; body: string }): string {
  const hmac = createHmac('sha256', of.secret).update(`${of.timestamp}.${of.body}`);
  return `sha256=${hmac.digest('hex')}`;
}
