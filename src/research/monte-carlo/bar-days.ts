import { mulberry32 } from '../../../backtests/metrics/bootstrap.ts';
import { type Bars, createBars } from '../../../data/bars/bars.ts';
import { AppError } from '../../engine/error.ts';
import { DAY_MS } from '../../engine/units.ts';
import { hashOf, type MarketData } from '../../market-data.ts';
import { stationaryIndices } from '../statistics/day-resampling.ts';

/** Mean length of the blocks of days that are kept together. */
const BLOCK_DAYS = 5;

/**
 * A market of the same length from whole UTC days of this one, drawn in blocks, all symbols, funding
 * and releases of a day together. Prices are rebuilt from returns: at each seam all prices that
 * follow are scaled to where the day before ended, so that no level of one month meets another's.
 * Volume is scaled the other way: turnover stays. Days with missing bars are not drawn.
 * @throws AppError DATA_FEW_DAYS under ten complete days
 */
export function resampleDays(data: MarketData, seed: number): MarketData {
  const days = completeDays(data.series);
  if (days.length < 10) {
    throw new AppError(
      'DATA_FEW_DAYS',
      `${days.length} complete days cannot be resampled`,
      'at least ten days without missing bars in any symbol',
    );
  }
  const picks = new Int32Array(days.length);
  const random = mulberry32(seed);
  stationaryIndices(picks, { length: days.length, blockLength: BLOCK_DAYS, random });
  const startMs = days[0];
  const sources = Array.from(picks, (i) => days[i]);
  const label = `RESAMPLED days, seed ${seed}, of ${data.label}`;
  return {
    ...data,
    label: data.label.startsWith('SIMULATED') ? `SIMULATED, ${label}` : label,
    series: data.series.map((bars) => resampledBars(bars, sources, startMs)),
    funding: moved(data.funding, sources, startMs),
    events: moved(data.events, sources, startMs),
    dataHash: hashOf([data.dataHash, label]),
  };
}

/** 00:00 UTC of the days that every symbol has in full. */
export function completeDays(series: readonly Bars[]): number[] {
  const counts = new Map<number, number>();
  for (const bars of series) {
    const full = DAY_MS / bars.timeframeMs;
    const seen = new Map<number, number>();
    for (let i = 0; i < bars.length; i++) {
      const at = Math.floor(bars.openTime[i] / DAY_MS) * DAY_MS;
      seen.set(at, (seen.get(at) ?? 0) + 1);
    }
    for (const [at, count] of seen) if (count === full) counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count === series.length)
    .map(([at]) => at)
    .sort((a, b) => a - b);
}

function resampledBars(bars: Bars, sources: readonly number[], startMs: number): Bars {
  const perDay = DAY_MS / bars.timeframeMs;
  const { symbol, timeframeMs, source } = bars;
  const length = sources.length * perDay;
  const out = createBars({
    symbol,
    timeframeMs,
    length,
    source: { kind: source.kind === 'file' ? 'derived' : source.kind, names: source.names },
  });
  const first = firstIndexByDay(bars);
  let factor = 1;
  let closeBefore = Number.NaN;
  for (let d = 0; d < sources.length; d++) {
    const from = first.get(sources[d]) ?? 0;
    // The return over midnight belongs to the day that it opens, if its own eve is there.
    const hasEve = from > 0 && bars.openTime[from - 1] === sources[d] - timeframeMs;
    const base = hasEve ? bars.close[from - 1] : bars.open[from];
    if (d > 0) factor = closeBefore / base;
    for (let j = 0; j < perDay; j++) {
      const to = d * perDay + j;
      out.openTime[to] = startMs + d * DAY_MS + j * timeframeMs;
      out.open[to] = bars.open[from + j] * factor;
      out.high[to] = bars.high[from + j] * factor;
      out.low[to] = bars.low[from + j] * factor;
      out.close[to] = bars.close[from + j] * factor;
      out.volume[to] = bars.volume[from + j] / factor;
      out.takerBuyVolume[to] = bars.takerBuyVolume[from + j] / factor;
    }
    closeBefore = out.close[(d + 1) * perDay - 1];
  }
  return out;
}

function firstIndexByDay(bars: Bars): Map<number, number> {
  const out = new Map<number, number>();
  for (let i = 0; i < bars.length; i++) {
    const at = Math.floor(bars.openTime[i] / DAY_MS) * DAY_MS;
    if (!out.has(at)) out.set(at, i);
  }
  return out;
}

/** Rows of each source day at their time of day on the new one. */
function moved<T extends { atMs: number }>(
  rows: readonly T[],
  sources: readonly number[],
  startMs: number,
): T[] {
  const byDay = new Map<number, T[]>();
  for (const row of rows) {
    const at = Math.floor(row.atMs / DAY_MS) * DAY_MS;
    const list = byDay.get(at);
    if (list === undefined) byDay.set(at, [row]);
    else list.push(row);
  }
  return sources.flatMap((source, d) =>
    (byDay.get(source) ?? []).map((row) => ({
      ...row,
      atMs: row.atMs - source + startMs + d * DAY_MS,
    })),
  );
}
