import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../src/engine/error.ts';

export interface PublicHttpOptions {
  signal?: AbortSignal;
  /** Tries of one request before giving up; 6 when left out. */
  attempts?: number;
  /** Wait before the second try, doubled for each further one; 1,000 ms when left out. */
  backoffMs?: number;
  /** A connection that sends nothing for this long is given up; 30 s when left out. */
  idleMsMax?: number;
  /** Told about each wait, for the user. */
  onWait?: (text: string) => void;
}

const BACKOFF_MS_MAX = 60_000;
/** Binance says the end of a ban only inside its message: `banned until 1700000000000`. */
const BANNED_UNTIL = /banned until (\d{13})/;

/**
 * GET requests to public endpoints: network failures, 429 and 5xx are tried again with growing
 * waits (or as long as the server asks), 418 (banned) and 403 stop everything.
 */
export class PublicHttp {
  private readonly signal: AbortSignal | undefined;
  private readonly attempts: number;
  private readonly backoffMs: number;
  private readonly idleMsMax: number;
  private readonly onWait: (text: string) => void;

  constructor(options: PublicHttpOptions = {}) {
    this.signal = options.signal;
    this.attempts = options.attempts ?? 6;
    this.backoffMs = options.backoffMs ?? 1_000;
    this.idleMsMax = options.idleMsMax ?? 30_000;
    this.onWait = options.onWait ?? (() => {});
  }

  /** A small answer, whatever its status below 500. @throws AppError EXCHANGE_* */
  async text(url: string): Promise<{ status: number; body: string; headers: Headers }> {
    return this.retrying(url, async () => {
      const chunks: Uint8Array[] = [];
      const answer = await this.stream(url, { onChunk: (chunk) => void chunks.push(chunk) });
      return { ...answer, body: Buffer.concat(chunks).toString('utf8') };
    });
  }

  /**
   * One try of a GET. Chunks of an answer with a good status go to `onChunk`; other answers are
   * returned with their status, or thrown as `Retriable` when trying again can help.
   */
  async stream(
    url: string,
    options: {
      headers?: Record<string, string>;
      onHead?: (status: number, headers: Headers) => Promise<void> | void;
      onChunk: (chunk: Uint8Array) => Promise<void> | void;
    },
  ): Promise<{ status: number; headers: Headers }> {
    const idle = new AbortController();
    const signals = this.signal === undefined ? [idle.signal] : [idle.signal, this.signal];
    let timer = setTimeout(() => idle.abort(), this.idleMsMax);
    try {
      const { headers } = options;
      const answer = await fetch(url, { headers, signal: AbortSignal.any(signals) });
      await this.refuseOrRetry(url, answer);
      await options.onHead?.(answer.status, answer.headers);
      if (answer.body !== null) {
        for await (const chunk of answer.body) {
          clearTimeout(timer);
          timer = setTimeout(() => idle.abort(), this.idleMsMax);
          await options.onChunk(chunk);
        }
      }
      return { status: answer.status, headers: answer.headers };
    } catch (error) {
      this.signal?.throwIfAborted();
      if (error instanceof AppError || error instanceof Retriable) throw error;
      const why = idle.signal.aborted
        ? `nothing came for ${this.idleMsMax / 1_000} s`
        : networkReason(error);
      if (why === undefined) throw error;
      throw new Retriable(`${hostOf(url)}: ${why}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs a try until it succeeds; `isProgress` tells that a failed one still brought bytes. */
  async retrying<T>(url: string, run: () => Promise<T>, isProgress?: () => boolean): Promise<T> {
    let failures = 0;
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Retriable)) throw error;
        failures = isProgress?.() ? 1 : failures + 1;
        if (failures >= this.attempts) throw gaveUp(url, error, failures);
        const growing = Math.min(BACKOFF_MS_MAX, this.backoffMs * (1 << (failures - 1)));
        const waitMs = error.waitMs ?? growing;
        this.onWait(`${error.message}; trying again in ${(waitMs / 1_000).toFixed(1)} s`);
        await this.wait(waitMs);
      }
    }
  }

  async wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal });
  }

  private async refuseOrRetry(url: string, answer: Response): Promise<void> {
    const { status } = answer;
    if (status !== 403 && status !== 418 && status !== 429 && status < 500) return;
    const body = (await answer.text()).slice(0, 300);
    const where = `${hostOf(url)} answered ${status}`;
    if (status === 418) {
      const until = BANNED_UNTIL.exec(body);
      const end = until === null ? '' : ` until ${new Date(Number(until[1])).toISOString()}`;
      const hint = 'what was loaded is kept; run the same command again after the ban';
      throw new AppError('EXCHANGE_BANNED', `${where}: this address is banned${end}`, hint);
    }
    if (status === 403) {
      const hint = 'a firewall or region block; try another network';
      throw new AppError('EXCHANGE_FORBIDDEN', `${where}: access denied`, hint);
    }
    throw new Retriable(where, retryAfterMs(answer.headers, body));
  }
}

/** A failure that another try may not have. */
export class Retriable extends Error {
  /** What the server asked for. */
  readonly waitMs: number | undefined;

  constructor(message: string, waitMs?: number) {
    super(message);
    this.name = 'Retriable';
    this.waitMs = waitMs;
  }
}

function retryAfterMs(headers: Headers, body: string): number | undefined {
  const header = headers.get('retry-after');
  const seconds = Number(header);
  if (header !== null && seconds >= 0) return seconds * 1_000;
  if (header !== null && !Number.isNaN(Date.parse(header))) {
    return Math.max(0, Date.parse(header) - Date.now());
  }
  const until = BANNED_UNTIL.exec(body);
  return until === null ? undefined : Math.max(0, Number(until[1]) - Date.now());
}

/** What a failed fetch says deep inside; undefined for an error that is no network failure. */
function networkReason(error: unknown): string | undefined {
  if (!(error instanceof TypeError) && (error as Error).name !== 'AbortError') return undefined;
  const cause = (error as Error).cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

function gaveUp(url: string, error: Retriable, failures: number): AppError {
  const hint = 'check the network and run the same command again: what was loaded is kept';
  const text = `${error.message} (${failures} tries of ${url})`;
  return new AppError('EXCHANGE_UNREACHABLE', text, hint);
}

function hostOf(url: string): string {
  return new URL(url).host;
}
