import { join } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../engine/error.ts';
import { pathDays } from '../research/monte-carlo/path-days.ts';
import { readRun } from '../research/monte-carlo/read-run.ts';
import { marketStress, stressedDays, tradeStress } from '../research/monte-carlo/stress-study.ts';
import { type ResearchDocument, toText } from '../research/reports/research-document.ts';
import { marketStressSections, tradeStressSections } from '../research/reports/stress-report.ts';
import { writeResearch } from '../research/reports/write-research.ts';
import { researchInput } from '../research/research-input.ts';
import { numberFlag } from './number-flag.ts';
import { progressLine } from './progress-line.ts';

interface Flags {
  data?: string;
  paths: string;
  runs: string;
  seed: string;
  risk?: string;
  trade?: string;
  config?: string;
  set?: string[];
  out: string;
  json?: boolean;
}

/** `qcm stress`. */
export function command(): Command {
  return new Command()
    .description(
      'Monte-Carlo: what a year of such trades, worse execution or a worse market may do',
    )
    .argument('[run]', 'result folder of a backtest: its trades alone, no market needed')
    .option('--data <path>', 'folder of bars: trades and everything else')
    .option('--paths <n>', 'paths of a year of trades', '2000')
    .option('--runs <n>', 'whole backtests of each random kind', '20')
    .option('--risk <percent>', 'risk of a trade on the paths (default: that of the run)')
    .option('--seed <n>', 'the same seed repeats the same figures', '1')
    .option('--trade <preset>', 'trade preset to start from')
    .option('--set <key=value...>', 'single settings')
    .option('--config <file>', 'configuration file')
    .option('--out <folder>', 'where the report goes', join('backtests', 'out', 'stress'))
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', HELP)
    .action((run: string | undefined, flags: Flags) => stress(run, flags));
}

const HELP = `
With a run: its trades in blocks of days over a year, breakers off and on; the shuffle beside;
compounding at other risks. With --data: also whole backtests with other latency, slippage, fees and
missed fills; flash crashes, outages, funding spikes, correlation 1; resampled days of all symbols
together; made markets (SIMULATED). The last fifth of the data is not used.

Ruin is 70 % of the start or less within a year; the target is under 1 %, breakers on.

Examples:
  qcm stress backtests/out/latest
  qcm stress --data my/bars --trade smc-stand-in --runs 50
Exit codes: 0 done, 2 wrong usage, 3 data refused (or no trades in it).
`;

async function stress(run: string | undefined, flags: Flags): Promise<void> {
  const paths = numberFlag('--paths', flags.paths, { low: 100, high: 100_000, isWhole: true });
  const runs = numberFlag('--runs', flags.runs, { low: 1, high: 10_000, isWhole: true });
  const seed = numberFlag('--seed', flags.seed, { low: 0, high: 2 ** 32 - 1, isWhole: true });
  const asked = flags.risk === undefined ? undefined : riskFlag(flags.risk);
  if (run !== undefined && flags.data !== undefined) {
    throw new AppError('USAGE_FLAGS', 'give a run or --data, not both', 'qcm stress --help');
  }
  const { document, data } =
    run === undefined
      ? await fromData(flags, { paths, runs, seed, asked })
      : fromRun(run, { paths, seed, asked });
  progressLine('');
  const written = writeResearch(document, { folder: flags.out, name: 'stress', data });
  if (flags.json) process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
  else process.stdout.write(`${toText(document)}\n${written.join('\n')}\n`);
}

function riskFlag(text: string): number {
  return numberFlag('--risk', text, { low: Number.MIN_VALUE, high: 100 });
}

interface Made {
  document: ResearchDocument;
  data: unknown;
}

function fromRun(
  folder: string,
  options: { paths: number; seed: number; asked: number | undefined },
): Made {
  const finished = readRun(folder);
  const riskPercent = options.asked ?? finished.riskPercent;
  const trades = tradeStress(pathDays(finished.trades, finished), { ...options, riskPercent });
  return {
    document: {
      title: 'Stress of a finished run',
      label: finished.label,
      sections: tradeStressSections(trades),
    },
    data: { trades },
  };
}

async function fromData(
  flags: Flags,
  options: { paths: number; runs: number; seed: number; asked: number | undefined },
): Promise<Made> {
  const base = { path: flags.config, preset: flags.trade, sets: flags.set };
  const input = await researchInput({ path: flags.data, base, onProgress: progressLine });
  const { trades, stress: market } = marketStress(input, { ...options, onProgress: progressLine });
  const days = stressedDays(trades, input);
  const riskPercent = options.asked ?? input.riskPercent;
  const ofTrades = tradeStress(days, { ...options, riskPercent });
  return {
    document: {
      title: `Stress of ${input.preset}`,
      label: input.data.label,
      sections: [...tradeStressSections(ofTrades), ...marketStressSections(market)],
    },
    data: { trades: ofTrades, market },
  };
}
