import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { parseTimeMs, timeUnitOf } from '../readers/bar-time.ts';
import { readCsvTable } from '../readers/csv-table.ts';
import { readTextBytes } from '../readers/open-file.ts';

/** A scheduled release that entries keep away from. */
export interface CalendarEvent {
  atMs: number;
  name: string;
}

export interface Calendar {
  events: readonly CalendarEvent[];
  paths: readonly string[];
}

/** What the guard watches; everything else in a calendar file is left out and counted. */
const WATCHED: Record<string, string> = {
  cpi: 'CPI',
  ppi: 'PPI',
  nfp: 'NFP',
  fomc: 'FOMC',
  fomc_decision: 'FOMC',
  fomc_statement: 'FOMC',
  fomc_rate: 'FOMC',
};

/**
 * Reads `time_utc,…,event,…` (names of columns by title, extra columns ignored), sorted by time.
 * @throws AppError DATA_CALENDAR with file and line
 */
export function readCalendar(path: string): Calendar & { ignored: number } {
  const paths = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.csv'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  const events: CalendarEvent[] = [];
  let ignored = 0;
  for (const file of paths) {
    const table = readCsvTable(file, readTextBytes(file));
    const titles = table.titles.map((title) => title.toLowerCase());
    const time = titles.findIndex((title) => title === 'time_utc' || title === 'time');
    const event = titles.findIndex((title) => title === 'event' || title === 'name');
    if (time < 0 || event < 0) {
      throw new AppError(
        'DATA_CALENDAR',
        `${file}:1: no columns time_utc and event; found ${table.titles.join(', ')}`,
        'a calendar has the columns time_utc,event,source',
      );
    }
    table.rows.forEach((cells, i) => {
      const unit = timeUnitOf(cells[time] ?? '');
      const atMs = unit === undefined ? Number.NaN : parseTimeMs(cells[time], unit);
      if (!Number.isFinite(atMs)) {
        const line = table.firstLine + i;
        throw new AppError('DATA_CALENDAR', `${file}:${line}: "${cells[time]}" is not a time`);
      }
      const name = WATCHED[(cells[event] ?? '').toLowerCase()];
      if (name === undefined) ignored++;
      else events.push({ atMs, name });
    });
  }
  events.sort((a, b) => a.atMs - b.atMs);
  return { events, paths, ignored };
}

/** What a complete calendar holds; the dates of a kind end where its office has published to. */
export const WATCHED_RELEASES = ['CPI', 'PPI', 'NFP', 'FOMC'] as const;

/** An alarm naming each kind of release that does not reach the span that is traded. */
export function calendarAlarm(calendar: Calendar | undefined, toMs: number): string | undefined {
  if (calendar === undefined || calendar.events.length === 0) {
    return 'no economic calendar: releases are not avoided';
  }
  const short: string[] = [];
  for (const name of WATCHED_RELEASES) {
    const last = calendar.events.findLast((event) => event.name === name);
    if (last !== undefined && last.atMs >= toMs) continue;
    const day = last === undefined ? 'missing' : new Date(last.atMs).toISOString().slice(0, 10);
    short.push(`${name} (${day})`);
  }
  if (short.length === 0) return undefined;
  return `the economic calendar ends too early: ${short.join(', ')}; later ones are not avoided`;
}
