import { basename } from 'node:path';
import { Command } from 'commander';
import {
  type Calibration,
  calibrate,
  SEARCH_SPACE,
} from '../../backtests/tradingview/calibrate.ts';
import { printable } from '../../backtests/tradingview/diff-chart.ts';
import { readChartExport } from '../../backtests/tradingview/read-export.ts';
import type { Bars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import { loadDataset } from '../../data/load.ts';
import { AppError } from '../engine/error.ts';
import { writePresetFile } from './preset-file.ts';

interface Flags {
  export: string;
  module: string;
  preset: string;
  bars?: string;
  symbol?: string;
  map?: string[];
  fix?: string[];
  fitShare: string;
  out: string;
}

/** Exit code after Ctrl-C; the best settings so far are written. */
const INTERRUPTED = 130;

/** `qcm calibrate`: the settings of a module under which it comes closest to an export. */
export function command(): Command {
  return new Command()
    .description('search the settings under which our series come closest to a chart export')
    .requiredOption('--export <file>', 'chart data exported from TradingView (CSV)')
    .requiredOption('--module <name>', `one of ${Object.keys(SEARCH_SPACE).join(', ')}`)
    .option('--preset <name>', 'indicator preset to start from', 'chart')
    .option('--bars <path>', 'bars to compute on, for longer history or volume')
    .option('--symbol <name>', 'symbol, where --bars holds several')
    .option('--map <column=series...>', 'what a column is, as in qcm diff')
    .option('--fix <name=value...>', 'settings that are not searched')
    .option('--fit-share <share>', 'part of the export that is searched on', '0.6')
    .option('--out <file>', 'preset file to write', 'calibrated.json')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

const HELP = `
The search sees the first part of the export only; the match on the rest is what to expect on other
days. Scores: 1 is equal; lines by 1 - RMSE / spread, events by F1 within one bar. Settings that make
no difference to the export are named and left at their default. Ctrl-C writes the best so far.

Examples:
  qcm calibrate --export chart.csv --module oscillator-matrix --out osc.json
  qcm diff --export chart.csv --preset osc.json
  qcm series --bars data/store --module oscillator-matrix --preset osc.json
`;

async function run(flags: Flags): Promise<void> {
  const fitShare = Number(flags.fitShare);
  if (!(fitShare > 0.1 && fitShare < 0.95)) {
    throw new AppError('USAGE_SHARE', `--fit-share ${flags.fitShare} is not within 0.1..0.95`);
  }
  const chart = readChartExport(flags.export);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  let shown = 0;
  try {
    const found = await calibrate({
      chart,
      module: flags.module,
      preset: flags.preset,
      bars: await readBars(flags, chart.bars.timeframeMs),
      maps: flags.map,
      fixed: parseFixed(flags.fix ?? []),
      fitShare,
      signal: stop.signal,
      onProgress: ({ evaluations, best }) => {
        if (evaluations < shown + 20) return;
        shown = evaluations;
        process.stderr.write(`${evaluations} settings tried, best ${best.toFixed(4)}\n`);
      },
    });
    writePresetFile(flags.out, found, basename(flags.export));
    process.stdout.write(`${reportText(found, flags)}\n`);
    if (found.wasStopped) process.exitCode = INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', onSignal);
  }
}

function reportText(found: Calibration, flags: Flags): string {
  const { before, after, columns, undecided } = found;
  const settings = Object.entries(found.set).map(([name, value]) => `${name}=${value}`);
  const score = (value: number) => (Number.isNaN(value) ? '-' : value.toFixed(4)).padStart(9);
  return [
    `${found.module}: ${found.evaluations} settings tried${found.wasStopped ? ', STOPPED' : ''}`,
    `best: ${settings.join(' ') || 'the defaults'}`,
    `${'score'.padEnd(32)}${'searched'.padStart(9)}${'held out'.padStart(9)}`,
    `${'before'.padEnd(32)}${score(before.fit)}${score(before.heldOut)}`,
    `${'after'.padEnd(32)}${score(after.fit)}${score(after.heldOut)}`,
    ...columns.map(
      ({ label, fit, heldOut }) =>
        `  ${printable(label).slice(0, 29).padEnd(30)}${score(fit)}${score(heldOut)}`,
    ),
    ...(undecided.length > 0 ? [`cannot be told from this export: ${undecided.join(', ')}`] : []),
    `written: ${flags.out}; use it with --preset ${flags.out}`,
  ].join('\n');
}

async function readBars(flags: Flags, timeframeMs: number): Promise<Bars | undefined> {
  if (flags.bars === undefined) return undefined;
  const { series } = await loadDataset({ path: flags.bars, symbol: flags.symbol });
  const wanted = series.filter(
    (bars) => flags.symbol === undefined || bars.symbol === flags.symbol,
  );
  if (wanted.length !== 1) {
    const symbols = series.map((bars) => bars.symbol).join(', ');
    throw new AppError('DATA_SYMBOL', `${flags.bars} holds ${symbols}`, 'choose with --symbol');
  }
  return resampleBars(wanted[0], timeframeMs);
}

function parseFixed(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new AppError('USAGE_SET', `"${text}" is not name=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
