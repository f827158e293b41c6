import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type NotFilled, notFilledWhatIf } from '../../backtests/metrics/not-filled.ts';
import { reportData } from '../../backtests/report/report-data.ts';
import { RunRecorder } from '../../backtests/report/run-recorder.ts';
import { runSummary, type Variant, variantOf } from '../../backtests/report/summary.ts';
import { textReport, tradeTable } from '../../backtests/report/text-report.ts';
import { writeReport } from '../../backtests/report/write-report.ts';
import { summaryJson, writeRun } from '../../backtests/report/write-run.ts';
import { runBacktestInSlices } from '../../backtests/run.ts';
import type { BacktestOptions, BacktestResult } from '../../backtests/run-options.ts';
import { timeframeName } from '../../data/readers/bar-time.ts';
import { STRATEGIES } from '../../strategy/catalog.ts';
import { EquityStop } from '../../strategy/risk/equity-stop.ts';
import { codeVersion } from '../code-version.ts';
import { type BacktestInput, composeBacktest, tradedSymbols } from '../compose.ts';
import { type LoadedConfig, loadConfig, loadEnvironment } from '../config.ts';
import type { Setting } from '../config-settings.ts';
import { AppError, closestNames } from '../engine/error.ts';
import { instrumentFor } from '../instrument-table.ts';
import { findMarketData, type MarketData, PULL_COMMAND } from '../market-data.ts';
import { TRADE_PRESET_NOTES } from '../trade-presets.ts';

const STRATEGY_IDS = STRATEGIES.map(({ id }) => id);
const OUT_FOLDER = join('backtests', 'out');

interface Flags {
  data?: string;
  from?: string;
  to?: string;
  maxBars?: string;
  equity?: string;
  json?: string;
  funding?: string;
  calendar?: string;
  trades?: string;
  book?: string;
  config?: string;
  trade?: string;
  preset?: string;
  hedge?: string;
  strategy: string;
  set?: string[];
  strict?: boolean;
  compare: boolean;
  out?: string;
}

/** `qcm backtest`, the main job: data, run, report. */
export function command(): Command {
  return new Command()
    .description('run the strategy over bars, as an exchange would have filled it, and report')
    .option('--data <path>', 'folder or file of bars (default: downloaded data, else SIMULATED)')
    .option('--from <date>', 'start trading here; earlier bars only warm up')
    .option('--to <date>', 'use no bars that close after this')
    .option('--max-bars <n>', 'signal bars to trade, counted from --from')
    .option('--equity <usdt>', 'start equity (default: 10000)')
    .option('--trade <preset>', 'trade preset, see below')
    .option('--preset <preset>', 'the same as --trade')
    .option('--hedge <mode>', 'off, proportional, minVariance or literal')
    .option('--set <key=value...>', 'single settings, e.g. --set entry.mode=taker')
    .option('--strategy <id>', `one of: ${STRATEGY_IDS.join(', ')}`, STRATEGY_IDS[0])
    .option('--config <file>', 'configuration file (default: qcm.config.json if there)')
    .option('--funding <path>', 'funding tables (default: funding/ in or above the data)')
    .option('--calendar <path>', 'economic calendar (default: calendar/ in or above the data)')
    .option('--trades <path>', 'recorded trades, Binance archives (default: trades/ in the data)')
    .option('--book <path>', 'recorded books, raw websocket lines (default: book/ in the data)')
    .option('--strict', 'refuse data that would have to be repaired')
    .option('--no-compare', 'skip the runs with other assumptions that are printed beside')
    .option('--json <file>', 'copy summary.json to this file')
    .option('--out <folder>', 'result folder (default: a new one in backtests/out)')
    .addHelpText('after', HELP)
    .action((flags: Flags) => backtest(flags));
}

const HELP = `
Trade presets:
${Object.entries(TRADE_PRESET_NOTES)
  .map(([name, note]) => `  ${name.padEnd(14)}${note}`)
  .join('\n')}

Examples:
  qcm backtest                                     the best data there is, default preset
  qcm backtest --data my/bars --from 2023-01-01 --max-bars 10000
  qcm backtest --data my/bars --trade overview --set risk.perTradePercent=0.4
  qcm backtest --data my/bars --json result.json   also for scripts
  qcm backtest --data my/bars --trades my/aggTrades --book my/l2

What happens:
  Decided on a closed bar, matched from the next on, with latency, fees, funding and slippage.
  Finer bars than the signals' (1m under 3m) are used to order what happens inside a bar; if stop
  and target lie in one bar the stop is taken and counted. Post-only entries are not credited from
  bars. Recorded trades replace the bars that they cover (a maker fills when price trades through
  it), recorded books too (takers walk the book, makers wait in its queue); the report names what
  each period was taken from. The same run in best case and with maker fills from bars is printed beside the result.

Result files: trades.csv, not-filled.csv, equity.csv, summary.json, report.html (open it in a
browser; it loads nothing) and report-data.json, from which qcm report makes the page again.
Exit codes: 0 done, 2 wrong usage, 3 data refused, 4 configuration refused, 130 interrupted.
`;

async function backtest(flags: Flags): Promise<void> {
  const startedMs = Date.now();
  const loaded = configOf(flags);
  const { config } = loaded;
  const span = spanOf(flags);
  const data = await findMarketData({
    path: flags.data,
    symbols: tradedSymbols(config),
    strict: flags.strict ?? false,
    fundingPath: flags.funding,
    calendarPath: flags.calendar,
    usesRecordings: true,
    tradesPath: flags.trades,
    bookPath: flags.book,
    cacheFolder: loadEnvironment().cacheFolder,
    simulation: config.simulation,
    onProgress: progress,
  });
  const input: BacktestInput = {
    config,
    data,
    codeVersion: codeVersion(),
    configHash: loaded.hash,
    equityStopOnBreach: equityStopMode(loaded),
    ...span,
  };
  const options = composeBacktest(input);
  refuseEmptySpan(options);
  const stop = interruptible();
  const recorder = new RunRecorder({
    mainSymbol: options.mainSymbol,
    instruments: options.account.instruments,
  });
  const result = await run('', { ...options, observer: recorder.observe }, stop.signal);
  const base = { result, signal: stop.signal };
  const others = flags.compare ? await otherRuns(input, base) : { variants: [] };
  stop.release();
  progress('');
  report({ flags, input, options, result, recorder, ...others, startedMs });
  if (result.isInterrupted) process.exitCode = 130;
}

function configOf(flags: Flags): LoadedConfig {
  if (!STRATEGY_IDS.includes(flags.strategy)) {
    const near = closestNames(flags.strategy, STRATEGY_IDS);
    throw new AppError(
      'USAGE_UNKNOWN_STRATEGY',
      `unknown strategy "${flags.strategy}"`,
      near.length > 0 ? `did you mean ${near.join(', ')}?` : `known: ${STRATEGY_IDS.join(', ')}`,
    );
  }
  const fixed: Setting[] = [{ path: 'mode', value: 'backtest', origin: 'qcm backtest' }];
  if (flags.equity !== undefined) {
    const value = numberOf('--equity', flags.equity);
    fixed.push({ path: 'account.equity', value, origin: '--equity' });
  }
  if (flags.hedge !== undefined) {
    fixed.push({ path: 'hedge.mode', value: flags.hedge, origin: '--hedge' });
  }
  const preset = flags.trade ?? flags.preset;
  return loadConfig({ path: flags.config, preset, sets: flags.set, fixed });
}

/** Backtests only observe the equity stop (decision 39), unless the user asked for another. */
function equityStopMode({ config, origins }: LoadedConfig): 'latch' | 'rearm' | 'observe' {
  const isAsked = origins['risk.equityStopOnBreach'] !== undefined;
  return isAsked ? config.risk.equityStopOnBreach : 'observe';
}

function spanOf(flags: Flags): Pick<BacktestInput, 'fromMs' | 'toMs' | 'barsMax'> {
  const fromMs = flags.from === undefined ? undefined : dateOf('--from', flags.from);
  const toMs = flags.to === undefined ? undefined : dateOf('--to', flags.to);
  const barsMax = flags.maxBars === undefined ? undefined : numberOf('--max-bars', flags.maxBars);
  if (barsMax !== undefined && !(Number.isInteger(barsMax) && barsMax > 0)) {
    throw new AppError('USAGE_NUMBER', `--max-bars ${flags.maxBars} is not a count above zero`);
  }
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw new AppError('USAGE_DATE', `--from ${flags.from} does not lie before --to ${flags.to}`);
  }
  return { fromMs, toMs, barsMax };
}

/** UTC; a date alone is its midnight. */
function dateOf(name: string, text: string): number {
  const isKnown = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?Z?)?$/.test(text);
  const iso = text.length > 10 && !text.endsWith('Z') ? `${text}Z` : text;
  const ms = isKnown ? Date.parse(iso.replace(' ', 'T')) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new AppError(
    'USAGE_DATE',
    `${name} "${text}" is not a date`,
    'write 2023-01-31 or 2023-01-31T15:30 (UTC)',
  );
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new AppError('USAGE_NUMBER', `${name} "${text}" is not a number`);
}

function refuseEmptySpan(options: BacktestOptions): void {
  const main = options.feeds.find((bars) => bars.symbol === options.mainSymbol);
  if (main === undefined) return;
  const firstMs = main.openTime[0];
  const lastMs = main.openTime[main.length - 1] + main.timeframeMs;
  const { fromMs = firstMs, toMs = lastMs } = options;
  if (fromMs < lastMs && toMs > firstMs) return;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  throw new AppError(
    'DATA_SPAN',
    `the bars of ${main.symbol} end or begin outside --from and --to`,
    `they cover ${day(firstMs)} to ${day(lastMs)} UTC`,
  );
}

interface OtherRuns {
  variants: Variant[];
  notFilled?: NotFilled;
}

/** The same decisions under other assumptions about what bars do not tell, and other stops. */
async function otherRuns(
  input: BacktestInput,
  base: { result: BacktestResult; signal: AbortSignal },
): Promise<OtherRuns> {
  const { config, equityStopOnBreach } = input;
  const { pathOrder } = config.simulation;
  const { result, signal } = base;
  const variants = [variantOf(`this run (ambiguous bars: ${pathOrder} case)`, result)];
  const others: OtherRuns = { variants };
  const otherOrder = pathOrder === 'worst' ? 'best' : 'worst';
  const otherStop = equityStopOnBreach === 'latch' ? 'observe' : 'latch';
  const arms: [name: string, options: () => BacktestOptions][] = [
    [
      `ambiguous bars in ${otherOrder} case`,
      () => withVenue(composeBacktest(input), { pathOrder: otherOrder }),
    ],
    [
      'maker entries filled from bars',
      () => withVenue(composeBacktest(input), { makerFromBars: true }),
    ],
    [
      otherStop === 'latch' ? 'equity stop latched' : 'equity stop only observed',
      () => composeBacktest({ ...input, equityStopOnBreach: otherStop }),
    ],
  ];
  if (result.unfilled.length > 0) {
    const entry = { ...config.entry, mode: 'taker' as const, cvdEntry: 'off' as const };
    arms.push([AT_MARKET, () => composeBacktest({ ...input, config: { ...config, entry } })]);
  }
  for (const [name, options] of arms) {
    if (signal.aborted) break;
    const other = await run(name, options(), signal);
    if (other.isInterrupted) break;
    variants.push(variantOf(name, other));
    if (name === AT_MARKET) others.notFilled = notFilledWhatIf(result, other);
  }
  return others;
}

const AT_MARKET = 'every signal taken at market';

function withVenue(
  options: BacktestOptions,
  venue: Partial<BacktestOptions['venue']>,
): BacktestOptions {
  return { ...options, venue: { ...options.venue, ...venue } };
}

function run(name: string, options: BacktestOptions, signal: AbortSignal): Promise<BacktestResult> {
  const prefix = name === '' ? 'bars' : name;
  return runBacktestInSlices(options, {
    signal,
    onProgress: (done, total) => progress(`${prefix}: ${Math.floor((100 * done) / total)} %`),
  });
}

/** The first Ctrl-C stops the run and keeps what there is; a second one ends the process. */
function interruptible(): { signal: AbortSignal; release: () => void } {
  const control = new AbortController();
  const onSignal = () => control.abort();
  process.once('SIGINT', onSignal);
  const release = () => process.off('SIGINT', onSignal);
  return { signal: control.signal, release };
}

function report(run: {
  flags: Flags;
  input: BacktestInput;
  options: BacktestOptions;
  result: BacktestResult;
  recorder: RunRecorder;
  variants: Variant[];
  notFilled?: NotFilled;
  startedMs: number;
}): void {
  const { flags, options, result, recorder, variants, notFilled, startedMs } = run;
  const { config, data, equityStopOnBreach } = run.input;
  const equityStop = options.rules.find((rule) => rule instanceof EquityStop);
  const now = new Date();
  const summary = runSummary({
    result,
    variants,
    notFilled,
    fingerprints: options.fingerprints,
    config,
    data: manifestOf(data, options),
    signalTimeframeMs: options.signalTimeframeMs,
    riskPercent: config.risk.perTradePercent,
    equityStop: {
      onBreach: equityStopOnBreach,
      breaches: equityStop?.breaches ?? 0,
      firstBreachMs: equityStop?.firstBreachMs ?? Number.NaN,
    },
    timestamps: { generatedAt: now.toISOString(), elapsedMs: Date.now() - startedMs },
  });
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  const folder = flags.out ?? join(OUT_FOLDER, `${stamp}-${config.preset}`);
  const paths = writeRun(folder, { result, summary });
  const { signal, market } = config;
  const biasTimeframeMs = market.biasMinutes * 60_000;
  const [dataPath, pagePath] = writeReport(
    folder,
    reportData({ result, options, recorder, signal, biasTimeframeMs }),
  );
  if (flags.json !== undefined) writeFileSync(flags.json, summaryJson(summary));
  process.stdout.write(`${tradeTable(result.trades)}\n${textReport(summary)}\n`);
  process.stdout.write(`written: ${[...paths, dataPath].join(', ')}\nreport: ${pagePath}\n`);
  if (data.kind === 'simulated') {
    process.stdout.write(
      `\nSIMULATED: these prices were invented. For real ones:\n  ${PULL_COMMAND}\n`,
    );
  }
  process.stdout.write('Not financial advice.\n');
}

function manifestOf(data: MarketData, options: BacktestOptions) {
  const iso = (ms: number) => new Date(ms).toISOString();
  const ticks = options.feeds.flatMap((bars) => instrumentFor(bars).note ?? []);
  return {
    kind: data.kind,
    label: data.label,
    files: data.manifest,
    series: options.feeds.map((bars) => ({
      symbol: bars.symbol,
      timeframe: timeframeName(bars.timeframeMs),
      bars: bars.length,
      from: iso(bars.openTime[0]),
      to: iso(bars.openTime[bars.length - 1] + bars.timeframeMs),
    })),
    findings: data.findings,
    notes: [...data.notes, ...ticks],
  };
}

/** One line on stderr, rewritten; on a pipe only whole messages would be noise, so none. */
function progress(text: string): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${text}`);
}
