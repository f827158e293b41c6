import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { collectDrawings } from '../../backtests/chart-drawings.ts';
import { pineScripts } from '../../backtests/tradingview/pine.ts';
import { readOwnTrades } from '../../backtests/tradingview/read-trades.ts';
import type { Bars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import { loadDataset } from '../../data/load.ts';
import { parseTimeframe, timeframeName } from '../../data/readers/bar-time.ts';
import { loadConfig } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { DAY_MS, MINUTE_MS } from '../engine/units.ts';
import { instrumentFor } from '../instrument-table.ts';

interface Flags {
  bars: string;
  symbol?: string;
  timeframe?: string;
  from?: string;
  to?: string;
  trade: string;
  set?: string[];
  trades?: string;
  out: string;
}

/** What is drawn when no start is given. */
const DAYS_DEFAULT = 7;

/** `qcm pine`: a script that draws our signals on the user's own TradingView chart. */
export function command(): Command {
  return new Command()
    .description('write a Pine v6 script that draws our alerts, blocks, structure and trades')
    .requiredOption('--bars <path>', 'file or folder of bars')
    .option('--symbol <name>', 'symbol, where there are several (default: the traded one)')
    .option('--timeframe <name>', 'signal timeframe (default: 3m, or that of coarser bars)')
    .option('--from <date>', `first day drawn (default: the last ${DAYS_DEFAULT} days)`)
    .option('--to <date>', 'day after the last (default: the end of the bars)')
    .option('--trade <name>', 'trade preset', 'sequence')
    .option('--set <key=value...>', 'single settings')
    .option('--trades <file>', 'trades.csv of a backtest, to draw its trades')
    .option('--out <file>', 'script to write; parts get -1, -2 ... before .pine', 'qcm.pine')
    .addHelpText('after', HELP)
    .action((flags: Flags) => pine(flags));
}

const HELP = `
Open the chart of the same symbol and timeframe on TradingView, paste the script into the Pine
editor and add it to the chart. TradingView shows at most 500 boxes, lines and labels of a script:
longer spans are split into several scripts. The scripts compute nothing; they only draw.

Example:
  qcm pine --bars data/store --from 2025-06-01 --to 2025-06-08 --trades backtests/out/RUN/trades.csv
`;

async function pine(flags: Flags): Promise<void> {
  const { config } = loadConfig({ preset: flags.trade, sets: flags.set ?? [], ignoreFile: true });
  const bars = await readBars(flags, config.market.symbol);
  const endMs = bars.openTime[bars.length - 1] + bars.timeframeMs;
  const toMs = Math.min(endMs, dayOf(flags.to) ?? endMs);
  const fromMs = dayOf(flags.from) ?? toMs - DAYS_DEFAULT * DAY_MS;
  if (!(fromMs < toMs)) {
    throw new AppError('USAGE_SPAN', '--from is not before --to', 'give days like 2025-06-01');
  }
  const { spec } = instrumentFor(bars);
  const drawings = collectDrawings(bars, {
    signal: config.signal,
    biasTimeframeMs: config.market.biasMinutes * MINUTE_MS,
    tickSize: Number(spec.tickSize),
    fromMs,
    toMs,
  });
  const trades = (flags.trades === undefined ? [] : readOwnTrades(flags.trades)).filter(
    (trade) => trade.entryMs >= fromMs && trade.entryMs < toMs,
  );
  const digits = (spec.tickSize.split('.')[1] ?? '').replace(/0+$/, '').length;
  const { symbol } = bars;
  const timeframe = timeframeName(bars.timeframeMs);
  const scripts = pineScripts({ symbol, timeframe, drawings, trades, endMs: toMs, digits });
  const stem = flags.out.replace(/\.pine$/, '');
  const paths = scripts.map((text, i) => {
    const path = scripts.length === 1 ? `${stem}.pine` : `${stem}-${i + 1}.pine`;
    writeFileSync(path, text);
    return path;
  });
  const { blocks, breaks, alerts } = drawings;
  process.stdout.write(
    `${blocks.length} blocks, ${breaks.length} breaks, ${alerts.length} alerts, ` +
      `${trades.length} trades\nwritten: ${paths.join(', ')}\n`,
  );
}

async function readBars(flags: Flags, traded: string): Promise<Bars> {
  const { series } = await loadDataset({ path: flags.bars, symbol: flags.symbol });
  const wanted = flags.symbol ?? (series.length === 1 ? series[0].symbol : traded);
  const found = series.find((bars) => bars.symbol === wanted);
  if (found === undefined) {
    const symbols = series.map((bars) => bars.symbol).join(', ');
    throw new AppError('DATA_SYMBOL', `no bars of ${wanted}; there are ${symbols}`, 'use --symbol');
  }
  const signalMs =
    flags.timeframe === undefined
      ? Math.max(found.timeframeMs, 3 * MINUTE_MS)
      : parseTimeframe(flags.timeframe);
  return resampleBars(found, signalMs);
}

function dayOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(ms)) throw new AppError('USAGE_DATE', `"${text}" is not a date like 2025-06-01`);
  return ms;
}
