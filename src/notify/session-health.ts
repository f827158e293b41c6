import type { Envelope } from '../engine/event.ts';
import type { WatchedSession } from '../metrics/account-gauges.ts';
import { StreamAges } from '../metrics/stream-ages.ts';

/** What a bar may be late. */
const LATE_MS = 60_000;
/** Warm-up by REST may take minutes. */
const START_MS = 600_000;

/** Whether the session does its work: what the heartbeat, /healthz and watchers go by. */
export class SessionHealth {
  declare private readonly session: () => WatchedSession | undefined;
  declare private readonly nowMs: () => number;
  declare private readonly startedMs: number;
  private readonly ages = new StreamAges();
  /** A market that says nothing for two bars is a broken feed. */
  declare private readonly silenceMsMax: number;
  private isStopped = false;

  constructor(options: {
    session: () => WatchedSession | undefined;
    nowMs: () => number;
    barMs: number;
  }) {
    this.session = options.session;
    this.nowMs = options.nowMs;
    this.startedMs = options.nowMs();
    this.silenceMsMax = 2 * options.barMs + LATE_MS;
  }

  onHandled({ atMs, source, event }: Envelope): void {
    this.ages.see(event, source, atMs);
  }

  onStopped(): void {
    this.isStopped = true;
  }

  /** What is wrong; undefined while all is well. A pause by the operator is no fault. */
  trouble(): string | undefined {
    if (this.isStopped) return 'the session has stopped';
    const session = this.session();
    const nowMs = this.nowMs();
    if (session === undefined || !session.isReady) {
      return nowMs - this.startedMs > START_MS ? 'the session does not become ready' : undefined;
    }
    if (session.core.dispatcher.isProtectOnly) return 'an event was poisoned: protecting only';
    const { lastFeedMs } = this.ages;
    const silenceMs = nowMs - (Number.isNaN(lastFeedMs) ? this.startedMs : lastFeedMs);
    if (silenceMs > this.silenceMsMax)
      return `no market data for ${Math.round(silenceMs / 1_000)} s`;
    return undefined;
  }
}
