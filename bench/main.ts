import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { buildCases, type Case } from './cases.ts';
import { type Measured, measure } from './measure.ts';

const MEMORY_GOAL_MB = 250;

interface Row extends Measured {
  name: string;
  group: Case['group'];
  items: number;
  unit: Case['unit'];
  perSecond: number;
  goal: number | undefined;
  /** Time of this case over the time of its floor, for the same number of items. */
  timesFloor: number | undefined;
}

/** `npm run bench [-- --json [FILE]] [--runs N] [--only TEXT]` */
async function main(args: readonly string[]): Promise<void> {
  const runs = Number(optionOf(args, '--runs') ?? 5);
  const only = optionOf(args, '--only') ?? '';
  const isJson = args.includes('--json');
  const { cases, storeFolder, dispose } = await buildCases();
  try {
    const rows: Row[] = [];
    for (const each of cases) {
      const isWanted = each.name.includes(only) || each.name.startsWith('floor');
      if (!isWanted) continue;
      if (!isJson) process.stderr.write(`${each.name} ...\n`);
      rows.push(rowOf(each, await measure(each.work, runs), rows));
    }
    const memory = peakMemory(storeFolder);
    const report = { machine: machine(), runs, rows, memory };
    if (!isJson) {
      process.stdout.write(tableOf(report));
      return;
    }
    const text = `${JSON.stringify(report, null, 2)}\n`;
    const file = optionOf(args, '--json');
    if (file === undefined) process.stdout.write(text);
    else writeFileSync(file, text);
  } finally {
    dispose();
  }
}

function rowOf(each: Case, measured: Measured, before: readonly Row[]): Row {
  const perSecond = each.items / measured.medianS;
  const floor = before.find((row) => row.name === each.floor);
  const { name, group, items, unit, goal } = each;
  const timesFloor = floor === undefined ? undefined : floor.perSecond / perSecond;
  return { name, group, items, unit, ...measured, perSecond, goal, timesFloor };
}

/** Of a fresh process that loads three symbols and runs the backtest. */
function peakMemory(folder: string): { maxRssMb: number; goalMb: number } {
  const child = join(import.meta.dirname, 'memory-child.ts');
  const text = execFileSync(process.execPath, [child, folder], { encoding: 'utf8' });
  return { maxRssMb: (JSON.parse(text) as { maxRssMb: number }).maxRssMb, goalMb: MEMORY_GOAL_MB };
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpu?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} threads, Node ${process.version}`;
}

function tableOf(report: {
  machine: string;
  runs: number;
  rows: readonly Row[];
  memory: { maxRssMb: number; goalMb: number };
}): string {
  const cells = report.rows.map((row) => [
    row.name,
    `${(row.perSecond / 1e6).toFixed(2)} M ${row.unit}/s`,
    `${(row.medianS * 1_000).toFixed(1)} ms`,
    `${(row.bestS * 1_000).toFixed(1)}..${(row.worstS * 1_000).toFixed(1)}`,
    row.timesFloor === undefined ? '' : `${row.timesFloor.toFixed(1)} x`,
    row.goal === undefined ? '' : goalText(row.perSecond, row.goal),
  ]);
  const titles = ['case', 'median', 'a run', 'best..worst', 'floor', 'goal'];
  const all = [titles, ...cells];
  const widths = titles.map((_, i) => Math.max(...all.map((line) => line[i].length)));
  const lines = all.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
  const { maxRssMb, goalMb } = report.memory;
  const memory = `peak memory of a backtest on three symbols: ${maxRssMb.toFixed(0)} MB`;
  const verdict = maxRssMb <= goalMb ? 'met' : 'missed';
  return [
    report.machine,
    `medians of ${report.runs} runs after one to warm up`,
    '',
    ...lines,
    '',
    `${memory} (goal ${goalMb} MB: ${verdict})`,
    '',
  ].join('\n');
}

function goalText(perSecond: number, goal: number): string {
  const share = perSecond / goal;
  return `${(goal / 1e6).toFixed(2)} M: ${share >= 1 ? 'met' : 'missed'} (${share.toFixed(2)})`;
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  const value = at < 0 ? undefined : args[at + 1];
  return value === undefined || value.startsWith('--') ? undefined : value;
}

await main(process.argv.slice(2));
