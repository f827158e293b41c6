import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { type ComparedRun, comparePage } from './page/compare-page.ts';
import { reportPage } from './page/report-page.ts';
import type { ReportData } from './report-data.ts';
import type { RunSummary } from './summary.ts';

const DATA_FILE = 'report-data.json';
const PAGE_FILE = 'report.html';

/** Writes report-data.json and, from the files alone, report.html; returns both paths. */
export function writeReport(folder: string, data: ReportData): string[] {
  const path = join(folder, DATA_FILE);
  writeFileSync(path, `${JSON.stringify(data)}\n`);
  return [path, rebuildReport(folder)];
}

/**
 * Makes report.html of a run's folder again from summary.json and report-data.json.
 * @throws AppError DATA_NO_RUN when the folder does not hold them
 */
export function rebuildReport(folder: string): string {
  const { summary, data } = readRun(folder);
  const path = join(folder, PAGE_FILE);
  writeFileSync(path, reportPage(summary, data));
  return path;
}

/** Two runs beside each other, as one page. @throws AppError DATA_NO_RUN */
export function writeComparison(folders: { a: string; b: string; out: string }): string {
  writeFileSync(folders.out, comparePage(readRun(folders.a), readRun(folders.b)));
  return folders.out;
}

function readRun(folder: string): ComparedRun {
  const summary = read(folder, 'summary.json', 'qcm-backtest-1') as RunSummary;
  const data = read(folder, DATA_FILE, 'qcm-report-2') as ReportData;
  return { name: basename(resolve(folder)), summary, data };
}

function read(folder: string, name: string, format: string): unknown {
  const hint =
    'give the folder that qcm backtest printed; it holds summary.json and report-data.json';
  let content: { format?: unknown } | null;
  try {
    content = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  } catch (error) {
    const why = (error as Error).message;
    throw new AppError('DATA_NO_RUN', `${folder} holds no readable ${name}: ${why}`, hint);
  }
  if (content?.format === format) return content;
  throw new AppError('DATA_NO_RUN', `${join(folder, name)} is not of format ${format}`, hint);
}
