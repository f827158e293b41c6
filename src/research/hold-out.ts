import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bars } from '../../data/bars/bars.ts';
import { AppError } from '../engine/error.ts';
import { DAY_MS } from '../engine/units.ts';

/** Part of every data set that no search may see. */
const HOLD_OUT_SHARE = 0.2;
/** Where searches and openings are written down, below the project's data folder. */
export const LEDGER_PATH = join('data', 'store', 'research-ledger.jsonl');

export interface SearchSpan {
  startMs: number;
  /** End of what searches may see, at 00:00 UTC. */
  searchEndMs: number;
  endMs: number;
}

/** The main symbol's span with its last fifth cut off, in whole UTC days. */
export function searchSpan(series: readonly Bars[], mainSymbol: string): SearchSpan {
  const bars = series.find(({ symbol }) => symbol === mainSymbol);
  if (bars === undefined || bars.length === 0) {
    throw new AppError('DATA_SYMBOL', `there are no bars of ${mainSymbol}`);
  }
  const startMs = bars.openTime[0];
  const endMs = bars.openTime[bars.length - 1] + bars.timeframeMs;
  const cut = endMs - HOLD_OUT_SHARE * (endMs - startMs);
  return { startMs, searchEndMs: Math.floor(cut / DAY_MS) * DAY_MS, endMs };
}

export interface LedgerEntry {
  dataHash: string;
  atMs: number;
  what: string;
  /** Trials looked at; 0 for an opening of the hold-out. */
  trials: number;
  kind: 'search' | 'holdOut';
}

/** Counts, for each data hash, every trial ever looked at and every opening of the hold-out. */
export class ResearchLedger {
  declare private readonly path: string;

  constructor(path: string = LEDGER_PATH) {
    this.path = path;
  }

  /** @throws AppError RESEARCH_LEDGER_WRITE when the disk refuses: uncounted trials are not run */
  add(entry: LedgerEntry): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      this.cutTornLine();
      appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new AppError(
        'RESEARCH_LEDGER_WRITE',
        `trials cannot be counted in ${this.path}: ${why}`,
        'make room, or name another file with --ledger',
      );
    }
  }

  /** Trials spent on this data so far. */
  trials(dataHash: string): number {
    return this.entries(dataHash).reduce((total, entry) => total + entry.trials, 0);
  }

  openings(dataHash: string): number {
    return this.entries(dataHash).filter((entry) => entry.kind === 'holdOut').length;
  }

  /** A line that a crash left half-written was never counted. */
  private cutTornLine(): void {
    if (!existsSync(this.path)) return;
    const text = readFileSync(this.path);
    const end = text.lastIndexOf('\n') + 1;
    if (end < text.length) truncateSync(this.path, end);
  }

  /** @throws AppError DATA_LEDGER naming the line that is none; a torn last line is ignored */
  entries(dataHash: string): LedgerEntry[] {
    if (!existsSync(this.path)) return [];
    const text = readFileSync(this.path, 'utf8');
    const lines = text.split('\n');
    const whole = lines.slice(0, -1);
    return whole.flatMap((line, i) => {
      const entry = parse(line);
      if (entry === undefined) {
        throw new AppError(
          'DATA_LEDGER',
          `${this.path}: line ${i + 1} is damaged`,
          'remove that line; the count of trials is then a lower bound',
        );
      }
      return entry.dataHash === dataHash ? [entry] : [];
    });
  }
}

function parse(line: string): LedgerEntry | undefined {
  try {
    const entry = JSON.parse(line) as LedgerEntry;
    return typeof entry.dataHash === 'string' && Number.isFinite(entry.trials) ? entry : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
