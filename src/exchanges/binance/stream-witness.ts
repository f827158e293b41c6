import type { EngineEvent, OrderFact } from '../../engine/event.ts';
import type { UserReading } from './user-frame.ts';
import type { EdgeTime } from './venue-rest.ts';

/** The venue tells within milliseconds; what has not come by then is late beyond use, or lost. */
const TELL_MS = 2_000;
/** A timer that comes so late was held up, and frames may wait behind it. */
const HELD_UP_MS = 500;
/** What happened right before a connection was opened was not told on it; clocks differ, too. */
const FRESH_MS = 1_000;
/** A new connection costs a look at the account; one that changes nothing is not made at once again. */
const PAUSE_MS = 10_000;
const PAUSE_MS_MAX = 160_000;
const CALM_MS = 300_000;
const KEPT_MAX = 10_000;

export interface StreamWitnessOptions {
  time: EdgeTime;
  /** The stream is mute: it did not tell this. */
  onMute: (what: string) => void;
}

/**
 * Holds the user stream against what is known from answers: an order that was accepted, a fill or
 * an end that was read. A connection can be open, answer pings and tell nothing; what it should
 * have told and did not is the only sign of that.
 */
export class StreamWitness {
  declare private readonly options: StreamWitnessOptions;
  private readonly told = new Set<string>();
  /** With the look that is due: none may outlive the connection, or the process. */
  private readonly missing = new Map<string, { cancel(): void }>();
  private sinceMs = Number.POSITIVE_INFINITY;
  private doubtedMs = Number.NEGATIVE_INFINITY;
  private pauseMs = PAUSE_MS;

  constructor(options: StreamWitnessOptions) {
    this.options = options;
  }

  /** A connection is open from now on; what was missing before is asked for in another way. */
  begin(): void {
    this.sinceMs = this.options.time.nowMs();
    this.forget();
  }

  /** Nobody listens: what is missed meanwhile says nothing. */
  end(): void {
    this.sinceMs = Number.POSITIVE_INFINITY;
    this.forget();
  }

  /** A frame has come. */
  hear({ clientId, events }: UserReading): void {
    if (clientId !== '') this.tick(orderKey(clientId));
    for (const event of events) {
      const key = keyOf(event);
      if (key !== undefined) this.tick(key);
    }
  }

  /** It was accepted; `sentMs` on our clock. */
  expectOrder(clientId: string, sentMs: number): void {
    this.expect(orderKey(clientId), { atMs: sentMs, freshMs: 0 });
  }

  /**
   * A fill or an end that was read, and the venue's time of it. Only ends that the venue is known
   * to tell in each case.
   */
  expectFact(fact: OrderFact, atMs: number | undefined): void {
    const key = keyOf(fact);
    if (key !== undefined && atMs !== undefined) this.expect(key, { atMs, freshMs: FRESH_MS });
  }

  private expect(key: string, { atMs, freshMs }: { atMs: number; freshMs: number }): void {
    if (!(atMs >= this.sinceMs + freshMs) || this.told.has(key) || this.missing.has(key)) return;
    this.lookIn(key, TELL_MS);
  }

  private lookIn(key: string, afterMs: number): void {
    const { time } = this.options;
    const dueMs = time.nowMs() + afterMs;
    const look = time.wake(dueMs, () => {
      const lateMs = time.nowMs() - dueMs;
      const pauseMs = this.doubtedMs + this.pauseMs - time.nowMs();
      if (lateMs > HELD_UP_MS) this.lookIn(key, TELL_MS);
      else if (pauseMs > 0) this.lookIn(key, pauseMs);
      else this.doubt(key);
    });
    this.missing.set(key, look);
  }

  private doubt(key: string): void {
    const nowMs = this.options.time.nowMs();
    const isCalm = nowMs - this.doubtedMs > CALM_MS;
    this.pauseMs = isCalm ? PAUSE_MS : Math.min(PAUSE_MS_MAX, 2 * this.pauseMs);
    this.doubtedMs = nowMs;
    this.forget();
    // It will not be told any more: once is enough.
    this.tick(key);
    this.options.onMute(`it did not tell ${key}`);
  }

  private forget(): void {
    for (const look of this.missing.values()) look.cancel();
    this.missing.clear();
  }

  private tick(key: string): void {
    this.missing.get(key)?.cancel();
    this.missing.delete(key);
    this.told.add(key);
    if (this.told.size <= KEPT_MAX) return;
    for (const oldest of this.told) {
      this.told.delete(oldest);
      break;
    }
  }
}

function orderKey(clientId: string): string {
  return `order ${clientId}`;
}

function keyOf(event: EngineEvent): string | undefined {
  switch (event.kind) {
    case 'order.filled':
      return `fill ${event.fillId} of ${event.symbol}`;
    case 'order.cancelled':
    case 'stop.finished':
      return `the end of ${event.orderId}`;
    default:
      return undefined;
  }
}
