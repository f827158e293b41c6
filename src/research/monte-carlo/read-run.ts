import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../engine/error.ts';

export interface FinishedRun {
  label: string;
  startMs: number;
  endMs: number;
  riskPercent: number;
  trades: { tradeR: number; direction: 1 | -1; closedMs: number }[];
}

/**
 * A result folder of `qcm backtest`: trades.csv and summary.json.
 * @throws AppError DATA_NO_FILE, DATA_COLUMNS or DATA_NUMBER
 */
export function readRun(folder: string): FinishedRun {
  const hint = 'qcm backtest writes such a folder';
  const [tradesPath, summaryPath] = ['trades.csv', 'summary.json'].map((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) throw new AppError('DATA_NO_FILE', `${path} does not exist`, hint);
    return path;
  });
  const [head = '', ...rows] = readFileSync(tradesPath, 'utf8').trimEnd().split(/\r?\n/);
  const columns = head.split(',');
  const at = (name: string) => {
    const index = columns.indexOf(name);
    if (index >= 0) return index;
    throw new AppError('DATA_COLUMNS', `${tradesPath} has no column ${name}`, hint);
  };
  const [side, closed, r] = [at('side'), at('closed'), at('trade_r')];
  const trades = rows.map((row, i) => {
    const cells = row.split(',');
    const tradeR = cells[r] === '' ? Number.NaN : Number(cells[r]);
    const closedMs = Date.parse(cells[closed]);
    if (!Number.isFinite(tradeR) || !Number.isFinite(closedMs)) {
      throw new AppError('DATA_NUMBER', `${tradesPath}: row ${i + 2} is no trade`, hint);
    }
    return { tradeR, closedMs, direction: cells[side] === 'long' ? (1 as const) : (-1 as const) };
  });
  return { trades, ...readSummary(summaryPath) };
}

function readSummary(path: string): Omit<FinishedRun, 'trades'> {
  let parsed: {
    label?: string;
    span?: { from?: string; to?: string };
    config?: { risk?: { perTradePercent?: number } };
  };
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8')) as typeof parsed;
  } catch (error) {
    throw new AppError('DATA_JSON', `${path} is no JSON: ${(error as Error).message}`);
  }
  const startMs = Date.parse(parsed.span?.from ?? '');
  const endMs = Date.parse(parsed.span?.to ?? '');
  const riskPercent = parsed.config?.risk?.perTradePercent;
  if (Number.isNaN(startMs) || Number.isNaN(endMs) || riskPercent === undefined) {
    throw new AppError('DATA_JSON', `${path} is no summary of a backtest`);
  }
  return { label: parsed.label ?? '', startMs, endMs, riskPercent };
}
