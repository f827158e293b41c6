import { BarAggregator, type Bucket, emptyBucket } from '../../src/engine/bar-aggregator.ts';
import { type Bars, createBars, readBarInto, writeBar } from './bars.ts';

export { BarAggregator, type Bucket };

/**
 * All complete buckets of a series; a trailing bucket that has not closed is left out. Equal to
 * feeding `BarAggregator`.
 */
export function resampleBars(bars: Bars, timeframeMs: number): Bars {
  if (timeframeMs === bars.timeframeMs) return bars;
  const aggregator = new BarAggregator({ fromMs: bars.timeframeMs, toMs: timeframeMs });
  const out = createBars({
    symbol: bars.symbol,
    timeframeMs,
    length: bars.length,
    source: {
      kind: bars.source.kind === 'file' ? 'derived' : bars.source.kind,
      names: bars.source.names,
    },
  });
  let length = 0;
  const push = (bucket: Bucket) => {
    writeBar(out, length, bucket);
    length++;
  };
  const bar = emptyBucket();
  for (let i = 0; i < bars.length; i++) {
    readBarInto(bar, bars, i);
    if (aggregator.add(bar, push)) push(aggregator.done);
  }
  return trimmed(out, length);
}

function trimmed(bars: Bars, length: number): Bars {
  return {
    ...bars,
    length,
    openTime: bars.openTime.subarray(0, length),
    open: bars.open.subarray(0, length),
    high: bars.high.subarray(0, length),
    low: bars.low.subarray(0, length),
    close: bars.close.subarray(0, length),
    volume: bars.volume.subarray(0, length),
    takerBuyVolume: bars.takerBuyVolume.subarray(0, length),
  };
}
