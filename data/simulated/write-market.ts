import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bars } from '../bars/bars.ts';
import { timeframeName } from '../readers/bar-time.ts';
import type { SimulatedMarket } from './market.ts';

const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
  'taker_buy_volume,taker_buy_quote_volume,ignore';

/**
 * Writes a market as files in Binance's 12 columns, one a month, and its funding tables; every name
 * says SIMULATED. Quote volume and trade count are not simulated and stay empty.
 * @returns the paths written
 */
export function writeMarket(market: SimulatedMarket, folder: string): string[] {
  const fundingFolder = join(folder, 'funding');
  mkdirSync(fundingFolder, { recursive: true });
  const paths: string[] = [];
  const write = (path: string, text: string) => {
    writeFileSync(path, text);
    paths.push(path);
  };
  for (const bars of market.series) {
    for (const { month, text } of monthsOf(bars)) {
      const name = `SIMULATED-${bars.symbol}-${timeframeName(bars.timeframeMs)}-${month}.csv`;
      write(join(folder, name), text);
    }
  }
  for (const { symbol, times, rates } of market.funding) {
    // The loader finds funding by the symbol a name begins with.
    const rows = Array.from(times, (time, i) => `${time},${rates[i].toFixed(8)}`);
    const text = `fundingTime,fundingRate\n${rows.join('\n')}\n`;
    write(join(fundingFolder, `${symbol}-funding-SIMULATED.csv`), text);
  }
  return paths;
}

function monthsOf(bars: Bars): { month: string; text: string }[] {
  const months: { month: string; text: string }[] = [];
  let lines: string[] = [HEADER];
  for (let i = 0; i < bars.length; i++) {
    lines.push(line(bars, i));
    const month = monthOf(bars.openTime[i]);
    const isLast = i + 1 === bars.length || monthOf(bars.openTime[i + 1]) !== month;
    if (!isLast) continue;
    months.push({ month, text: `${lines.join('\n')}\n` });
    lines = [HEADER];
  }
  return months;
}

function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

function line(bars: Bars, i: number): string {
  const { openTime, open, high, low, close, volume, takerBuyVolume, timeframeMs } = bars;
  const closeTime = openTime[i] + timeframeMs - 1;
  const prices = `${open[i]},${high[i]},${low[i]},${close[i]}`;
  return `${openTime[i]},${prices},${volume[i]},${closeTime},,,${takerBuyVolume[i]},,0`;
}
