import type { PriceResolution, ResolutionPeriod } from '../price-resolution.ts';
import { isoTime } from './csv.ts';

/** Periods named one by one; more are only counted. */
const PERIODS_MAX = 6;
const MINUTE_MS = 60_000;

/** What prices inside bars were taken from, a line a symbol: the first thing a fill depends on. */
export function resolutionLines(resolution: readonly PriceResolution[]): string[] {
  return resolution.map((each) => {
    const { symbol, walked, names } = each;
    const minutes = `${each.timeframeMs / MINUTE_MS}m bars`;
    if (names.length === 0) return `${symbol}: ${minutes} throughout`;
    const shown = each.periods.slice(0, PERIODS_MAX).map((period) => periodText(period, minutes));
    const rest = each.periods.length - shown.length;
    const more = rest > 0 ? `, and ${rest} more periods` : '';
    const used = `${walked.book} by book, ${walked.trades} by trades, ${walked.bars} as bars`;
    return `${symbol}: ${shown.join(', ')}${more} (bars looked into: ${used})`;
  });
}

function periodText({ source, fromMs, toMs }: ResolutionPeriod, minutes: string): string {
  const name = { book: 'recorded book', trades: 'recorded trades', bars: minutes }[source];
  const minuteOf = (atMs: number) => isoTime(atMs).slice(0, 16).replace('T', ' ');
  return `${name} ${minuteOf(fromMs)} .. ${minuteOf(toMs)}`;
}
