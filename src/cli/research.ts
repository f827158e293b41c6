import { Command } from 'commander';
import {
  EDGE_R,
  noiseAccepted,
  type SelftestResult,
  selftest,
} from '../research/selftest/selftest.ts';
import { numberFlag } from './number-flag.ts';
import { progressLine } from './progress-line.ts';
import { type RoutineFlags, routineFromFlags, withRoutineFlags } from './research-flags.ts';

/** `qcm research`: the monthly routine; with a word, the quarterly one or the selftest. */
export function command(): Command {
  // What follows a word belongs to that word.
  const research = withRoutineFlags(new Command().enablePositionalOptions())
    .description('the monthly research end to end: keep or change, with reasons')
    .addHelpText('after', HELP)
    .action((flags: RoutineFlags) => routineFromFlags('monthly', flags));
  research.addCommand(
    withRoutineFlags(new Command('quarterly'))
      .description('the quarterly research')
      .action((flags: RoutineFlags) => routineFromFlags('quarterly', flags)),
  );
  research.addCommand(
    new Command('selftest')
      .description('does this research find a planted edge, and nothing in noise?')
      .option('--markets <n>', 'noise markets; half as many with an edge', '200')
      .option('--trials <n>', 'trials of each search', '30')
      .option('--bars <n>', 'signal bars of a noise market', '30000')
      .option('--seed <n>', 'first seed of the markets', '1')
      .option('--json', 'print JSON')
      .addHelpText('after', SELFTEST_HELP)
      .action((flags: SelftestFlags) => runSelftest(flags)),
  );
  return research;
}

const HELP = `
Re-optimises over a fixed design, walks forward (90 and 60 days), measures how much of the best is
luck, stresses the live preset, compares both out of sample and recommends. Doubt keeps: a change
needs every criterion. Nothing is changed by itself, and the last fifth of the data is not touched.

Examples:
  qcm research --data my/bars --trade smc-stand-in --trials 300
  qcm research quarterly --data my/bars
  qcm research selftest --markets 20
`;

const SELFTEST_HELP = `
SIMULATED markets with a known answer, through the same pipeline, costs zero on both sides. Noise must
be rejected in 2 to 18 of 200 markets at 5 %; +0.15 R over some 500 trades be found in 80 %.
200 markets take about an hour; --markets 20 shows it in minutes.
Exit codes: 0 both hold, 1 one does not.
`;

interface SelftestFlags {
  markets: string;
  trials: string;
  bars: string;
  seed: string;
  json?: boolean;
}

function runSelftest(flags: SelftestFlags): void {
  const count = { low: 2, high: 10_000, isWhole: true };
  const result = selftest({
    preset: 'smc-stand-in',
    markets: numberFlag('--markets', flags.markets, count),
    trials: numberFlag('--trials', flags.trials, count),
    bars: numberFlag('--bars', flags.bars, { low: 15_000, high: 1_000_000, isWhole: true }),
    seed: numberFlag('--seed', flags.seed, { low: 0, high: 2 ** 31, isWhole: true }),
    edgeTrades: 500,
    onProgress: progressLine,
  });
  progressLine('');
  if (flags.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else process.stdout.write(selftestText(result));
  if (!result.noise.isAccepted || !result.edge.isAccepted) process.exitCode = 1;
}

function selftestText({ noise, edge }: SelftestResult): string {
  const { low, high } = noiseAccepted(noise.markets);
  const word = (isAccepted: boolean) => (isAccepted ? 'holds' : 'DOES NOT HOLD');
  const interval = `${(edge.interval.low * 100).toFixed(0)} to ${(edge.interval.high * 100).toFixed(0)} %`;
  const asked = `accepted: ${low} to ${high}`;
  return [
    `SIMULATED markets, ${noise.trials} trials each, costs zero.`,
    `Noise: ${noise.rejected} of ${noise.markets} rejected at 5 % (${asked}): ${word(noise.isAccepted)}`,
    `  ${noise.meanTrades.toFixed(0)} trades a trial at ${noise.meanR.toFixed(4)} R, ` +
      `${noise.undecided} markets undecided`,
    `Edge: ${edge.found} of ${edge.markets} found (95 %: ${interval}; asked: 80 %): ` +
      word(edge.isAccepted),
    `  planted +${edge.plantedR.toFixed(3)} R (aim +${EDGE_R}) over ${edge.meanTrades.toFixed(0)} trades`,
    '',
  ].join('\n');
}
