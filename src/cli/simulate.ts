import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Bars } from '../../data/bars/bars.ts';
import { loadDataset } from '../../data/load.ts';
import { parseTimeframe, timeframeName } from '../../data/readers/bar-time.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { crossCorrelation, type Moments, momentsOf } from '../../data/simulated/moments.ts';

/** `qcm simulate`: writes a simulated market as files, or compares its moments with real data. */
export function command(): Command {
  const simulate = new Command().description(
    'a SIMULATED market: files, or moments beside real ones',
  );
  simulate
    .command('write')
    .description('write Binance-style CSV files of a seeded market')
    .option('--seed <n>', 'same seed, same market', '1')
    .option('--days <n>', 'length', '30')
    .option('--timeframe <t>', '1m, 3m, 15m ...', '1m')
    .option('--out <folder>', 'where to', 'data/store/simulated')
    .action((options: { seed: string; days: string; timeframe: string; out: string }) =>
      write(options),
    );
  simulate
    .command('moments')
    .description('a table of moments: simulated beside the real bars of --data')
    .requiredOption('--data <folder...>', 'folders of real bars')
    .option('--out <file>', 'also write it as Markdown')
    .action((options: { data: string[]; out?: string }) => moments(options));
  return simulate;
}

function write(options: { seed: string; days: string; timeframe: string; out: string }): void {
  const timeframeMs = parseTimeframe(options.timeframe);
  const market = simulateMarket({
    seed: Number(options.seed),
    days: Number(options.days),
    timeframeMs,
  });
  mkdirSync(join(options.out, 'funding'), { recursive: true });
  for (const bars of market.series) {
    const name = `SIMULATED-${bars.symbol}-${timeframeName(timeframeMs)}-seed${options.seed}.csv`;
    writeFileSync(join(options.out, name), klineCsv(bars));
    process.stdout.write(`${join(options.out, name)}  ${bars.length} bars\n`);
  }
  for (const { symbol, times, rates } of market.funding) {
    const rows = Array.from(times, (time, i) => `${time},${rates[i]}`);
    const text = ['fundingTime,fundingRate', ...rows, ''].join('\n');
    writeFileSync(join(options.out, 'funding', `${symbol}-funding.csv`), text);
  }
}

function klineCsv(bars: Bars): string {
  const lines = [
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
      'taker_buy_volume,taker_buy_quote_volume,ignore',
  ];
  for (let i = 0; i < bars.length; i++) {
    const { openTime, open, high, low, close, volume, takerBuyVolume, timeframeMs } = bars;
    const closeTime = openTime[i] + timeframeMs - 1;
    lines.push(
      `${openTime[i]},${open[i]},${high[i]},${low[i]},${close[i]},${volume[i]},${closeTime},,,` +
        `${takerBuyVolume[i]},,`,
    );
  }
  lines.push('');
  return lines.join('\n');
}

async function moments(options: { data: string[]; out?: string }): Promise<void> {
  const lines = [
    '| market | bars | sigma bps | kurtosis | r lag 1 | abs lag 1 / 10 / 100 / day | vol-move | range/ATR median / p99 | corr BTC-ETH, BTC-SOL |',
    '|---|---|---|---|---|---|---|---|---|',
  ];
  for (const path of options.data) {
    const { series } = await loadDataset({ path });
    const [first] = series;
    const days = (first.length * first.timeframeMs) / 86_400_000;
    const { timeframeMs } = first;
    const simulated = simulateMarket({
      seed: 7,
      days: Math.min(60, Math.floor(days)),
      timeframeMs,
    });
    lines.push(...rowsOf(series, 'real'), ...rowsOf(simulated.series, 'SIMULATED'));
  }
  const text = `${lines.join('\n')}\n`;
  process.stdout.write(text);
  if (options.out !== undefined) writeFileSync(options.out, text);
}

function rowsOf(series: readonly Bars[], kind: string): string[] {
  return series.map((bars, i) => {
    const row: Moments = momentsOf(bars);
    const cross =
      i === 0
        ? series
            .slice(1)
            .map((other) => crossCorrelation(bars, other).toFixed(2))
            .join(', ')
        : '';
    const lags = [row.absLag1, row.absLag10, row.absLag100, row.absLagDay];
    const cells = [
      `${kind} ${row.symbol} ${timeframeName(bars.timeframeMs)}`,
      row.bars,
      row.sigmaBps.toFixed(2),
      row.kurtosis.toFixed(1),
      row.returnLag1.toFixed(3),
      lags.map((lag) => lag.toFixed(2)).join(' / '),
      row.volumeMove.toFixed(2),
      `${row.rangeAtrMedian.toFixed(2)} / ${row.rangeAtrP99.toFixed(2)}`,
      cross,
    ];
    return `| ${cells.join(' | ')} |`;
  });
}
