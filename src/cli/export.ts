import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { AppError } from '../engine/error.ts';
import {
  csvText,
  EXPORT_COLUMNS,
  type ExportKind,
  type ExportRow,
  exportRows,
} from '../operator/export-rows.ts';
import { openForReading } from '../store/open-store.ts';
import { DEFAULT_STATE } from './daemon-command.ts';

interface Flags {
  state: string;
  csv?: boolean;
  json?: boolean;
  from?: string;
  to?: string;
  out?: string;
}

const SUMMARIES: Record<ExportKind, string> = {
  trades: 'closed packages: prices, costs, result',
  fills: 'every execution, with its fee and the asset of the fee',
  funding: 'funding received and paid',
  transfers: 'deposits and withdrawals of the account',
};

/** `qcm export trades | fills | funding | transfers`. */
export function command(): Command {
  const all = new Command().description('books for bookkeeping and tax, as CSV or JSON');
  for (const kind of Object.keys(SUMMARIES) as ExportKind[]) {
    all
      .command(kind)
      .description(SUMMARIES[kind])
      .option('--state <folder>', 'state folder, or a qcm.db (a backup is one)', DEFAULT_STATE)
      .option('--csv', 'comma-separated, with a line of column names (the default)')
      .option('--json', 'one JSON list')
      .option('--from <date>', 'first day, UTC')
      .option('--to <date>', 'last day, UTC')
      .option('--out <file>', 'write here instead of the terminal; must not exist')
      .addHelpText('after', help(kind))
      .action((flags: Flags) => run(kind, flags));
  }
  return all;
}

function help(kind: ExportKind): string {
  const rows = EXPORT_COLUMNS[kind].map(({ name, meaning }) => `  ${name.padEnd(15)}${meaning}`);
  return `
Columns (times are ISO 8601 in UTC; the quote asset is that of the symbol, USDT):
${rows.join('\n')}

Reads only; can run beside the daemon. Books are kept for good: pruning the journal leaves them.

Examples:
  qcm export ${kind} --from 2026-01-01 --to 2026-12-31 --out ${kind}-2026.csv
  qcm export ${kind} --state state/live --json

Exit codes: 0 done, 1 no store or an old one, 2 wrong usage.
`;
}

function run(kind: ExportKind, flags: Flags): void {
  if (flags.csv === true && flags.json === true) {
    throw new AppError('USAGE_FORMAT', '--csv and --json exclude each other');
  }
  const fromMs = dayOf('--from', flags.from) ?? Number.NEGATIVE_INFINITY;
  // The last day counts whole.
  const toMs = (dayOf('--to', flags.to) ?? Number.POSITIVE_INFINITY) + 86_400_000;
  const db = openForReading(flags.state);
  let rows: ExportRow[];
  try {
    rows = exportRows(db, { kind, fromMs, toMs });
  } finally {
    db.close();
  }
  const text = flags.json === true ? `${JSON.stringify(rows, null, 2)}\n` : csvText(kind, rows);
  if (flags.out === undefined) process.stdout.write(text);
  else {
    write(flags.out, text);
    process.stdout.write(`${rows.length} ${kind} -> ${flags.out}\n`);
  }
}

function write(path: string, text: string): void {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? `${path} exists` : message;
    throw new AppError('USAGE_OUT', why, 'choose another file with --out');
  }
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
}

function dayOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new AppError('USAGE_DATE', `${name} "${text}" is not a date`, 'write 2026-01-31 (UTC)');
}
