import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { RunSummary } from '../../backtests/report/summary.ts';
import { BacktestRun } from '../../backtests/run.ts';
import { readCalendar } from '../../data/calendar/calendar.ts';
import {
  type AccountFacts,
  ExplainProbe,
  explainRules,
  type RuleOpinion,
} from '../../strategy/risk/explain.ts';
import { codeVersion } from '../code-version.ts';
import { composeBacktest, tradedSymbols } from '../compose.ts';
import { rampOf, rulesOfPreset } from '../compose-rules.ts';
import { type Config, loadConfig, loadEnvironment } from '../config.ts';
import { flatten, type Plain } from '../config-settings.ts';
import { AppError } from '../engine/error.ts';
import type { Proposal } from '../engine/risk-gate.ts';
import { MINUTE_MS } from '../engine/units.ts';
import { findMarketData } from '../market-data.ts';
import {
  completeState,
  parseStateEntry,
  proposalOf,
  readState,
  type StateInput,
  viewOfState,
} from './risk-state.ts';

interface Flags {
  file?: string;
  state?: string[];
  run?: string;
  at?: string;
  data?: string;
  trade?: string;
  set?: string[];
  config?: string;
  calendar?: string;
  json?: boolean;
}

/** `qcm risk explain`. */
export function command(): Command {
  const risk = new Command().description('the risk rules, explained');
  risk
    .command('explain')
    .description('what every risk rule says, in order, about a state or a moment of a run')
    .option('--file <json>', 'state as a JSON object')
    .option('--state <key=value...>', 'single values of the state; they win over the file')
    .option('--run <folder>', 'a result folder of qcm backtest: its configuration, played to --at')
    .option('--at <time>', 'the moment in that run (UTC), e.g. 2025-05-07T14:30')
    .option('--data <path>', 'the data of that run (default: as qcm backtest finds it)')
    .option('--trade <preset>', 'trade preset whose limits apply (not with --run)')
    .option('--set <key=value...>', 'single settings (not with --run)')
    .option('--config <file>', 'configuration file (not with --run)')
    .option('--calendar <path>', 'economic calendar for the event guard')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((flags: Flags) => explain(flags));
  return risk;
}

const HELP = `
A live gate stops at the first refusal; here every rule is asked, each with the risk that the rules
before it left. Rules that learn from bars (volatility, flash, correlation, value at risk) know
nothing without bars and say allow; --run gives them the bars of a real run.

State keys and what is taken when they are not given:
  at 2025-01-06T12:00Z   equity 10000   equityAtMidnight, equityPeak, equityPeak20d: equity
  openRisk 0   openPackages 0   closedTrades 0   dayLongR 0   dayShortR 0   openPositions (none)
  leverage: first step of the ramp   fundingPercent 0.01   fundingIntervalHours 8   latencyP95Ms
  side long   price 100000   stopBps 35   riskPercent: the preset's   costR: from stop and fees
  packageR 1

Examples:
  qcm risk explain --state equity=9700 equityPeak=10000
  qcm risk explain --state side=short dayShortR=-3.2 latencyP95Ms=400 --trade overview
  qcm risk explain --run backtests/out/RUN --at 2025-05-07T14:30 --data my/bars
`;

interface Explained {
  title: string;
  state: Record<string, number | string>;
  opinions: RuleOpinion[];
}

async function explain(flags: Flags): Promise<void> {
  const explained = flags.run === undefined ? await ofState(flags) : await ofRun(flags, flags.run);
  const { opinions } = explained;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...explained, outcome: outcomeOf(opinions) })}\n`);
    return;
  }
  process.stdout.write(text(explained));
}

async function ofState(flags: Flags): Promise<Explained> {
  if (flags.at !== undefined) {
    throw new AppError('USAGE_STATE', '--at belongs to --run', 'for a state: --state at=TIME');
  }
  const { config } = loadConfig({ path: flags.config, preset: flags.trade, sets: flags.set });
  const given: Partial<StateInput> = flags.file === undefined ? {} : readState(flags.file);
  for (const entry of flags.state ?? []) Object.assign(given, parseStateEntry(entry));
  const state = completeState(given, {
    riskPercent: config.risk.perTradePercent,
    takerPercent: config.fees.takerPercent,
    leverage: rampOf(config)[0].leverage,
  });
  const symbols = tradedSymbols(config);
  const rules = rulesOfPreset(config, {
    mainSymbol: config.market.symbol,
    symbols,
    finestTimeframeMs: MINUTE_MS,
    signalTimeframeMs: 3 * MINUTE_MS,
    calendar: eventsOf(flags.calendar),
  });
  const proposal = proposalOf(config.market.symbol, state);
  const view = viewOfState(state);
  return {
    title: `preset ${config.preset}, a given state`,
    state: facts(proposal, view),
    opinions: explainRules(rules, proposal, view),
  };
}

async function ofRun(flags: Flags, folder: string): Promise<Explained> {
  if (flags.trade !== undefined || flags.set !== undefined || flags.config !== undefined) {
    const hint = 'the run has its own configuration: leave out --trade, --set, --config';
    throw new AppError('USAGE_STATE', '--run and other settings exclude each other', hint);
  }
  const atMs = timeOf(flags.at);
  const summary = readSummary(folder);
  const config = configOf(summary);
  const data = await findMarketData({
    path: flags.data,
    symbols: tradedSymbols(config),
    strict: false,
    calendarPath: flags.calendar,
    cacheFolder: loadEnvironment().cacheFolder,
    simulation: config.simulation,
    onProgress: () => {},
  });
  if (data.dataHash !== summary.fingerprints.dataHash) {
    const hint = `the run used ${summary.data.label}: name its folder with --data`;
    throw new AppError('DATA_CHANGED', `this is not the data of ${folder}`, hint);
  }
  const options = composeBacktest({
    config,
    data,
    codeVersion: codeVersion(),
    configHash: summary.fingerprints.configHash,
    equityStopOnBreach: summary.equityStop.onBreach as 'observe',
    fromMs: Date.parse(summary.span.from),
    toMs: atMs,
  });
  const fromMs = Date.parse(summary.span.from);
  if (!(atMs >= fromMs && atMs <= Date.parse(summary.span.to))) {
    const hint = `it covers ${summary.span.from} to ${summary.span.to}`;
    throw new AppError('USAGE_DATE', `${flags.at} lies outside the run`, hint);
  }
  const probe = new ExplainProbe({ rules: options.rules, atMs });
  const run = new BacktestRun({ ...options, rules: [probe, ...options.rules] });
  while (run.advance(50_000));
  const view = run.engine.riskView();
  if (probe.seen !== undefined) {
    const { proposal, opinions, account } = probe.seen;
    const title = `the ${proposal.plan.tag} decision of ${iso(atMs)}`;
    return { title, state: facts(proposal, account), opinions };
  }
  const state = completeState(
    { equity: view.equity, price: view.lastPrice(config.market.symbol) },
    {
      riskPercent: config.risk.perTradePercent,
      takerPercent: config.fees.takerPercent,
      leverage: view.leverage,
    },
  );
  const proposal = proposalOf(config.market.symbol, state);
  return {
    title: `no decision at ${iso(atMs)}: a long with its stop 35 bps away, as an example`,
    state: facts(proposal, view),
    opinions: explainRules(options.rules, proposal, view),
  };
}

function eventsOf(path: string | undefined) {
  if (path === undefined) return [];
  if (existsSync(path)) return readCalendar(path).events;
  throw new AppError('DATA_NO_FILE', `${path} does not exist`);
}

function timeOf(given: string | undefined): number {
  const isKnown = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?$/.test(given ?? '');
  const ms = isKnown ? Date.parse(`${given?.replace(' ', 'T').replace('Z', '')}Z`) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  const hint = 'write --at 2025-05-07T14:30 (UTC): the close of the bar that decided';
  throw new AppError('USAGE_DATE', `--at ${given ?? 'is missing'}: --run needs a moment`, hint);
}

function readSummary(folder: string): RunSummary {
  const path = join(folder, 'summary.json');
  if (!existsSync(path)) {
    const hint = 'a result folder of qcm backtest, e.g. one in backtests/out';
    throw new AppError('DATA_NO_FILE', `${path} does not exist`, hint);
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunSummary;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('DATA_JSON', `${path} is not valid JSON: ${why}`);
  }
}

/** The configuration of the run, checked like any other: an older one may not fit any more. */
function configOf(summary: RunSummary): Config {
  const fixed = flatten(summary.config as Plain).map((entry) => ({ ...entry, origin: 'the run' }));
  return loadConfig({ ignoreFile: true, fixed, env: {} }).config;
}

function facts(proposal: Proposal, view: AccountFacts): Explained['state'] {
  const { plan } = proposal;
  return {
    at: iso(view.nowMs),
    trade: `${plan.direction === 1 ? 'long' : 'short'} ${plan.symbol}`,
    equity: view.equity,
    belowPeakPercent: 100 * (1 - view.equity / view.equityPeak),
    dayPnl: view.equity - view.equityAtMidnight,
    openRisk: view.openRisk,
    leverage: view.leverage,
    stopBps: proposal.stopFraction * 1e4,
    riskPercent: proposal.riskPercent,
    costRWorst: proposal.costRWorst,
    packageR: proposal.packageR,
  };
}

function outcomeOf(opinions: readonly RuleOpinion[]): string {
  const refusal = opinions.find(({ outcome }) => outcome === 'refuse');
  if (refusal !== undefined) return `refused by ${refusal.id}`;
  return `allowed with ${opinions.at(-1)?.riskPercent.toFixed(3)} % risk`;
}

function text({ title, state, opinions }: Explained): string {
  const shown = Object.entries(state).map(
    ([key, value]) => `${key} ${typeof value === 'number' ? Number(value.toFixed(3)) : value}`,
  );
  const rows = opinions.map((opinion, i) =>
    [
      String(i + 1).padStart(2),
      opinion.id.padEnd(20),
      opinion.outcome.padEnd(8),
      `${opinion.riskPercent.toFixed(3)} %`.padEnd(9),
      opinion.reason,
    ]
      .join('  ')
      .trimEnd(),
  );
  const notes = opinions.flatMap(({ id, degraded, flattens }) => [
    ...(degraded === undefined ? [] : [`${id} runs degraded: ${degraded}`]),
    ...(flattens === undefined ? [] : [`${id} would close everything: ${flattens}`]),
  ]);
  const head = ` #  ${'rule'.padEnd(20)}  says      risk left  why`;
  return [title, shown.join(', '), '', head, ...rows, '', ...notes, outcomeOf(opinions), ''].join(
    '\n',
  );
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
