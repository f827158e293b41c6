import { closeSync, openSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { findModule, SERIES_MODULES } from '../../backtests/series/modules.ts';
import { checkSettings, type SeriesModule } from '../../backtests/series/series-module.ts';
import { type WriteOptions, writeSeries } from '../../backtests/series/write-series.ts';
import type { Bars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import { loadDataset } from '../../data/load.ts';
import { parseTimeframe, timeframeName } from '../../data/readers/bar-time.ts';
import { AppError } from '../engine/error.ts';
import { withPresetFile } from './preset-file.ts';

/** `qcm series`: one row per bar, as CSV. */
export function command(): Command {
  return moduleCommand({
    summary: 'what an indicator module shows, one CSV row per closed bar',
    noun: 'rows',
    examples: [
      'qcm series --bars BTCUSDT-3m.csv.gz --timeframe 3m --module smc --out smc.csv',
      'qcm series --bars data/1m --timeframe 15m --module smc --set mitigation=close --out smc.csv',
      'qcm series --bars bars.csv --module supertrend-ai --set cluster=best --set max=5',
    ],
    run: writeSeries,
  });
}

interface SeriesFlags {
  bars: string;
  module: string;
  timeframe?: string;
  symbol?: string;
  set?: string[];
  preset?: string;
  trade?: string;
  out?: string;
}

/** `qcm series` and `qcm events` differ only in what they write of a module. */
export function moduleCommand(options: {
  summary: string;
  noun: string;
  examples: readonly string[];
  run: (options: WriteOptions) => number;
}): Command {
  const examples = options.examples.map((line) => `  ${line}`).join('\n');
  return new Command()
    .description(options.summary)
    .requiredOption('--bars <path>', 'file or folder of bars: CSV, .gz, .zip, Parquet, TradingView')
    .requiredOption('--module <name>', 'one of the modules below')
    .option('--timeframe <name>', 'timeframe of the rows (default: that of the bars)')
    .option('--symbol <name>', 'symbol, where the folder holds several or the name tells none')
    .option('--set <name=value...>', 'options of the module')
    .option('--preset <name>', 'indicator preset, or a file of qcm calibrate')
    .option('--trade <name>', 'trade preset, for the module tags')
    .option('--out <file>', 'file to write (default: standard output)')
    .addHelpText('after', `\nModules:\n${modulesHelp()}\n\nExamples:\n${examples}\n`)
    .action(async (given: SeriesFlags) => {
      const flags = withPresetFile(given);
      const module = findModule(flags.module);
      const bars = await readBars(flags);
      const { symbol, timeframeMs } = bars;
      const { set = [], preset, trade } = flags;
      const settings = checkSettings(module, { symbol, timeframeMs, set, preset, trade });
      const written = writeTo(flags.out, (write) => options.run({ module, settings, bars, write }));
      if (flags.out === undefined) return;
      const what = `${symbol} ${timeframeName(timeframeMs)}, ${bars.length} bars`;
      process.stderr.write(
        `${flags.out}: ${written} ${options.noun} of ${module.name} (${what})\n`,
      );
    });
}

async function readBars(flags: SeriesFlags): Promise<Bars> {
  const timeframeMs = flags.timeframe === undefined ? undefined : parseTimeframe(flags.timeframe);
  const { symbol } = flags;
  const symbols = symbol === undefined ? undefined : [symbol];
  const { series, findings } = await loadDataset({ path: flags.bars, symbol, symbols });
  for (const finding of findings) process.stderr.write(`note: ${finding.text}\n`);
  const bars = oneOf(series, flags);
  if (timeframeMs === undefined || timeframeMs === bars.timeframeMs) return bars;
  if (timeframeMs < bars.timeframeMs || timeframeMs % bars.timeframeMs !== 0) {
    const have = timeframeName(bars.timeframeMs);
    throw new AppError(
      'USAGE_TIMEFRAME',
      `${flags.timeframe} rows cannot be made of ${have} bars`,
      `ask for a multiple of ${have}, or give finer bars`,
    );
  }
  return resampleBars(bars, timeframeMs);
}

function oneOf(series: readonly Bars[], flags: SeriesFlags): Bars {
  const named = series.find((bars) => bars.symbol === flags.symbol);
  if (named !== undefined) return named;
  if (series.length === 1 && flags.symbol === undefined) return series[0];
  const symbols = series.map((bars) => bars.symbol).join(', ');
  throw new AppError('USAGE_SYMBOL', `${flags.bars} holds ${symbols}`, 'choose with --symbol');
}

function writeTo(path: string | undefined, run: (write: (text: string) => void) => number): number {
  if (path === undefined) {
    // A reader like `head` that has seen enough is no failure.
    process.stdout.on('error', (error: { code?: string }) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
    return run((text) => {
      process.stdout.write(text);
    });
  }
  const file = openForWriting(path);
  try {
    return run((text) => {
      writeSync(file, text);
    });
  } finally {
    closeSync(file);
  }
}

function openForWriting(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    const { message } = error as Error;
    throw new AppError('USAGE_OUT', `cannot write ${path}: ${message}`, 'check the folder');
  }
}

function modulesHelp(): string {
  return SERIES_MODULES.map(moduleHelp).join('\n');
}

function moduleHelp(module: SeriesModule): string {
  const lines = [`  ${module.name.padEnd(18)}${module.summary}`];
  if (module.presets.length > 0) lines.push(`    --preset ${module.presets.join(' | ')}`);
  const trades = module.tradePresets ?? [];
  if (trades.length > 0) lines.push(`    --trade ${trades.join(' | ')}`);
  for (const option of module.options) {
    const values = option.choices === undefined ? `number, ${option.default}` : option.choices;
    const shown = typeof values === 'string' ? values : values.join(' | ');
    lines.push(`    --set ${option.name}=`.padEnd(28) + `${option.summary} (${shown})`);
  }
  return lines.join('\n');
}
