import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { runPool } from '../chaos/chaos-pool.ts';
import { type RunResult, runChaos } from '../chaos/chaos-run.ts';
import { ChaosSummary } from '../chaos/chaos-summary.ts';
import { shrink } from '../chaos/shrink.ts';
import { AppError } from '../engine/error.ts';

const HELP = `
Runs the whole live path (strategy, engine, dispatcher, journal, reconciler, exchange adapter)
against the fake exchange on a virtual clock, and breaks things at random moments: answers get
lost, the disk stands still, the process dies, somebody trades by hand. After every step it looks
whether every position has a stop, nothing was sent twice, the hedge goes with its main leg; at
the end books, exchange and replayed journal must agree. No network, no keys, nothing is written.

A seed is one run, the same on every machine. Runs that never held a position do not count.

Examples:
  qcm chaos                            500 runs on all cores
  qcm chaos --seeds 10000              the big one
  qcm chaos --first-seed 4711 --seeds 1 --trace    one run, told step by step
A violation is made as small as possible (faults are dropped while it still fails), printed with
the command that repeats it, and ends in exit code 1.`;

interface Options {
  seeds: string;
  firstSeed: string;
  workers?: string;
  trace?: boolean;
  shrink: boolean;
}

/** `qcm chaos`: deterministic simulation of the live path under faults. */
export function command(): Command {
  return new Command()
    .description('break the whole live path on a virtual clock and watch the invariants')
    .option('--seeds <n>', 'how many runs', '500')
    .option('--first-seed <k>', 'seed of the first one', '1')
    .option('--workers <w>', 'threads; all cores when left out')
    .option('--trace', 'print every step of a single run')
    .option('--no-shrink', 'print failing runs as they are')
    .addHelpText('after', HELP)
    .action((options: Options) => chaos(options));
}

async function chaos(options: Options): Promise<void> {
  const seeds = wholeNumber('--seeds', options.seeds, 1);
  const firstSeed = wholeNumber('--first-seed', options.firstSeed, 0);
  const cores = String(availableParallelism());
  const workers = wholeNumber('--workers', options.workers ?? cores, 1);
  if (options.trace === true) {
    if (seeds !== 1) {
      const hint = 'add --seeds 1';
      throw new AppError('USAGE_CHAOS', '--trace tells a single run', hint);
    }
    return traced(firstSeed);
  }
  const summary = new ChaosSummary();
  const startedMs = performance.now();
  await runPool({
    ...{ firstSeed, seeds, workers: Math.min(workers, Math.ceil(seeds / 5)) },
    onResults: (results) => {
      for (const result of results) summary.add(result);
      progress(summary, { seeds, startedMs });
    },
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  for (const line of summary.table()) print(line);
  print('');
  for (const line of summary.totals()) print(line);
  print(`${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(1)} runs a second on ${workers}`);
  for (const result of summary.failed.sort((a, b) => a.seed - b.seed)) {
    tellFailure(options.shrink ? (shrink({ seed: result.seed }) ?? result) : result);
  }
  if (summary.failed.length > 0) process.exitCode = 1;
}

function traced(seed: number): void {
  const result = runChaos({
    seed,
    trace: (atMs, text) => print(`${(atMs / 1_000).toFixed(3).padStart(9)}  ${text}`),
  });
  print(result.violations.length === 0 ? 'everything held' : '');
  if (result.violations.length === 0) return;
  tellFailure(result);
  process.exitCode = 1;
}

function tellFailure({ seed, faults, violations }: RunResult): void {
  print(`\nseed ${seed} FAILED`);
  for (const text of violations) print(`  ${text}`);
  print('  with these faults:');
  for (const fault of faults) print(`    ${JSON.stringify(fault)}`);
  print(`  again: qcm chaos --first-seed ${seed} --seeds 1 --trace`);
}

function progress(
  { runs, failed }: ChaosSummary,
  { seeds, startedMs }: { seeds: number; startedMs: number },
): void {
  if (!process.stderr.isTTY && runs % 500 !== 0) return;
  const seconds = (performance.now() - startedMs) / 1_000;
  const left = Math.round((seconds / runs) * (seeds - runs));
  const text = `${runs} of ${seeds} runs, ${failed.length} failed, ${left} s left`;
  process.stderr.write(process.stderr.isTTY ? `\r${text}   ` : `${text}\n`);
  if (runs === seeds && process.stderr.isTTY) process.stderr.write('\n');
}

function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  const hint = `write ${flag} ${Math.max(least, 1)}, for example`;
  throw new AppError('USAGE_CHAOS', `${flag} "${text}" is no whole number from ${least} on`, hint);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
