import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { breakdown } from '../../backtests/metrics/breakdown.ts';
import { runBacktest } from '../../backtests/run.ts';
import type { BacktestResult } from '../../backtests/run-options.ts';
import { type Arm, SEQUENCE_ARMS, STAND_IN_ARMS } from '../../backtests/study/arms.ts';
import { measure } from '../../backtests/study/measure.ts';
import {
  type Ablation,
  type GridRow,
  resultsDocument,
  type StudyResult,
} from '../../backtests/study/results-document.ts';
import { timeframeName } from '../../data/readers/bar-time.ts';
import { codeVersion } from '../code-version.ts';
import { composeBacktest, tradedSymbols } from '../compose.ts';
import { loadConfig, loadEnvironment } from '../config.ts';
import { AppError } from '../engine/error.ts';
import { findMarketData, type MarketData } from '../market-data.ts';
import { LEDGER_PATH, ResearchLedger } from '../research/hold-out.ts';
import { findSection } from './document-section.ts';
import { OUT_OF_SAMPLE, walkForwardCommand } from './study-walk-forward.ts';

/** Folders of real data, by their names under the data folder. */
const SETS = ['spot/3m', 'futures-um/1m-2025', 'futures-um/5m'];
/** The one set with taker volume that is long enough for the entry by volume delta. */
const FLOW_SET = 'spot/5m-taker';
const PRESETS = ['sequence', 'documents', 'overview'];
const HEDGES = ['off', 'proportional', 'literal'];
const WINDOW = { set: 'spot/3m', fromMs: Date.UTC(2023, 0, 1), barsMax: 10_000 };

interface Flags {
  data: string;
  out?: string;
  json?: string;
  sets?: string[];
  ledger: string;
}

/** A data set, loaded once. */
interface LoadedSet {
  name: string;
  data: MarketData;
  /** Backtests made on it: each is a trial that was looked at. */
  runs: number;
}

/** `qcm study results`. */
export function command(): Command {
  const study = new Command().description('runs over all data sets, as one document');
  study
    .command('results')
    .description('every set, preset and hedge in one table; each tag, exit, entry left out in turn')
    .requiredOption('--data <folder>', `holds ${SETS.join(', ')}`)
    .option('--sets <names...>', 'only these folders under the data folder')
    .option('--out <file>', 'write the document here (default: print it)')
    .option('--json <file>', 'write the figures here')
    .option('--ledger <file>', 'counts the trials ever spent on each data set', LEDGER_PATH)
    .addHelpText(
      'after',
      `
This is how docs/RESULTS.md is made. It takes a few minutes: some 400 backtests.

Example:
  qcm study results --data ../shared/data --out docs/RESULTS.md
`,
    )
    .action((flags: Flags) => results(flags));
  study.addCommand(walkForwardCommand());
  return study;
}

async function results(flags: Flags): Promise<void> {
  const sets = await loadSets(flags.data, flags.sets ?? SETS);
  const study: StudyResult = {
    command: `qcm study results --data DATA`,
    codeVersion: codeVersion(),
    sets: sets.map(describe),
    window: windowRows(sets),
    grid: gridRows(sets),
    ablations: [
      ablation('Ablation of `sequence`, no hedge', sets, {
        preset: 'sequence',
        arms: SEQUENCE_ARMS,
      }),
      ablation('Ablation of the SMC stand-in, no hedge', sets, {
        preset: 'smc-stand-in',
        arms: STAND_IN_ARMS,
      }),
    ],
    flow: await flowAblation(flags.data),
  };
  progress('');
  countRuns(sets, flags.ledger);
  const text = resultsDocument(study);
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(study, null, 2)}\n`);
  if (flags.out === undefined) process.stdout.write(text);
  else {
    writeFileSync(flags.out, `${text}\n${outOfSampleSection(flags.out)}`);
    process.stdout.write(`written: ${flags.out}\n`);
  }
}

/** Presets and ablations were looked at as well: they count as trials on their data. */
function countRuns(sets: readonly LoadedSet[], ledgerPath: string): void {
  const ledger = new ResearchLedger(ledgerPath);
  for (const { data, runs } of sets) {
    const { dataHash } = data;
    ledger.add({ dataHash, atMs: Date.now(), what: 'study results', trials: runs, kind: 'search' });
  }
}

/** Written by `qcm study walk-forward` into the same document: kept when the rest is new. */
function outOfSampleSection(path: string): string {
  const marks = `<!-- ${OUT_OF_SAMPLE} -->\n<!-- /${OUT_OF_SAMPLE} -->\n`;
  if (!existsSync(path) || !readFileSync(path, 'utf8').includes(`<!-- ${OUT_OF_SAMPLE} -->`)) {
    return marks;
  }
  const { document, from, to } = findSection(path, OUT_OF_SAMPLE);
  return `<!-- ${OUT_OF_SAMPLE} -->${document.slice(from, to)}<!-- /${OUT_OF_SAMPLE} -->\n`;
}

async function loadSets(folder: string, names: readonly string[]): Promise<LoadedSet[]> {
  const found = names.filter((name) => existsSync(join(folder, name)));
  if (found.length === names.length && found.length > 0) {
    const sets: LoadedSet[] = [];
    for (const name of found) sets.push({ name, data: await load(join(folder, name)), runs: 0 });
    return sets;
  }
  const missing = names.filter((name) => !found.includes(name)).join(', ');
  throw new AppError(
    'DATA_NO_FILE',
    `${folder} has no ${missing}`,
    'name the folders that there are: --sets spot/3m',
  );
}

function load(path: string): Promise<MarketData> {
  const { config } = loadConfig({ ignoreFile: true, env: {}, preset: 'sequence' });
  progress(`reading ${path}`);
  return findMarketData({
    path,
    symbols: tradedSymbols(config),
    strict: false,
    cacheFolder: loadEnvironment().cacheFolder,
    simulation: config.simulation,
    onProgress: () => {},
  });
}

function describe(set: LoadedSet): StudyResult['sets'][number] {
  const { name, data } = set;
  const [bars] = data.series;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const last = bars.openTime[bars.length - 1];
  return {
    name,
    spans: `${bars.length} of ${timeframeName(bars.timeframeMs)}, ${day(bars.openTime[0])} to ${day(last)}`,
    hash: data.dataHash,
    degraded: runArm(set, { preset: 'sequence', sets: [] }).degradedRules,
  };
}

function runArm(
  set: LoadedSet,
  arm: { preset: string; sets: readonly string[] },
  span: { fromMs?: number; barsMax?: number } = {},
): BacktestResult {
  const { config, hash } = loadConfig({
    ignoreFile: true,
    env: {},
    preset: arm.preset,
    sets: arm.sets,
    fixed: [{ path: 'mode', value: 'backtest', origin: 'qcm study' }],
  });
  progress(`${set.name} ${arm.preset} ${arm.sets.join(' ')}`);
  set.runs++;
  return runBacktest(
    composeBacktest({
      config,
      data: set.data,
      codeVersion: codeVersion(),
      configHash: hash,
      equityStopOnBreach: 'observe',
      ...span,
    }),
  );
}

function riskPercentOf(preset: string): number {
  return loadConfig({ ignoreFile: true, env: {}, preset }).config.risk.perTradePercent;
}

function gridRows(sets: readonly LoadedSet[]): GridRow[] {
  return sets.flatMap((set) =>
    PRESETS.flatMap((preset) =>
      HEDGES.map((hedge) => {
        const result = runArm(set, { preset, sets: [`hedge.mode=${hedge}`] });
        return { set: set.name, preset, hedge, measured: measure([result], riskPercentOf(preset)) };
      }),
    ),
  );
}

function windowRows(sets: readonly LoadedSet[]): GridRow[] {
  const set = sets.find(({ name }) => name === WINDOW.set);
  if (set === undefined) return [];
  return [...PRESETS, 'smc-stand-in'].map((preset) => {
    const result = runArm(set, { preset, sets: ['hedge.mode=off'] }, WINDOW);
    const measured = measure([result], riskPercentOf(preset));
    return { set: set.name, preset, hedge: 'off', measured };
  });
}

function ablation(
  title: string,
  sets: readonly LoadedSet[],
  of: { preset: string; arms: readonly Arm[] },
): Ablation {
  const run = (changes: readonly string[]) =>
    sets.map((set) => runArm(set, { preset: of.preset, sets: ['hedge.mode=off', ...changes] }));
  const base = run([]);
  const percent = riskPercentOf(of.preset);
  const parts = breakdown(base.flatMap((result) => result.trades));
  return {
    title,
    base: measure(base, percent),
    rows: of.arms.map((arm) => ({ arm, measured: measure(run(arm.sets), percent) })),
    exits: parts.exitReason,
    regimes: parts.regime,
  };
}

/** Entry by volume delta needs taker volume, which the other sets do not have. */
async function flowAblation(folder: string): Promise<Ablation | undefined> {
  if (!existsSync(join(folder, FLOW_SET))) return undefined;
  const [set] = await loadSets(folder, [FLOW_SET]);
  const arms = [
    ...STAND_IN_ARMS.filter((arm) => arm.name.includes('cvdEntry')),
    {
      group: 'entries' as const,
      name: 'cvdEntry, maker credited from bars',
      sets: ['entry.cvdEntry=on', 'simulation.makerFromBars=true'],
    },
    ...STAND_IN_ARMS.filter((arm) => arm.name === 'taker at once'),
  ];
  const title = `Entry by volume delta: SMC stand-in on ${FLOW_SET}`;
  return ablation(title, [set], { preset: 'smc-stand-in', arms });
}

/** One line on stderr, rewritten; nothing on a pipe. */
function progress(text: string): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r\u001b[K${text.slice(0, 100)}`);
}
