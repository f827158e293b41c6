import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { calendarAlarm, readCalendar, WATCHED_RELEASES } from './calendar.ts';

const shipped = readCalendar(join(import.meta.dirname, 'us-macro.csv'));

describe('the shipped calendar', () => {
  it('holds every kind of release, in order, at the usual hours', () => {
    const names = new Set(shipped.events.map((event) => event.name));
    expect([...names].sort()).toEqual([...WATCHED_RELEASES].sort());
    for (const [i, { atMs, name }] of shipped.events.entries()) {
      if (i > 0) expect(atMs).toBeGreaterThanOrEqual(shipped.events[i - 1].atMs);
      const hour = new Date(atMs).getUTCHours();
      expect(name === 'FOMC' ? [18, 19] : [12, 13]).toContain(hour);
    }
  });

  it('says which releases are not published as far as the span goes', () => {
    expect(calendarAlarm(shipped, Date.UTC(2026, 11, 4))).toBeUndefined();
    const later = calendarAlarm(shipped, Date.UTC(2027, 1, 1));
    expect(later).toContain('CPI (2026-12-10)');
    expect(later).not.toContain('FOMC');
    expect(calendarAlarm(shipped, Date.UTC(2028, 0, 1))).toContain('FOMC (2027-12-08)');
    expect(calendarAlarm(undefined, 0)).toContain('no economic calendar');
  });
});
