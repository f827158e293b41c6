import { closeSync, openSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { TAG_COLUMNS, TagRun } from '../../backtests/series/tags.ts';
import { cellText } from '../../backtests/series/write-series.ts';
import { type BarRow, type Bars, emptyBarRow, readBarInto } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import type { FundingTable } from '../../data/funding/funding.ts';
import { loadDataset } from '../../data/load.ts';
import { parseTimeframe, timeframeName } from '../../data/readers/bar-time.ts';
import { Funnel, type FunnelReport } from '../../strategy/tags/funnel.ts';
import { type Config, loadConfig } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { instrumentFor } from '../instrument-table.ts';
import { tagsReport } from './tags-report.ts';

const MINUTE_MS = 60_000;
const SIGNAL_MS = 3 * MINUTE_MS;
const CHUNK_CHARS = 1 << 18;

interface Flags {
  bars: string;
  symbol?: string;
  timeframe?: string;
  preset?: string;
  trade: string;
  set?: string[];
  funding?: string;
  out?: string;
  json?: string;
}

/** `qcm tags`: how often a preset's alerts come, and what stops the others. */
export function command(): Command {
  return new Command()
    .description('alerts a day of a trade preset, and the funnel that leads to them')
    .requiredOption('--bars <path>', 'file or folder of bars')
    .option('--symbol <name>', 'symbol, where there are several (default: the traded one)')
    .option('--timeframe <name>', 'signal timeframe (default: 3m, or that of coarser bars)')
    .option('--preset <name>', 'indicator preset: recipe or chart (default: the trade preset says)')
    .option('--trade <name>', 'trade preset', 'sequence')
    .option('--set <key=value...>', 'single settings, e.g. --set signal.sequenceWindowBars=10')
    .option('--funding <path>', 'funding tables (default: funding/ in or above the bars)')
    .option('--out <file>', 'write one CSV row a bar: every tag, alerts and entries')
    .option('--json <file>', 'write the counts of the funnel')
    .addHelpText('after', HELP)
    .action((flags: Flags) => tags(flags));
}

const HELP = `
Examples:
  qcm tags --bars data/store --trade sequence
  qcm tags --bars BTCUSDT-3m.csv.gz --trade documents --out tags.csv
  qcm tags --bars bars --set "signal.alertExpression={HTF_BULL} AND {OB_DEMAND_HIT}"
`;

async function tags(flags: Flags): Promise<void> {
  const sets = [...(flags.set ?? [])];
  if (flags.preset !== undefined) sets.unshift(`signal.indicators=${flags.preset}`);
  const { config } = loadConfig({ preset: flags.trade, sets, ignoreFile: true });
  const { path, symbol } = { path: flags.bars, symbol: flags.symbol };
  const data = await loadDataset({ path, symbol, fundingPath: flags.funding });
  for (const { text } of data.findings) process.stderr.write(`note: ${text}\n`);
  const bars = signalBars(data.series, flags, config);
  const funding = data.funding.find((table) => table.symbol === bars.symbol);
  const reports = run({ bars, config, funding, out: flags.out });
  const settlements = funding === undefined ? 0 : settledWithin(funding, bars);
  print(tagsReport({ bars, config, settlements, reports }));
  if (flags.out !== undefined) print(`${flags.out}: ${bars.length} rows`);
  if (flags.json !== undefined) writeFile(flags.json, `${JSON.stringify(reports, null, 2)}\n`);
}

function signalBars(series: readonly Bars[], flags: Flags, config: Config): Bars {
  const wanted = flags.symbol ?? config.market.symbol;
  const found = series.find((bars) => bars.symbol === wanted);
  const only = series.length === 1 && flags.symbol === undefined ? series[0] : undefined;
  const bars = found ?? only;
  if (bars === undefined) {
    const symbols = series.map((each) => each.symbol).join(', ');
    throw new AppError('USAGE_SYMBOL', `${flags.bars} holds ${symbols}`, 'choose with --symbol');
  }
  const asked = flags.timeframe === undefined ? undefined : parseTimeframe(flags.timeframe);
  const usual = SIGNAL_MS % bars.timeframeMs === 0 ? SIGNAL_MS : bars.timeframeMs;
  const timeframeMs = asked ?? usual;
  const biasMs = config.market.biasMinutes * MINUTE_MS;
  if (timeframeMs % bars.timeframeMs !== 0 || biasMs % timeframeMs !== 0) {
    throw new AppError(
      'USAGE_TIMEFRAME',
      `${timeframeName(timeframeMs)} signals need bars that divide them, and must divide the bias`,
      `the bars are ${timeframeName(bars.timeframeMs)}, the bias ${config.market.biasMinutes}m`,
    );
  }
  return resampleBars(bars, timeframeMs);
}

function run(options: {
  bars: Bars;
  config: Config;
  funding: FundingTable | undefined;
  out: string | undefined;
}): FunnelReport[] {
  const { bars, config, funding, out } = options;
  const tagRun = new TagRun({
    signal: config.signal,
    signalTimeframeMs: bars.timeframeMs,
    biasTimeframeMs: config.market.biasMinutes * MINUTE_MS,
    tickSize: Number(instrumentFor(bars).spec.tickSize),
  });
  const funnels = [new Funnel(tagRun.long), new Funnel(tagRun.short)];
  const file = out === undefined ? undefined : open(out);
  const row = new Float64Array(TAG_COLUMNS.length);
  let text = `openTime,${TAG_COLUMNS.join(',')}\n`;
  let settled = 0;
  const bar = emptyBarRow();
  for (let i = 0; i < bars.length; i++) {
    readBarInto(bar, bars, i);
    if (funding !== undefined) settled = feedFunding(tagRun, { funding, settled, bar, config });
    tagRun.update(bar, (pipeline) => {
      for (const funnel of funnels) funnel.bar(pipeline, bar.openTime);
    });
    if (file === undefined) continue;
    tagRun.read(row);
    text += String(bar.openTime);
    for (const value of row) text += `,${cellText(value)}`;
    text += '\n';
    if (text.length < CHUNK_CHARS) continue;
    writeSync(file, text);
    text = '';
  }
  if (file !== undefined) {
    writeSync(file, text);
    closeSync(file);
  }
  return funnels.map((funnel) => funnel.report());
}

/** The newest settlement at or before the bar's open; what comes later is not known yet. */
function feedFunding(
  tagRun: TagRun,
  at: { funding: FundingTable; settled: number; bar: BarRow; config: Config },
): number {
  const { times, rates, intervalHours } = at.funding;
  let { settled } = at;
  while (settled < times.length && times[settled] <= at.bar.openTime) settled++;
  if (settled === at.settled || settled === 0) return settled;
  const { fundingMaxPercent8h, fundingMode } = at.config.guards;
  const percent8h = rates[settled - 1] * (8 / intervalHours[settled - 1]) * 100;
  tagRun.pipeline.setFunding(percent8h, fundingMaxPercent8h, fundingMode);
  return settled;
}

function settledWithin(funding: FundingTable, bars: Bars): number {
  const from = bars.openTime[0];
  const to = bars.openTime[bars.length - 1];
  return funding.times.filter((time) => time >= from && time <= to).length;
}

function writeFile(path: string, text: string): void {
  const file = open(path);
  writeSync(file, text);
  closeSync(file);
}

function open(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    const { message } = error as Error;
    throw new AppError('USAGE_OUT', `cannot write ${path}: ${message}`, 'check the folder');
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
