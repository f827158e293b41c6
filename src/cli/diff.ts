import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { compareTrades, tradesF1, tradesText } from '../../backtests/tradingview/compare-trades.ts';
import { type ChartDiff, diffChart } from '../../backtests/tradingview/diff-chart.ts';
import { diffPage } from '../../backtests/tradingview/diff-page.ts';
import {
  diffJson,
  diffText,
  missedThresholds,
  type Thresholds,
} from '../../backtests/tradingview/diff-report.ts';
import { type ChartExport, readChartExport } from '../../backtests/tradingview/read-export.ts';
import { readOwnTrades, readTradingViewTrades } from '../../backtests/tradingview/read-trades.ts';
import type { Bars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import { loadDataset } from '../../data/load.ts';
import { timeframeName } from '../../data/readers/bar-time.ts';
import { AppError } from '../engine/error.ts';
import { withPresetFile } from './preset-file.ts';

/** `EXIT.threshold`. main.ts waits for this module, so importing it here would wait for ever. */
const EXIT_THRESHOLD = 5;

interface DiffFlags {
  export?: string;
  bars?: string;
  symbol?: string;
  module?: string;
  preset?: string;
  set?: string[];
  map?: string[];
  warmup?: number;
  tolerance?: number;
  minCorrelation?: number;
  minF1?: number;
  maxDiffering?: number;
  json?: string;
  html?: string;
  trades?: string;
  ours?: string;
  zone?: string;
  withinMinutes: number;
}

/** `qcm diff`: our series beside those of a TradingView export. */
export function command(): Command {
  return new Command()
    .description('compare our series or trades with exports of TradingView')
    .option('--export <file>', 'chart data exported from TradingView (CSV)')
    .option('--bars <path>', 'bars to compute on, for longer history or volume')
    .option('--symbol <name>', 'symbol, where --bars holds several')
    .option('--module <name>', 'look for columns of this module only')
    .option('--preset <name>', 'indicator preset, or a file of qcm calibrate', 'chart')
    .option('--set <name=value...>', 'options of --module')
    .option('--map <column=series...>', 'what a column is, e.g. "EMA #2=ta.ema(close, 50)"')
    .option('--warmup <bars>', 'bars left out at the start (default: 200 for modules)', number)
    .option('--tolerance <share>', 'relative difference that counts (default: 1e-6)', number)
    .option('--min-correlation <r>', 'exit code 5 when a line has less', number)
    .option('--min-f1 <rate>', 'exit code 5 when events within 1 bar have less', number)
    .option('--max-differing <bars>', 'exit code 5 when more bars of a column differ', number)
    .option('--json <file>', 'write the figures as JSON')
    .option('--html <file>', 'write one self-contained page with both series drawn')
    .option('--trades <file>', '"List of trades" exported from TradingView, instead of --export')
    .option('--ours <file>', 'trades.csv of a backtest, beside --trades')
    .option('--zone <offset>', 'of trade times that carry none, e.g. -05:00', '+00:00')
    .option('--within-minutes <n>', 'how far entries of one trade may lie apart', number, 6)
    .addHelpText(
      'after',
      `
Examples:
  qcm diff --export chart.csv
  qcm diff --export chart.csv --bars data/store --preset recipe --min-correlation 0.95
  qcm diff --trades list-of-trades.csv --ours backtests/out/latest/trades.csv
  qcm diff --export chart.csv --map "EMA=ta.ema(close, 20)" "EMA #2=ta.ema(close, 50)"
`,
    )
    .action((flags: DiffFlags) => run(withPresetFile(flags)));
}

async function run(flags: DiffFlags): Promise<void> {
  if ((flags.export === undefined) === (flags.trades === undefined)) {
    const hint = 'give --export <file>, or --trades <file> with --ours <file>';
    throw new AppError('USAGE_DIFF', 'one of --export and --trades is needed', hint);
  }
  if (flags.export === undefined) diffTrades(flags);
  else await diffExport(flags.export, flags);
}

function diffTrades(flags: DiffFlags): void {
  const theirs = readTradingViewTrades(flags.trades as string, flags.zone);
  if (flags.ours === undefined) {
    const text = `${flags.trades} holds ${theirs.length} trades; what are they compared with?`;
    throw new AppError('USAGE_DIFF', text, 'give --ours <trades.csv of qcm backtest>');
  }
  const diff = compareTrades(theirs, readOwnTrades(flags.ours), flags.withinMinutes);
  process.stdout.write(tradesText(diff));
  if (flags.json !== undefined) write(flags.json, `${JSON.stringify(diff, null, 2)}\n`);
  if (flags.minF1 === undefined || tradesF1(diff) >= flags.minF1) return;
  process.stdout.write(`MISSED F1 of trades under ${flags.minF1}\n`);
  process.exitCode = EXIT_THRESHOLD;
}

async function diffExport(path: string, flags: DiffFlags): Promise<void> {
  const chart = readChartExport(path);
  const diff = diffChart({
    chart,
    bars: flags.bars === undefined ? undefined : await givenBars(chart, flags),
    module: flags.module,
    preset: flags.preset,
    set: flags.set,
    maps: flags.map,
    warmUpBars: flags.warmup,
    tolerance: flags.tolerance,
  });
  process.stdout.write(diffText(chart, diff));
  if (flags.json !== undefined) write(flags.json, diffJson(chart, diff));
  if (flags.html !== undefined) write(flags.html, diffPage(chart, diff));
  judge(diff, flags);
}

function judge(diff: ChartDiff, thresholds: Thresholds): void {
  const missed = missedThresholds(diff, thresholds);
  for (const text of missed) process.stdout.write(`MISSED ${text}\n`);
  if (missed.length > 0) process.exitCode = EXIT_THRESHOLD;
}

/** Bars of the export's timeframe, resampled from finer ones where needed. */
async function givenBars(chart: ChartExport, flags: DiffFlags): Promise<Bars> {
  const { series } = await loadDataset({ path: flags.bars as string, symbol: flags.symbol });
  const symbol = flags.symbol ?? chart.bars.symbol;
  const bars = series.length === 1 ? series[0] : series.find((one) => one.symbol === symbol);
  if (bars === undefined) {
    const symbols = series.map((one) => one.symbol).join(', ');
    throw new AppError('USAGE_SYMBOL', `${flags.bars} holds ${symbols}`, 'choose with --symbol');
  }
  const wanted = chart.bars.timeframeMs;
  if (bars.timeframeMs === wanted) return bars;
  if (wanted % bars.timeframeMs === 0) return resampleBars(bars, wanted);
  const [have, need] = [bars.timeframeMs, wanted].map(timeframeName);
  throw new AppError('DATA_TIMEFRAME', `${need} bars cannot be made of ${have} bars`);
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const { message } = error as Error;
    throw new AppError('USAGE_OUT', `cannot write ${path}: ${message}`, 'check the folder');
  }
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new AppError('USAGE_NUMBER', `"${text}" is not a number`);
}
