import { type Bars, sliceBars } from '../../../data/bars/bars.ts';
import { AppError } from '../../engine/error.ts';
import type { MarketData } from '../../market-data.ts';

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
