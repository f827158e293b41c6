import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';
import {
  comparePage,
  figureRows,
  type StoredRun,
  settingRows,
} from '../../backtests/report/compare-page.ts';
import { thinned } from '../../backtests/report/run-page-data.ts';
import type { RunSummary } from '../../backtests/report/summary.ts';
import { AppError } from '../engine/error.ts';

/** `qcm report`: pages about stored runs. */
export function command(): Command {
  return new Command()
    .description('pages about stored runs; qcm backtest writes report.html of each')
    .addCommand(compareCommand());
}

function compareCommand(): Command {
  return new Command('compare')
    .description('two runs side by side: figures, equity, and what differs in their settings')
    .argument('<a>', 'folder of a run, as qcm backtest writes it')
    .argument('<b>', 'folder of the other')
    .option('--out <file>', 'page to write', 'compare.html')
    .addHelpText(
      'after',
      '\nExample:\n  qcm report compare backtests/out/RUN-1 backtests/out/RUN-2 --out compare.html\n',
    )
    .action((a: string, b: string, flags: { out: string }) => compare(a, b, flags.out));
}

function compare(first: string, second: string, out: string): void {
  const [a, b] = [readRun(first), readRun(second)];
  writeFileSync(out, comparePage(a, b));
  const lines = [
    ['', 'A', 'B', 'B - A'],
    ...figureRows(a.summary, b.summary),
    ['', '', '', ''],
    ...settingRows(a, b).map(([name, x, y]) => [name, x, y, '']),
  ];
  const cell = (text: string, i: number) =>
    i === 0 ? text.padEnd(30) : text.slice(0, 18).padStart(20);
  process.stdout.write(`A ${a.name}\nB ${b.name}\n`);
  for (const line of lines) process.stdout.write(`${line.map(cell).join('').trimEnd()}\n`);
  process.stdout.write(`written: ${out}\n`);
}

/** @throws AppError DATA_NO_RUN for a folder that holds no run */
function readRun(folder: string): StoredRun {
  const path = join(folder, 'summary.json');
  const hint = 'give the folder that qcm backtest wrote, e.g. backtests/out/2026-01-01-120000-demo';
  if (!existsSync(path)) throw new AppError('DATA_NO_RUN', `${path} does not exist`, hint);
  let summary: RunSummary;
  try {
    summary = JSON.parse(readFileSync(path, 'utf8')) as RunSummary;
  } catch (error) {
    throw new AppError('DATA_NO_RUN', `${path} is no JSON: ${(error as Error).message}`, hint);
  }
  if (summary.format !== 'qcm-backtest-1') {
    throw new AppError('DATA_NO_RUN', `${path} is no summary of a backtest`, hint);
  }
  return { name: basename(resolve(folder)), summary, equity: readEquity(folder) };
}

/** Lines of `time,equity` after the header. */
function readEquity(folder: string): [number, number][] {
  const path = join(folder, 'equity.csv');
  if (!existsSync(path)) throw new AppError('DATA_NO_RUN', `${path} does not exist`);
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const points = lines.map((line, i) => {
    const [time, value] = line.split(',');
    const point = { atMs: Date.parse(time), equity: Number(value) };
    if (Number.isNaN(point.atMs) || !Number.isFinite(point.equity)) {
      throw new AppError('DATA_CELL', `${path}:${i + 2}: "${line.slice(0, 80)}" is no point`);
    }
    return point;
  });
  return thinned(points);
}
