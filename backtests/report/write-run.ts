import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BacktestResult } from '../run-options.ts';
import { equityCsv, tradesCsv } from './csv.ts';
import type { RunSummary } from './summary.ts';

/** Writes trades.csv, equity.csv and summary.json; returns the paths. */
export function writeRun(
  folder: string,
  run: { result: BacktestResult; summary: RunSummary },
): string[] {
  const { result, summary } = run;
  mkdirSync(folder, { recursive: true });
  const files: [string, string][] = [
    ['trades.csv', tradesCsv(result.trades, result.ambiguousTradeIds)],
    ['not-filled.csv', tradesCsv(result.unfilled)],
    ['equity.csv', equityCsv(result.equity)],
    ['summary.json', summaryJson(summary)],
  ];
  return files.map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
}

/** Figures that do not exist (no loss, no trade) are null, so that readers see the key. */
export function summaryJson(summary: RunSummary): string {
  const text = JSON.stringify(summary, (_, value) => (value === undefined ? null : value), 2);
  return `${text}\n`;
}
