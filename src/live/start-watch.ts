import type { EngineEvent } from '../engine/event.ts';
import type { AccountAnswer, AccountPicture, AccountQueryPort, TimePort, WakeUp } from './ports.ts';

/** Six quick tries cover the 1.5 s; after them the distance doubles, up to 16 s. */
const RETRY_MS = 250;
const QUICK_TRIES = 6;
const SLOWEST = 64;
/** By then the engine and its reconciler have long taken over. */
const TRIES_MAX = 20;
/** From one look to the next that fills ask for: each costs weight at the venue. */
const APART_MS = 1_000;
/** Fills may go untold, too; and so often one look may come without that distance. */
const EVERY_MS = 10_000;

export interface StartWatchOptions {
  time: TimePort;
  accounts: AccountQueryPort;
  /** Protects what the picture shows; false when something could not be sent. */
  protect: (picture: AccountPicture, askedMs: number) => boolean;
  /** The first picture was dealt with. */
  onProtected: () => void;
}

/**
 * Looks for positions without a stop from the start on until the engine's books were held against
 * the account. That waits for the disk and for a whole picture, and orders of the process before,
 * which may be filled meanwhile, do not.
 */
export class StartWatch {
  declare private readonly options: StartWatchOptions;
  private isAsking = false;
  private isAskedAgain = false;
  private hasProtected = false;
  private isEngineBack = false;
  private isStopped = false;
  private tries = 0;
  private askedMs = Number.NEGATIVE_INFINITY;
  private hurriedMs = Number.NEGATIVE_INFINITY;
  private next: WakeUp | undefined;
  private nextMs = Number.POSITIVE_INFINITY;

  constructor(options: StartWatchOptions) {
    this.options = options;
  }

  /** `hasProtected`: somebody has looked right before. */
  start({ hasProtected }: { hasProtected: boolean }): void {
    this.hasProtected = hasProtected;
    if (hasProtected) this.readIn(RETRY_MS);
    else this.read();
  }

  onFact(event: EngineEvent): void {
    const isUnsent = event.kind === 'order.rejected' && UNSENT_CODES.has(event.code);
    if (isUnsent || BARING.has(event.kind)) this.look();
  }

  /** Something may have been filled. */
  look(): void {
    if (this.isEngineBack) return;
    if (this.isAsking) this.isAskedAgain = true;
    else this.readSoon();
  }

  /** From here on the engine knows of every fill; only a first look is still brought to its end. */
  onEngineBack(): void {
    this.isEngineBack = true;
    if (this.hasProtected) this.next?.cancel();
  }

  stop(): void {
    this.isStopped = true;
    this.next?.cancel();
  }

  private read(): void {
    const { time, accounts, protect, onProtected } = this.options;
    const nowMs = time.nowMs();
    this.askedMs = nowMs;
    this.nextMs = Number.POSITIVE_INFINITY;
    this.isAsking = true;
    const nothing = { symbols: [], fillsAfter: {}, transfersSinceMs: nowMs };
    accounts.readAccount({ ...nothing, urgency: 'protection' }, (answer) => {
      this.isAsking = false;
      if (this.isStopped || (this.isEngineBack && this.hasProtected)) return;
      if (answer.kind === 'failed') return this.readAgain(answer);
      if (!protect(answer.picture, nowMs)) return this.retry();
      this.tries = 0;
      if (!this.hasProtected) onProtected();
      this.hasProtected = true;
      if (this.isEngineBack) return;
      this.readIn(nowMs + EVERY_MS - time.nowMs());
      if (this.isAskedAgain) this.readSoon();
      this.isAskedAgain = false;
    });
  }

  /** A stop that gets lost leaves no time for having waited before it. */
  private readSoon(): void {
    const nowMs = this.options.time.nowMs();
    const apartMs = this.askedMs + APART_MS;
    const isHurried = nowMs < apartMs && nowMs >= this.hurriedMs + EVERY_MS;
    if (isHurried) this.hurriedMs = nowMs;
    const atMs = isHurried ? nowMs : apartMs;
    // Several frames of one moment: the second must not put off the look of the first.
    if (this.nextMs < nowMs || this.nextMs > atMs) this.readIn(atMs - nowMs);
  }

  private readAgain({ retryAtMs }: Extract<AccountAnswer, { kind: 'failed' }>): void {
    if (retryAtMs === undefined) return this.retry();
    // What did not leave cost nothing: a ban's end is waited for, and no pause grows beyond it.
    const waitMs = Math.max(0, retryAtMs - this.options.time.nowMs());
    this.readIn(Math.min(RETRY_MS * SLOWEST, waitMs));
  }

  private retry(): void {
    if (this.tries === TRIES_MAX && this.isEngineBack) return;
    this.tries = Math.min(TRIES_MAX, this.tries + 1);
    this.readIn(RETRY_MS * Math.min(SLOWEST, 1 << Math.max(0, this.tries - QUICK_TRIES)));
  }

  private readIn(waitMs: number): void {
    const { time } = this.options;
    this.next?.cancel();
    if (this.isStopped) return;
    this.nextMs = time.nowMs() + waitMs;
    this.next = time.wake(this.nextMs, () => this.read());
  }
}

/**
 * Held back by a limit, and never arrived: the next try may pass. After any other refusal a look a
 * second would only cost weight.
 */
const UNSENT_CODES: ReadonlySet<number> = new Set([-1003, -2013]);

/** After these a position may be there, or be there without its stop. */
const BARING: ReadonlySet<EngineEvent['kind']> = new Set([
  'order.filled',
  'order.cancelled',
  'order.expired',
  'stop.rejected',
  'stop.finished',
] as const);
