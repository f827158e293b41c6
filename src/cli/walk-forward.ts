import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../engine/error.ts';
import { LEDGER_PATH, ResearchLedger } from '../research/hold-out.ts';
import { type ResearchDocument, toText } from '../research/reports/research-document.ts';
import { assessmentSection, walkForwardSections } from '../research/reports/walk-forward-report.ts';
import { writeResearch } from '../research/reports/write-research.ts';
import { daysFlag, type ResearchInput, researchInput } from '../research/research-input.ts';
import { SAMPLERS, type SamplerName } from '../research/samplers/make-sampler.ts';
import { loadSpace, SEARCH_SPACES } from '../research/space/load-space.ts';
import { StudyOptimiser } from '../research/walk-forward/study-optimiser.ts';
import { walkForwardStudy } from '../research/walk-forward/walk-forward-study.ts';
import { numberFlag } from './number-flag.ts';
import { progressLine } from './progress-line.ts';

interface Flags {
  data?: string;
  sampler?: string;
  space: string;
  workers?: string;
  train: string;
  test: string;
  trials: string;
  seed: string;
  trade?: string;
  config?: string;
  set?: string[];
  out: string;
  ledger: string;
  json?: boolean;
}

/** `qcm walk-forward`. */
export function command(): Command {
  return new Command()
    .description('choose settings on one window, trade the next, move on; then: how much was luck?')
    .option('--data <path>', 'folder of bars (default: downloaded data, else SIMULATED)')
    .option('--train <days>', 'length of a train window', '90d')
    .option('--test <days>', 'length of a test window', '30d')
    .option('--trials <n>', 'points of a fixed random design that each choice reads', '200')
    .option('--sampler <name>', 'search each train window anew, see below')
    .option('--space <name or file>', 'what --sampler searches', SEARCH_SPACES[0].name)
    .option('--workers <n>', 'threads of --sampler (default: cores)')
    .option('--seed <n>', 'the same seed repeats the same design', '1')
    .option('--trade <preset>', 'trade preset to start from')
    .option('--set <key=value...>', 'single settings for all trials')
    .option('--config <file>', 'configuration file')
    .option('--out <folder>', 'where the report goes', join('backtests', 'out', 'walk-forward'))
    .option('--ledger <file>', 'counts the trials ever spent on each data set', LEDGER_PATH)
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', HELP)
    .action((flags: Flags) => run(flags));
}

const HELP = `
Train precedes test, so only trades open across the boundary are dropped. Indicators run through all
earlier bars; account, throttle and breakers start afresh in each test window. A choice needs 100
train trades, else the window is INSUFFICIENT and the preset itself is traded. Chosen by the lower
bound of the profit factor, (gains + 5 R) / (losses + 5 R), among trials with a drawdown under 8 %.
The last fifth of the data is kept out; trials are counted per data in data/store.

--sampler tpe (or ${Object.keys(SAMPLERS).join(', ')}) searches each train window with the optimiser
of qcm optimise instead, --trials for each; spaces: ${SEARCH_SPACES.map(({ name }) => name).join(', ')}.

Then, over all trials of the design (never the sampler's own): probability of overfitting, deflated
Sharpe ratio, test for superior ability, minimum track record. docs/RESEARCH.md: how to read them.

Examples:
  qcm walk-forward --data my/bars --trade smc-stand-in
  qcm walk-forward --data my/bars --train 60d --test 20d --trials 100 --set hedge.mode=off
Exit codes: 0 done, 2 wrong usage (windows longer than the data), 3 data refused.
`;

async function run(flags: Flags): Promise<void> {
  const trainDays = daysFlag('--train', flags.train);
  const testDays = daysFlag('--test', flags.test);
  const trials = numberFlag('--trials', flags.trials, { low: 2, high: 100_000, isWhole: true });
  const seed = numberFlag('--seed', flags.seed, { low: 0, high: 2 ** 32 - 1, isWhole: true });
  const base = { path: flags.config, preset: flags.trade, sets: flags.set };
  const input = await researchInput({ path: flags.data, base, onProgress: progressLine });
  const study = await walkForwardStudy(input, {
    variants: [{ trainDays, testDays }],
    trials,
    seed,
    ledger: new ResearchLedger(flags.ledger),
    optimiser: optimiserOf(flags, { input, trials, seed }),
    onProgress: progressLine,
  });
  progressLine('');
  const document: ResearchDocument = {
    title: `Walk-forward of ${input.preset}`,
    label: input.data.label,
    sections: [...study.walks.flatMap(walkForwardSections), assessmentSection(study.assessment)],
  };
  const paths = writeResearch(document, {
    folder: flags.out,
    name: 'walk-forward',
    data: study.figures,
  });
  if (flags.json) process.stdout.write(`${JSON.stringify(study.figures, null, 2)}\n`);
  else process.stdout.write(`${toText(document)}\n${paths.join('\n')}\n`);
}

function optimiserOf(
  flags: Flags,
  of: { input: ResearchInput; trials: number; seed: number },
): StudyOptimiser | undefined {
  if (flags.sampler === undefined) return undefined;
  if (!Object.hasOwn(SAMPLERS, flags.sampler)) {
    const known = Object.keys(SAMPLERS).join(', ');
    throw new AppError('USAGE_SAMPLER', `unknown sampler "${flags.sampler}"`, `known: ${known}`);
  }
  const loaded = loadSpace(flags.space, flags.set ?? []);
  const { preset } = loaded.space.declaration;
  if (preset !== of.input.preset) {
    throw new AppError(
      'USAGE_SPACE',
      `the space ${flags.space} is of the preset "${preset}", not of "${of.input.preset}"`,
      `--trade ${preset}, or another --space`,
    );
  }
  const workers = numberFlag('--workers', flags.workers ?? String(availableParallelism()), {
    low: 1,
    high: 256,
    isWhole: true,
  });
  return new StudyOptimiser({
    loaded,
    data: of.input.data,
    sampler: flags.sampler as SamplerName,
    trials: of.trials,
    seed: of.seed,
    workers,
    folder: join(flags.out, 'windows'),
    ledgerPath: flags.ledger,
  });
}
