import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseResult } from './case-child.ts';
import { CASES, type Case } from './cases.ts';
import type { IndicatorResult } from './indicator-child.ts';
import { INDICATOR_CASES } from './indicator-table.ts';
import { type LiveRow, liveCases, liveTable, runLiveCase } from './live-cases.ts';
import { SampleFolder } from './sample-folder.ts';
import { caseTable, indicatorTable, wholeRunLines } from './tables.ts';

export interface CaseRow extends CaseResult {
  name: string;
  group: Case['group'];
  unit: Case['unit'];
  perSecond: number;
  goal: number | undefined;
}

export interface IndicatorRow extends IndicatorResult {
  name: string;
}

/** One backtest of three symbols in a process of its own, from start to end. */
export interface WholeRun {
  name: string;
  maxRssMb: number;
  memoryGoalMb: number;
  bars: number;
  sinceStartS: number;
  startGoalS: number | undefined;
  digest: string;
}

export interface Report {
  machine: string;
  runs: number;
  rows: CaseRow[];
  indicators: IndicatorRow[];
  whole: WholeRun[];
  live: LiveRow[];
}

const HELP = `npm run bench [-- options]: speed and memory, each case in a process of its own.
  --json [FILE]   JSON to FILE, or to the terminal
  --runs N        runs that count, after two to warm up (5)
  --only TEXT     cases whose name contains TEXT; "indicators" for the table of indicators only
  --flood SECONDS how long 20,000 market frames a second last (20; the promise is for 600)
How to read it: bench/README.md
`;

/** `npm run bench [-- --json [FILE]] [--runs N] [--only TEXT]` */
async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return;
  }
  const runs = Number(optionOf(args, '--runs') ?? 5);
  const only = optionOf(args, '--only');
  const root = mkdtempSync(join(tmpdir(), 'qcm-bench-'));
  try {
    say('making sample data (SIMULATED)');
    await new SampleFolder(root).write();
    const wanted = (name: string) => only === undefined || name.includes(only);
    const isTable = only === undefined || only === 'indicators';
    const report: Report = {
      machine: machine(),
      runs,
      rows: CASES.filter((each) => wanted(each.name)).map((each) => caseRow(root, each, runs)),
      indicators: isTable ? INDICATOR_CASES.map((each) => indicatorRow(root, each.name)) : [],
      whole: only === undefined ? wholeRuns(root) : [],
      live: liveCases(Number(optionOf(args, '--flood') ?? 20))
        .filter((each) => wanted(each.name))
        .map((each) => {
          say(each.name);
          return runLiveCase(each);
        }),
    };
    print(report, args);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function print(report: Report, args: readonly string[]): void {
  if (!args.includes('--json')) {
    const tables = [caseTable(report.rows), indicatorTable(report.indicators)];
    const head = `${report.machine}\nmedians of ${report.runs} runs after two to warm up`;
    const parts = [head, ...tables, wholeRunLines(report.whole), liveTable(report.live)].filter(
      (part) => part !== '',
    );
    process.stdout.write(`${parts.join('\n\n')}\n`);
    return;
  }
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const file = optionOf(args, '--json');
  if (file === undefined) process.stdout.write(text);
  else writeFileSync(file, text);
}

function caseRow(root: string, each: Case, runs: number): CaseRow {
  say(each.name);
  const result = child('case-child.ts', [root, each.name, String(runs)]) as CaseResult;
  const { name, group, unit, goal } = each;
  return { name, group, unit, goal, ...result, perSecond: result.items / result.measured.medianS };
}

function indicatorRow(root: string, name: string): IndicatorRow {
  say(name);
  return { name, ...(child('indicator-child.ts', [root, name]) as IndicatorResult) };
}

function wholeRuns(root: string): WholeRun[] {
  const run = (kind: string) => {
    say(`whole run, ${kind}`);
    return child('run-child.ts', [root, kind]) as Omit<WholeRun, 'name'>;
  };
  return [
    {
      name: 'ten months of three symbols, 3m, hedged',
      ...run('coarse'),
      memoryGoalMb: 250,
      startGoalS: 0.45,
    },
    {
      name: 'two months of three symbols, 1m detail, hedged',
      ...run('fine'),
      memoryGoalMb: 300,
      startGoalS: undefined,
    },
  ];
}

function child(file: string, args: readonly string[]): unknown {
  const path = join(import.meta.dirname, file);
  const flags = ['--expose-gc', '--no-warnings'];
  return JSON.parse(
    execFileSync(process.execPath, [...flags, path, ...args], { encoding: 'utf8' }),
  );
}

function machine(): string {
  const [cpu] = cpus();
  const load = loadavg()[0].toFixed(2);
  const model = cpu?.model.trim() ?? 'unknown CPU';
  return `${model}, ${availableParallelism()} threads, Node ${process.version}, load ${load}`;
}

function say(text: string): void {
  process.stderr.write(`${text} ...\n`);
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  const value = at < 0 ? undefined : args[at + 1];
  return value === undefined || value.startsWith('--') ? undefined : value;
}

await main(process.argv.slice(2));
