import { join } from 'node:path';
import type { Command } from 'commander';
import { LEDGER_PATH, ResearchLedger } from '../research/hold-out.ts';
import { toText } from '../research/reports/research-document.ts';
import { researchInput } from '../research/research-input.ts';
import type { MonthlyOptions } from '../research/routine/monthly.ts';
import { MONTHLY_VARIANTS } from '../research/routine/monthly.ts';
import { type RoutineName, runRoutine } from '../research/routine/run-routine.ts';
import { numberFlag } from './number-flag.ts';
import { progressLine } from './progress-line.ts';

export interface RoutineFlags {
  data?: string;
  trade?: string;
  config?: string;
  set?: string[];
  trials: string;
  paths: string;
  runs: string;
  seed: string;
  out: string;
  ledger: string;
  openHoldOut?: boolean;
  json?: boolean;
}

/** Flags that `qcm research` and `qcm routine` share. */
export function withRoutineFlags(command: Command): Command {
  return command
    .option('--data <path>', 'folder of bars (default: downloaded data, else SIMULATED)')
    .option('--trade <preset>', 'the live preset (default: that of the configuration file)')
    .option('--config <file>', 'configuration file of the live system')
    .option('--set <key=value...>', 'single settings of the live system')
    .option('--trials <n>', 'points of the fixed design that re-optimisation reads', '200')
    .option('--paths <n>', 'paths of a year of trades', '2000')
    .option('--runs <n>', 'whole backtests of each random kind', '20')
    .option('--seed <n>', 'the same seed repeats the same figures', '1')
    .option('--out <folder>', 'where reports go', join('backtests', 'out', 'research'))
    .option('--ledger <file>', 'counts the trials ever spent on each data set', LEDGER_PATH)
    .option('--open-hold-out', 'look at the last fifth for a verdict: once a release, counted')
    .option('--json', 'print the figures as JSON');
}

export async function routineFromFlags(name: RoutineName, flags: RoutineFlags): Promise<void> {
  const options: MonthlyOptions = {
    variants: MONTHLY_VARIANTS,
    trials: numberFlag('--trials', flags.trials, { low: 2, high: 100_000, isWhole: true }),
    paths: numberFlag('--paths', flags.paths, { low: 100, high: 100_000, isWhole: true }),
    runs: numberFlag('--runs', flags.runs, { low: 1, high: 10_000, isWhole: true }),
    seed: numberFlag('--seed', flags.seed, { low: 0, high: 2 ** 32 - 1, isWhole: true }),
    ledger: new ResearchLedger(flags.ledger),
    openHoldOut: flags.openHoldOut,
    onProgress: progressLine,
  };
  const base = { path: flags.config, preset: flags.trade, sets: flags.set };
  const input = await researchInput({ path: flags.data, base, onProgress: progressLine });
  const { document, figures, paths } = await runRoutine(name, input, {
    ...options,
    folder: flags.out,
  });
  progressLine('');
  if (flags.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  else process.stdout.write(`${toText(document)}\n${paths.join('\n')}\n`);
}
