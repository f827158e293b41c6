import { type Bars, sliceBars } from '../../../data/bars/bars.ts';
import { AppError } from '../../engine/error.ts';
import { DAY_MS } from '../../engine/units.ts';
import type { MarketData } from '../../market-data.ts';

/** The last fifth of every data set is kept out of all searches (design: final hold-out). */
export const HOLD_OUT_SHARE = 0.2;

/** 00:00 UTC at which the last fifth of the main symbol's days begins. */
export function holdOutStartMs(data: MarketData, mainSymbol: string): number {
  const bars = data.series.find(({ symbol }) => symbol === mainSymbol);
  if (bars === undefined || bars.length === 0) {
    throw new AppError('DATA_SYMBOL', `there are no bars of ${mainSymbol}`);
  }
  const firstMs = bars.openTime[0];
  const lastMs = bars.openTime[bars.length - 1] + bars.timeframeMs;
  const startMs = firstMs + (lastMs - firstMs) * (1 - HOLD_OUT_SHARE);
  return Math.floor(startMs / DAY_MS) * DAY_MS;
}

/** The same data without anything from `endMs` on: nothing later is even in memory views. */
export function dataBefore(data: MarketData, endMs: number): MarketData {
  const series = data.series.map((bars) => barsBefore(bars, endMs)).filter((b) => b.length > 0);
  if (series.length === 0) {
    throw new AppError(
      'DATA_SPAN',
      'there are too few bars for a search: after the hold-out nothing is left',
      'use a longer data set',
    );
  }
  return { ...data, series, funding: data.funding.filter(({ atMs }) => atMs < endMs) };
}

function barsBefore(bars: Bars, endMs: number): Bars {
  let end = bars.length;
  while (end > 0 && bars.openTime[end - 1] + bars.timeframeMs > endMs) end--;
  return sliceBars(bars, 0, end);
}
