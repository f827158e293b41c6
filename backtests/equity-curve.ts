import { DAY_MS } from '../src/engine/units.ts';

export interface EquityPoint {
  atMs: number;
  equity: number;
}

/**
 * Marked equity over time: a point whenever it has changed at a signal bar, and one for every UTC
 * midnight, so that daily statistics have their zero days.
 */
export class EquityCurve {
  readonly points: EquityPoint[] = [];
  /** Equity at each 00:00 UTC since the start; the first entry is the start itself. */
  readonly days: EquityPoint[] = [];
  nextDayMs = Number.POSITIVE_INFINITY;

  start(atMs: number, equity: number): void {
    this.points.push({ atMs, equity });
    this.days.push({ atMs, equity });
    this.nextDayMs = (Math.floor(atMs / DAY_MS) + 1) * DAY_MS;
  }

  see(atMs: number, equity: number): void {
    while (atMs >= this.nextDayMs) {
      this.days.push({ atMs: this.nextDayMs, equity });
      this.nextDayMs += DAY_MS;
    }
    const last = this.points[this.points.length - 1];
    if (last !== undefined && last.equity === equity) return;
    this.points.push({ atMs, equity });
  }
}
