import { bannedUntilMs, type ErrorRule, type VenueFailure } from './error-table.ts';
import type { RestUsage } from './venue-rest.ts';

/** Who asks: protection goes first, then what books in doubt have to know, reports last. */
export type Urgency = 'protection' | 'doubt' | 'entry' | 'report';

const WEIGHT_MAX_1M = 2_400;
const ORDERS_MAX_10S = 300;
const ORDERS_MAX_1M = 1_200;
/** Shares of a limit that each may use; what is above is kept for protection. */
const SHARE: Record<Urgency, number> = {
  protection: 1,
  doubt: 0.8,
  entry: 0.8,
  report: 0.6,
};

/**
 * Decides by the venue's own counters when a request may leave: after a 429 only protection, after
 * a 418 nothing before the stated time.
 */
export class RequestGovernor {
  private slowUntilMs = 0;
  private bannedUntilMs = 0;
  private usage: RestUsage = { weight1m: 0, orders10s: 0, orders1m: 0 };
  private usageAtMs = 0;

  /** Undefined when it may leave now, else the time to try at. */
  waitUntilMs(urgency: Urgency, nowMs: number): number | undefined {
    if (nowMs < this.bannedUntilMs) return this.bannedUntilMs;
    if (urgency === 'protection') return undefined;
    if (nowMs < this.slowUntilMs) return this.slowUntilMs;
    const share = SHARE[urgency];
    const { weight1m, orders10s, orders1m } = this.usage;
    if (minuteOf(nowMs) === minuteOf(this.usageAtMs)) {
      if (weight1m > WEIGHT_MAX_1M * share) return nextMinute(nowMs);
      if (urgency === 'entry' && orders1m > ORDERS_MAX_1M * share) return nextMinute(nowMs);
    }
    if (
      urgency === 'entry' &&
      orders10s > ORDERS_MAX_10S * share &&
      nowMs - this.usageAtMs < 10_000
    ) {
      return this.usageAtMs + 10_000;
    }
    return undefined;
  }

  isBanned(nowMs: number): boolean {
    return nowMs < this.bannedUntilMs;
  }

  onUsage(usage: RestUsage, nowMs: number): void {
    const old = this.usage;
    // A header that is absent leaves the last figure of the same minute standing.
    const isFresh = minuteOf(nowMs) !== minuteOf(this.usageAtMs);
    const pick = (value: number, before: number) =>
      Number.isFinite(value) ? value : isFresh ? 0 : before;
    this.usage = {
      weight1m: pick(usage.weight1m, old.weight1m),
      orders10s: pick(usage.orders10s, old.orders10s),
      orders1m: pick(usage.orders1m, old.orders1m),
    };
    this.usageAtMs = nowMs;
  }

  /** @param venueAheadMs the venue's clock minus `nowMs`: a ban ends by the venue's. */
  onFailure(failure: VenueFailure, rule: ErrorRule, nowMs: number, venueAheadMs = 0): void {
    if (rule.also !== 'slowDown') return;
    if (failure.status === 418) {
      // Without a stated end, the shortest ban there is.
      const untilMs = bannedUntilMs(failure.message);
      this.bannedUntilMs = untilMs === undefined ? nowMs + 120_000 : untilMs - venueAheadMs;
    } else if (failure.code === -1015) {
      this.slowUntilMs = Math.max(this.slowUntilMs, nowMs + 10_000);
    } else if (failure.status === 429) {
      this.slowUntilMs = Math.max(this.slowUntilMs, nextMinute(nowMs));
    } else {
      this.slowUntilMs = Math.max(this.slowUntilMs, nowMs + 400);
    }
  }
}

function minuteOf(ms: number): number {
  return Math.floor(ms / 60_000);
}

function nextMinute(ms: number): number {
  return (minuteOf(ms) + 1) * 60_000;
}
