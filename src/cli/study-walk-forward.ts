import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { codeVersion } from '../code-version.ts';
import { AppError } from '../engine/error.ts';
import { DAY_MS } from '../engine/units.ts';
import { LEDGER_PATH, ResearchLedger } from '../research/hold-out.ts';
import {
  type OutOfSample,
  type OutOfSampleRow,
  outOfSampleDocument,
} from '../research/reports/out-of-sample.ts';
import { toMarkdown } from '../research/reports/research-document.ts';
import { type ResearchInput, researchInput } from '../research/research-input.ts';
import { MONTHLY_VARIANTS } from '../research/routine/monthly.ts';
import { tagsOf } from '../research/routine/quarterly.ts';
import { randomEntryNull } from '../research/statistics/random-entry-null.ts';
import { walkForwardStudy } from '../research/walk-forward/walk-forward-study.ts';
import { findSection, replaceSection } from './document-section.ts';
import { numberFlag } from './number-flag.ts';
import { progressLine } from './progress-line.ts';

/** Marks of the section in docs/RESULTS.md. */
export const OUT_OF_SAMPLE = 'out-of-sample';
/** Folders of real data, by their names under the data folder; the longest first. */
const SETS = ['spot/3m', 'futures-um/1m-2025', 'futures-um/5m'];
const PRESETS = ['sequence', 'smc-stand-in'];
/** For sets too short for the usual ones. */
const SHORT_VARIANT = { trainDays: 20, testDays: 7 };

interface Flags {
  data?: string;
  from?: string[];
  sets?: string[];
  trials: string;
  runs: string;
  seed: string;
  out?: string;
  json?: string;
  ledger: string;
}

/** `qcm study walk-forward`. */
export function walkForwardCommand(): Command {
  return new Command('walk-forward')
    .description('walk-forward and overfitting over all data sets: a section of docs/RESULTS.md')
    .option('--data <folder>', `holds ${SETS.join(', ')}`)
    .option('--from <files...>', 'figures of earlier runs (--json) instead: nothing is measured')
    .option('--sets <names...>', 'only these folders under the data folder')
    .option('--trials <n>', 'points of the fixed design, for each preset and set', '200')
    .option('--runs <n>', 'runs of random entries', '39')
    .option('--seed <n>', 'the same seed repeats the same figures', '1')
    .option('--ledger <file>', 'counts the trials ever spent on each data set', LEDGER_PATH)
    .option('--out <file>', `replaces the section <!-- ${OUT_OF_SAMPLE} --> (default: print it)`)
    .option('--json <file>', 'write the figures here')
    .addHelpText(
      'after',
      `
Some 1,500 backtests: a quarter of an hour. Sets can be measured apart and written together.

Examples:
  qcm study walk-forward --data ../shared/data --out docs/RESULTS.md
  qcm study walk-forward --data ../shared/data --sets spot/3m --json a.json
  qcm study walk-forward --from a.json b.json --out docs/RESULTS.md
`,
    )
    .action((flags: Flags) => run(flags));
}

async function run(flags: Flags): Promise<void> {
  // Before a long measurement, so that a typing error costs none.
  if (flags.out !== undefined) findSection(flags.out, OUT_OF_SAMPLE);
  if ((flags.from === undefined) === (flags.data === undefined)) {
    throw new AppError('USAGE_FLAGS', 'give --data or --from', 'qcm study walk-forward --help');
  }
  const result = flags.from === undefined ? await measured(flags) : together(flags.from);
  progressLine('');
  if (flags.json !== undefined) {
    writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`);
  }
  const text = toMarkdown(outOfSampleDocument(result), { level: 2 }).trimEnd();
  if (flags.out === undefined) process.stdout.write(`${text}\n`);
  else {
    replaceSection(flags.out, OUT_OF_SAMPLE, text);
    process.stdout.write(`written: ${flags.out}\n`);
  }
}

async function measured(flags: Flags): Promise<OutOfSample> {
  const { data = '', ledger } = flags;
  const trials = numberFlag('--trials', flags.trials, { low: 2, high: 100_000, isWhole: true });
  const runs = numberFlag('--runs', flags.runs, { low: 1, high: 10_000, isWhole: true });
  const seed = numberFlag('--seed', flags.seed, { low: 0, high: 2 ** 31, isWhole: true });
  const sets = flags.sets ?? SETS;
  for (const set of sets) {
    if (existsSync(join(data, set))) continue;
    const hint = 'name the folders that there are: --sets spot/3m';
    throw new AppError('DATA_NO_FILE', `${data} has no ${set}`, hint);
  }
  const rows: OutOfSampleRow[] = [];
  for (const set of sets) {
    for (const preset of PRESETS) {
      const input = await inputOf(join(data, set), preset);
      const say = (text: string) => progressLine(`${set} ${preset}: ${text}`);
      const row = await rowOf(input, { set, preset, trials, runs, seed, ledger, say });
      rows.push({ ...row, tags: rows.length === 0 ? tagsOf(input, seed) : undefined });
    }
  }
  const command = 'qcm study walk-forward --data DATA';
  return { command, codeVersion: codeVersion(), trials, seed, rows };
}

/** @throws AppError DATA_JSON for a file that is none, or of other trials or seed */
function together(paths: readonly string[]): OutOfSample {
  const all = paths.map((path) => {
    const hint = 'qcm study walk-forward --json writes such files';
    if (!existsSync(path)) throw new AppError('DATA_NO_FILE', `${path} does not exist`, hint);
    try {
      const read = JSON.parse(readFileSync(path, 'utf8')) as OutOfSample;
      if (Array.isArray(read.rows)) return read;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new AppError('DATA_JSON', `${path} holds no figures of a walk-forward`, hint);
  });
  const [first] = all;
  const other = all.find(({ trials, seed }) => trials !== first.trials || seed !== first.seed);
  if (other !== undefined) {
    throw new AppError('DATA_JSON', 'the files differ in trials or seed', 'measure them alike');
  }
  return { ...first, rows: all.flatMap(({ rows }) => rows) };
}

function inputOf(path: string, preset: string): Promise<ResearchInput> {
  const base = { ignoreFile: true, env: {}, preset };
  return researchInput({ path, base, onProgress: progressLine });
}

async function rowOf(
  input: ResearchInput,
  of: {
    set: string;
    preset: string;
    trials: number;
    runs: number;
    seed: number;
    ledger: string;
    say: (text: string) => void;
  },
): Promise<OutOfSampleRow> {
  const { set, preset, trials, seed, say } = of;
  const days = (input.span.searchEndMs - input.span.startMs) / DAY_MS;
  const isShort = days < MONTHLY_VARIANTS[0].trainDays + MONTHLY_VARIANTS[0].testDays;
  const study = await walkForwardStudy(input, {
    variants: isShort ? [...MONTHLY_VARIANTS, SHORT_VARIANT] : MONTHLY_VARIANTS,
    trials,
    seed,
    ledger: new ResearchLedger(of.ledger),
    onProgress: say,
  });
  const entries = randomEntryNull(input, {
    runs: of.runs,
    seed,
    onProgress: (done, total) => say(`random entries ${done} of ${total}`),
  });
  const walks = study.walks.map(({ trades, equity: _, dailyReturns: __, ...walk }) => ({
    ...walk,
    trades: trades.length,
  }));
  const { refused, assessment } = study;
  return { set, preset, days, walks, refused, assessment, entries, tags: undefined };
}
