import type { Bars } from '../data/bars/bars.ts';

/** Binance's 12 columns with header. */
export function klineCsv(bars: Bars): string {
  const header =
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
    'taker_buy_volume,taker_buy_quote_volume,ignore';
  return lines(bars, header, (i) => {
    const closeTime = bars.openTime[i] + bars.timeframeMs - 1;
    const taker = bars.takerBuyVolume[i];
    return `${bars.openTime[i]},${prices(bars, i)},${closeTime},0,0,${taker},0,0`;
  });
}

export function ohlcvCsv(bars: Bars): string {
  return lines(bars, 'timestamp,open,high,low,close,volume', (i) => {
    return `${bars.openTime[i]},${prices(bars, i)}`;
  });
}

/** Unix seconds, title-case volume, and a plotted series behind. */
export function tradingViewCsv(bars: Bars): string {
  return lines(bars, 'time,open,high,low,close,Volume,MA', (i) => {
    return `${bars.openTime[i] / 1_000},${prices(bars, i)},NaN`;
  });
}

function prices(bars: Bars, i: number): string {
  const { open, high, low, close, volume } = bars;
  return `${open[i]},${high[i]},${low[i]},${close[i]},${volume[i]}`;
}

function lines(bars: Bars, header: string, line: (index: number) => string): string {
  const out = [header];
  for (let i = 0; i < bars.length; i++) out.push(line(i));
  return `${out.join('\n')}\n`;
}
