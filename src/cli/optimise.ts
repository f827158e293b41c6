import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { codeVersion } from '../code-version.ts';
import { tradedSymbols } from '../compose.ts';
import { loadEnvironment } from '../config.ts';
import { AppError, closestNames } from '../engine/error.ts';
import { findMarketData, type MarketData } from '../market-data.ts';
import { DistributedPool } from '../research/distributed/distributed-pool.ts';
import { LEDGER_PATH } from '../research/hold-out.ts';
import { writeWhole } from '../research/optimise/append-file.ts';
import { OBJECTIVES, objectivesOf } from '../research/optimise/objective.ts';
import {
  type PreparedStudy,
  prepareStudy,
  type StudySettings,
} from '../research/optimise/prepare-study.ts';
import { runStudy, type StudyProgress, type TrialPool } from '../research/optimise/study.ts';
import { studyPage } from '../research/optimise/study-page.ts';
import { studyJson, studyText } from '../research/optimise/study-summary.ts';
import type { TrialRecord } from '../research/optimise/trial.ts';
import { TrialLedger } from '../research/optimise/trial-ledger.ts';
import { TrialStore } from '../research/optimise/trial-store.ts';
import { LocalPool } from '../research/pool/local-pool.ts';
import { WorkerPool } from '../research/pool/worker-pool.ts';
import { SAMPLERS, type SamplerName } from '../research/samplers/make-sampler.ts';
import { type LoadedSpace, loadSpace, SEARCH_SPACES } from '../research/space/load-space.ts';
import { numberFlag } from './number-flag.ts';
import { redisUrlOf } from './worker.ts';

const OUT_FOLDER = join('backtests', 'out', 'optimise');
/** Recordings a worker keeps for later trials. */
const RECORDINGS = 2;
const INTERRUPTED = 130;

interface Flags {
  data?: string;
  space: string;
  trials: string;
  workers?: string;
  seed: string;
  sampler: string;
  batch: string;
  variations?: string;
  objective: string;
  maxDrawdown: string;
  minTrades: string;
  hedge?: string;
  set?: string[];
  funding?: string;
  calendar?: string;
  json?: string;
  out?: string;
  ledger: string;
  allData?: boolean;
  prune: boolean;
  reuse: boolean;
  distributed?: boolean;
  redis?: string;
  patience: string;
}

/** `qcm optimise`: settings searched over the first four fifths of the data. */
export function command(): Command {
  return new Command()
    .description('search settings by backtests over the first four fifths of the data')
    .option('--data <path>', 'folder or file of bars (default: downloaded data, else SIMULATED)')
    .option('--space <name or file>', 'what is searched, see below', SEARCH_SPACES[0].name)
    .option('--trials <n>', 'trials in all, those of earlier runs included', '200')
    .option('--workers <n>', 'threads; the result is the same with any number (default: cores)')
    .option('--seed <n>', 'seed of all random numbers', '1')
    .option('--sampler <name>', Object.keys(SAMPLERS).join(', '), 'tpe')
    .option('--batch <n>', 'trials proposed at once', '16')
    .option('--variations <n>', 'trials in a row that share their signals (default: 4, see below)')
    .option('--objective <names>', 'one, or several with commas for a Pareto front', 'profitFactor')
    .option('--max-drawdown <percent>', 'trials with a deeper one are never chosen', '8')
    .option('--min-trades <n>', 'trials with fewer are never chosen', '100')
    .option('--hedge <mode>', 'off, proportional, minVariance or literal')
    .option('--set <key=value...>', 'settings of all trials; searched ones win')
    .option('--funding <path>', 'funding tables (default: funding/ in or above the data)')
    .option('--calendar <path>', 'economic calendar (default: calendar/ in or above the data)')
    .option('--json <file>', 'write all trials and the best here')
    .option('--out <folder>', `study folder (default: one in ${OUT_FOLDER} by what is asked)`)
    .option('--ledger <file>', 'counts the trials ever spent on each data set', LEDGER_PATH)
    .option('--no-prune', 'run trials to the end even when their drawdown has passed the limit')
    .option('--no-reuse', 'compute everything anew for every trial')
    .option('--all-data', 'search the hold-out as well: for measuring speed only')
    .option('--distributed', 'let qcm worker processes try the settings, over Redis')
    .option('--redis <url>', 'Redis of --distributed (default: REDIS_URL)')
    .option('--patience <s>', 'seconds without Redis after which the command gives up', '120')
    .addHelpText('after', help())
    .action((flags: Flags) => optimise(flags));
}

function help(): string {
  const list = (entries: [string, string][]) =>
    entries.map(([name, note]) => `  ${name.padEnd(22)}${note}`).join('\n');
  return `
Spaces:
${list(SEARCH_SPACES.map(({ name, note, parameters }) => [name, `${note} (${parameters.length})`]))}
or a JSON file:
  {"name": "stops", "preset": "sequence", "parameters": [
    {"path": "stop.kDeep", "kind": "float", "low": 0.5, "high": 2, "log": true, "executionOnly": true},
    {"path": "signal.crossWithinBars", "kind": "int", "low": 1, "high": 8},
    {"path": "entry.mode", "kind": "choice", "choices": ["touch", "pullback"], "executionOnly": true},
    {"path": "entry.pullbackBars", "kind": "int", "low": 1, "high": 20, "executionOnly": true,
     "when": {"path": "entry.mode", "in": ["pullback"]}}],
   "constraints": [{"left": "stop.kDeep", "is": ">=", "right": "stop.kShallow"}]}

Samplers:
${list(Object.entries(SAMPLERS))}

Objectives:
${list(Object.entries(OBJECTIVES).map(([name, { note }]) => [name, note]))}

What happens:
  The last fifth of the data is kept out: no trial sees it. Profit factor and expectancy count by
  their lower bounds, so that a handful of lucky trades cannot win. Trials without trades, without
  a number, with too few trades or too deep a drawdown are recorded and never chosen.
  Signals are computed once for trials that differ in execution only (parameters marked
  executionOnly): with --variations 4 each set of signals is tried with four ways to trade it.
  Trials are written as they finish. The same command goes on after an interruption and comes to
  the same result; more --trials extend a study. Every trial counts in the ledger of its data.

Examples:
  qcm optimise --data my/bars --trials 300
  qcm optimise --data my/bars --space btc-alpha-execution --sampler de --trials 500 --json best.json
  qcm optimise --data my/bars --objective profitFactor,drawdown --min-trades 30
  qcm optimise --data my/bars --distributed --redis redis://host:6379 --trials 5000 --batch 64
`;
}

async function optimise(flags: Flags): Promise<void> {
  const trials = numberFlag('--trials', flags.trials, { low: 1, high: 1_000_000, isWhole: true });
  const workers = numberFlag('--workers', flags.workers ?? String(availableParallelism()), {
    low: 1,
    high: 256,
    isWhole: true,
  });
  if (flags.json !== undefined && !existsSync(dirname(flags.json))) {
    throw new AppError('USAGE_JSON', `the folder of --json ${flags.json} does not exist`);
  }
  const hedge = flags.hedge === undefined ? [] : [`hedge.mode=${flags.hedge}`];
  const loaded = loadSpace(flags.space, [...hedge, ...(flags.set ?? [])]);
  const settings = settingsOf(flags, loaded);
  const data = await loadData(flags, loaded);
  const study = prepareStudy(loaded, data, settings, codeVersion());
  const folder = flags.out ?? join(OUT_FOLDER, `${loaded.space.declaration.name}-${study.id}`);
  const store = new TrialStore(folder, study.identity);
  const ledger = new TrialLedger(flags.ledger);
  const startedMs = performance.now();
  const stop = new AbortController();
  const pool = await makePool(flags, study, workers);
  const onSignal = () => {
    stop.abort();
    void pool.close();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  let records: TrialRecord[];
  try {
    records = await runStudy({
      ...settings,
      space: loaded.space,
      sampler: study.sampler,
      trials,
      pool,
      store,
      ledger: { ledger, data: data.dataHash, study: study.id, what: 'optimise' },
      signal: stop.signal,
      onProgress: progressLine(startedMs),
    });
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    await pool.close();
    store.close();
    ledger.close();
    clearLine();
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const summary = { loaded, study, data, settings, records, trials };
  const spent = ledger.spentOn(data.dataHash);
  const openings = ledger.openings(data.dataHash);
  const told = { ...summary, folder, seconds, spent, openings };
  const page = join(folder, 'study.html');
  writeWhole(page, studyPage(told));
  process.stdout.write(`${studyText(told)}page: ${page}\n`);
  if (flags.json !== undefined) {
    writeWhole(flags.json, `${JSON.stringify(studyJson(summary), null, 2)}\n`);
  }
  if (stop.signal.aborted) process.exitCode = INTERRUPTED;
}

function settingsOf(flags: Flags, { space }: LoadedSpace): StudySettings {
  const hasBoth = space.hasExecutionOnly && space.signalDimensions.length > 0;
  const batchSize = numberFlag('--batch', flags.batch, { low: 1, high: 4_096, isWhole: true });
  const variations = numberFlag('--variations', flags.variations ?? (hasBoth ? '4' : '1'), {
    low: 1,
    high: batchSize,
    isWhole: true,
  });
  return {
    sampler: samplerOf(flags.sampler),
    seed: numberFlag('--seed', flags.seed, { low: 0, high: 2 ** 32 - 1, isWhole: true }),
    batchSize,
    variations,
    goal: {
      objectives: objectivesOf(flags.objective),
      drawdownMax: numberFlag('--max-drawdown', flags.maxDrawdown, { low: 0.01, high: 100 }) / 100,
      tradesMin: numberFlag('--min-trades', flags.minTrades, { low: 0, isWhole: true }),
    },
    isPruning: flags.prune,
    allData: flags.allData ?? false,
    recordings: flags.reuse ? RECORDINGS : 0,
  };
}

function samplerOf(name: string): SamplerName {
  if (Object.hasOwn(SAMPLERS, name)) return name as SamplerName;
  const near = closestNames(name, Object.keys(SAMPLERS));
  throw new AppError(
    'USAGE_SAMPLER',
    `unknown sampler "${name}"`,
    near.length > 0 ? `did you mean ${near.join(', ')}?` : Object.keys(SAMPLERS).join(', '),
  );
}

function loadData(flags: Flags, { base }: LoadedSpace): Promise<MarketData> {
  if (flags.data !== undefined && !existsSync(flags.data)) {
    throw new AppError('DATA_NO_FILE', `--data ${flags.data} does not exist`);
  }
  return findMarketData({
    path: flags.data,
    symbols: tradedSymbols(base.config),
    strict: false,
    fundingPath: flags.funding,
    calendarPath: flags.calendar,
    cacheFolder: loadEnvironment().cacheFolder,
    simulation: base.config.simulation,
    onProgress: () => {},
  });
}

function makePool(flags: Flags, study: PreparedStudy, workers: number): Promise<TrialPool> {
  const { input, id } = study;
  if (!flags.distributed) {
    const pool = workers === 1 ? new LocalPool(input) : new WorkerPool(input, workers);
    return Promise.resolve(pool);
  }
  return DistributedPool.open({
    url: redisUrlOf(flags.redis),
    study: id,
    codeVersion: codeVersion(),
    input,
    parallel: workers,
    patienceMs: numberFlag('--patience', flags.patience, { low: 1 }) * 1_000,
    onNotice: (text) => {
      clearLine();
      process.stderr.write(`${text}\n`);
    },
  });
}

/** One line on stderr, rewritten a few times a second; nothing on a pipe. */
function progressLine(startedMs: number): (progress: StudyProgress) => void {
  let shownMs = 0;
  return ({ done, total, resumed, best }) => {
    const nowMs = performance.now();
    if (!process.stderr.isTTY || (nowMs - shownMs < 250 && done < total)) return;
    shownMs = nowMs;
    const fresh = Math.max(1, done - resumed);
    const leftS = Math.round((((nowMs - startedMs) / fresh) * (total - done)) / 1_000);
    const text =
      best === undefined
        ? 'none allowed yet'
        : `best ${best.figures?.profitFactorLow.toFixed(2)} with ${best.figures?.trades} trades`;
    process.stderr.write(`\r\u001b[K${done} of ${total} trials, ${leftS} s left, ${text}`);
  };
}

function clearLine(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
