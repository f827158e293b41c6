import { type BarRow, type Bars, emptyBarRow, readBarInto } from '../../../data/bars/bars.ts';
import { BarAggregator } from '../../../data/bars/resample.ts';
import type { BarClosed } from '../../engine/event.ts';

/**
 * The bars of the signal timeframe in order, as the runner makes them of what there is: one whose
 * last part never came is told with the next. The row is reused.
 */
export function eachSignalBar(
  bars: Bars,
  signalTimeframeMs: number,
  see: (row: BarRow, closeMs: number) => void,
): void {
  const row = emptyBarRow();
  const isSame = bars.timeframeMs === signalTimeframeMs;
  const aggregator = new BarAggregator({ fromMs: bars.timeframeMs, toMs: signalTimeframeMs });
  for (let i = 0; i < bars.length; i++) {
    readBarInto(row, bars, i);
    const closeMs = row.openTime + bars.timeframeMs;
    if (isSame) see(row, closeMs);
    else if (aggregator.add(row, (bucket) => see(bucket, closeMs))) see(aggregator.done, closeMs);
  }
}

/** One object for all bars of a symbol. */
export function emptyBar(symbol: string, timeframeMs: number): BarClosed {
  return { kind: 'bar.closed', symbol, timeframeMs, isWarmUp: false, ...emptyBarRow() };
}
