import type { Bars } from '../data/bars/bars.ts';

const EMPTY_BAR = { openTime: 0, open: 0, high: 0, low: 0, close: 0, volume: 0, takerBuyVolume: 0 };

export interface Fed {
  update(bar: typeof EMPTY_BAR): unknown;
}

/** As the runner does: one bar object, filled anew for each bar. */
export function feed(bars: Bars, indicators: readonly { update(bar: never): unknown }[]): void {
  const bar = { ...EMPTY_BAR };
  const fed = indicators as readonly Fed[];
  for (let i = 0; i < bars.length; i++) {
    bar.openTime = bars.openTime[i];
    bar.open = bars.open[i];
    bar.high = bars.high[i];
    bar.low = bars.low[i];
    bar.close = bars.close[i];
    bar.volume = bars.volume[i];
    bar.takerBuyVolume = bars.takerBuyVolume[i];
    for (let k = 0; k < fed.length; k++) fed[k].update(bar);
  }
}
