import {
  ALLOW,
  type Proposal,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { MINUTE_MS } from '../../src/engine/units.ts';

/** A scheduled release: CPI, PPI, NFP, FOMC. */
export interface CalendarEvent {
  atMs: number;
  name: string;
}

/**
 * No entries within `marginMinutes` either side of a release (decision 43). The calendar is part of
 * the session's data, ascending by time; one that ends before now is named in `degraded`.
 */
export class EventGuard implements RiskRule {
  readonly id = 'eventGuard';
  declare private readonly marginMs: number;
  declare private readonly events: readonly CalendarEvent[];

  constructor(options: { marginMinutes: number; events: readonly CalendarEvent[] }) {
    this.marginMs = options.marginMinutes * MINUTE_MS;
    this.events = options.events;
  }

  check(_proposal: Proposal, view: RiskView): RiskVerdict {
    const next = this.firstAtOrAfter(view.nowMs - this.marginMs);
    if (next === undefined || next.atMs > view.nowMs + this.marginMs) return ALLOW;
    return { outcome: 'refuse', reason: `${next.name} within ${this.marginMs / MINUTE_MS} min` };
  }

  degraded(view: RiskView): string | undefined {
    if (this.events.length === 0) return 'no economic calendar: no release is avoided';
    const names = new Set(this.events.map((event) => event.name));
    const expired = [...names].filter((name) => {
      const last = this.events.findLast((event) => event.name === name);
      return last !== undefined && last.atMs < view.nowMs;
    });
    if (expired.length === 0) return undefined;
    return `the economic calendar has expired for ${expired.join(', ')}: these are not avoided`;
  }

  private firstAtOrAfter(ms: number): CalendarEvent | undefined {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.events[mid].atMs < ms) low = mid + 1;
      else high = mid;
    }
    return this.events[low];
  }
}
