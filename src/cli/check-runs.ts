import { Command } from 'commander';
import {
  type ComposeRun,
  checkLookahead,
  type LookaheadResult,
  type MarketInput,
} from '../../backtests/checks/lookahead.ts';
import { checkReplay, type ReplayResult } from '../../backtests/checks/replay.ts';
import { type ResolutionResult, resolutionLadder } from '../../backtests/checks/resolution.ts';
import { sliceBars } from '../../data/bars/bars.ts';
import { codeVersion } from '../code-version.ts';
import { composeBacktest, signalTimeframeMs, tradedSymbols } from '../compose.ts';
import { type Config, loadConfig, loadEnvironment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { DAY_MS } from '../engine/units.ts';
import { findMarketData, type MarketData } from '../market-data.ts';
import { TRADE_PRESETS } from '../trade-presets.ts';
import { numberFlag } from './number-flag.ts';

interface Flags {
  data?: string;
  trades?: string;
  book?: string;
  trade?: string;
  set?: string[];
  days?: string;
  cuts?: string;
  json?: boolean;
}

/** One preset with its data, ready to be run again and again. */
interface Subject {
  preset: string;
  label: string;
  market: MarketInput;
  compose: ComposeRun;
  coarseMs: number;
  fineMs: number;
}

const COMMON = `
Without --trade every strategy preset is checked. Without --data: downloaded data, else SIMULATED.
Exit code 1 when a check fails.
`;

function base(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .option('--data <path>', 'folder or file of bars')
    .option('--trades <path>', 'recorded trades (default: trades/ in the data)')
    .option('--book <path>', 'recorded books (default: book/ in the data)')
    .option('--trade <preset>', 'only this trade preset')
    .option('--set <key=value...>', 'single settings')
    .option('--days <n>', 'only the first days of the data')
    .option('--json', 'print JSON');
}

/** `qcm check lookahead`. */
export function lookaheadCommand(): Command {
  return base('lookahead', 'no decision depends on what comes later')
    .option('--cuts <n>', 'moments at which the future is cut off or invented', '5')
    .addHelpText(
      'after',
      `
At each cut the run is made again on bars that end there, and on bars that go on with an invented
market ten times as wild. Every order, alert and decision up to the cut must be the same.
${COMMON}
Example:
  qcm check lookahead --data my/bars --trade sequence --cuts 8
`,
    )
    .action((flags: Flags) => {
      const cuts = numberFlag('--cuts', flags.cuts ?? '5', { low: 1, high: 1_000, isWhole: true });
      return check(flags, ({ compose, market }) => checkLookahead(compose, market, { cuts }), {
        text: lookaheadText,
        isClean: (result) => result.isClean,
      });
    });
}

/** `qcm check replay`. */
export function replayCommand(): Command {
  return base('replay', 'the journal of a backtest gives the same effects and digest again')
    .addHelpText(
      'after',
      `
Every event is written as a journal line and read back into a new engine; a second one is saved
half-way and goes on from its snapshot. Effects are compared after every event.
${COMMON}
Example:
  qcm check replay --data my/bars --days 60
`,
    )
    .action((flags: Flags) =>
      check(flags, ({ compose, market }) => checkReplay(() => compose(market)), {
        text: replayText,
        isClean: (result) => result.isClean,
      }),
    );
}

/** `qcm check resolution`. */
export function resolutionCommand(): Command {
  return base('resolution', 'signal bars alone against finer bars inside, trade by trade')
    .addHelpText(
      'after',
      `
The same signals are traded once on signal bars only (3m) and once with the finer bars (1m) that
order what happens inside; where the data is finer than 1m (1s bars), a second step goes from 1m to
that, and where trades or books were recorded, a last one from bars to the recording. Each trade that
ends differently is listed with its cause; the parts add up to the difference. Data that holds
neither finer bars nor a recording is refused.
${COMMON}
Example:
  qcm check resolution --data my/1m-bars --trade sequence
  qcm check resolution --data my/1m-bars --trades my/aggTrades --trade sequence
`,
    )
    .action((flags: Flags) =>
      check(flags, resolution, {
        text: (steps) => steps.map(resolutionText).join('\n\n'),
        isClean: (steps) => steps.every((step) => Math.abs(step.unexplainedR) < 1e-6),
      }),
    );
}

function resolution({ compose, market, coarseMs, fineMs, label }: Subject): ResolutionResult[] {
  if (fineMs >= coarseMs && !market.tapes?.length) {
    throw new AppError(
      'DATA_TIMEFRAME',
      `${label} holds nothing finer than the ${coarseMs / 60_000}m signal bars`,
      'use 1m bars: qcm data pull, or npm start for the simulated market',
    );
  }
  return resolutionLadder(compose, market);
}

async function check<T>(
  flags: Flags,
  measure: (subject: Subject) => T,
  shown: { text: (result: T) => string; isClean: (result: T) => boolean },
): Promise<void> {
  const presets = flags.trade === undefined ? Object.keys(TRADE_PRESETS) : [flags.trade];
  let failed = 0;
  const all: Record<string, T> = {};
  for (const preset of presets) {
    const subject = await subjectOf(preset, flags);
    const result = measure(subject);
    all[preset] = result;
    const isClean = shown.isClean(result);
    if (!isClean) failed++;
    if (flags.json) continue;
    const verdict = isClean ? 'PASS' : 'FAIL';
    process.stdout.write(
      `${verdict}  ${preset}  on ${subject.label}\n${indent(shown.text(result))}\n`,
    );
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  if (failed > 0) {
    throw new AppError('ENGINE_CHECK', `${failed} of ${presets.length} presets fail the check`);
  }
}

async function subjectOf(preset: string, flags: Flags): Promise<Subject> {
  const fixed = [{ path: 'mode', value: 'backtest', origin: 'qcm check' }];
  const { config, hash } = loadConfig({ preset, sets: flags.set, fixed });
  const data = await findMarketData({
    path: flags.data,
    usesRecordings: true,
    tradesPath: flags.trades,
    bookPath: flags.book,
    symbols: tradedSymbols(config),
    strict: false,
    cacheFolder: loadEnvironment().cacheFolder,
    simulation: config.simulation,
    onProgress: () => {},
  });
  const wanted = tradedSymbols(config);
  const feeds = data.series.filter((bars) => wanted.includes(bars.symbol));
  const { funding, tapes } = data;
  const market = { feeds: firstDays(feeds, flags.days), funding, tapes };
  return {
    preset,
    label: data.label,
    market,
    compose: composer(config, { data, hash }),
    coarseMs: signalTimeframeMs(config, feeds),
    fineMs: Math.min(...feeds.map((bars) => bars.timeframeMs)),
  };
}

function composer(config: Config, { data, hash }: { data: MarketData; hash: string }): ComposeRun {
  return ({ feeds, funding, tapes }) =>
    composeBacktest({
      config,
      data: { ...data, series: [...feeds], funding: [...funding], tapes },
      codeVersion: codeVersion(),
      configHash: hash,
      equityStopOnBreach: 'observe',
    });
}

function firstDays(feeds: MarketInput['feeds'], days: string | undefined): MarketInput['feeds'] {
  if (days === undefined) return feeds;
  const span = numberFlag('--days', days, { low: 1, high: 100_000 }) * DAY_MS;
  const untilMs = Math.min(...feeds.map((bars) => bars.openTime[0])) + span;
  return feeds.map((bars) => {
    const end = bars.openTime.findIndex((time) => time >= untilMs);
    return end < 0 ? bars : sliceBars(bars, 0, Math.max(1, end));
  });
}

function lookaheadText(result: LookaheadResult): string {
  const rows = result.cuts.map(({ atMs, kind, decisions, difference }) => {
    const head = `${iso(atMs)}  ${kind.padEnd(10)}${String(decisions).padStart(7)} decisions`;
    if (difference === undefined) return `${head}  the same`;
    const { inFirst, inSecond } = difference;
    return [
      `${head}  DIFFERENT at ${iso(difference.atMs)}`,
      `  whole: ${inFirst}`,
      `  ${kind}: ${inSecond}`,
    ].join('\n');
  });
  return rows.join('\n');
}

function replayText(result: ReplayResult): string {
  const { firstDifference: first } = result;
  const megabytes = (result.journalBytes / 1e6).toFixed(1);
  const lines = [
    `${result.events} events (${megabytes} MB of journal), ${result.effects} effects`,
    `digest ${result.digest}, replayed ${result.replayDigest}, resumed ${result.resumedDigest}`,
  ];
  if (first !== undefined) {
    lines.push(
      `first difference: ${first.which}, event ${first.seq} ${first.kind} ${iso(first.atMs)}`,
    );
  }
  return lines.join('\n');
}

function resolutionText(result: ResolutionResult): string {
  const side = (name: string, of: ResolutionResult['fine']) =>
    `${name}: ${of.trades} trades, ${of.sumR.toFixed(2)} R, ${of.ambiguousTrades} met an ambiguous bar`;
  const changed = result.rows.filter((row) => row.why !== 'same');
  const r = (value: number | undefined) =>
    (value === undefined ? '-' : value.toFixed(3)).padStart(7);
  const rows = changed.map(({ decidedMs, direction, coarseR, fineR, difference, why }) =>
    [
      iso(decidedMs),
      direction === 1 ? 'long ' : 'short',
      `${r(coarseR)} ->${r(fineR)}  ${r(difference)} R`,
      why,
    ].join('  '),
  );
  const difference = result.fine.sumR - result.coarse.sumR;
  return [
    side(result.coarseName, result.coarse),
    side(result.fineName, result.fine),
    `${result.same} trades are the same; the others make ${difference.toFixed(3)} R, ` +
      `unexplained ${result.unexplainedR.toExponential(1)} R`,
    ...rows,
  ].join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 16) : 'the end';
}
