import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { AppError } from '../engine/error.ts';
import { decodeRecord } from '../store/journal-record.ts';
import { openForReading } from '../store/open-store.ts';
import { pruneCommand } from './journal-prune.ts';
import { recordText } from './journal-text.ts';

const POLL_MS = 500;

interface TailFlags {
  state: string;
  lines: string;
  follow?: boolean;
  json?: boolean;
}

/** `qcm journal tail`. */
export function command(): Command {
  const journal = new Command().description('read the journal of the live core; prune it');
  journal
    .command('tail')
    .description('the last entries: events, what they led to, what was sent')
    .option('--state <folder>', 'state folder, or the qcm.db in it', join('state', 'paper'))
    .option('-n, --lines <count>', 'how many entries', '20')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option('--json', 'one JSON object a line, with every field')
    .addHelpText(
      'after',
      `
An event has a sequence number and the engine's time (UTC). Under it, "->" is what the engine
wanted done, ".." what was handed to the exchange or held back, "!!" what went wrong.
Reads only; can run beside qcm run.

Examples:
  qcm journal tail -n 100
  qcm journal tail --follow
  qcm journal tail --json -n 1000 | grep order.filled
`,
    )
    .action((flags: TailFlags) => tail(flags));
  journal.addCommand(pruneCommand());
  return journal;
}

async function tail(flags: TailFlags): Promise<void> {
  const count = Number(flags.lines);
  if (!(Number.isInteger(count) && count > 0)) {
    throw new AppError('USAGE_NUMBER', `--lines ${flags.lines} is not a count above zero`);
  }
  const db = openForReading(flags.state);
  try {
    let { lines, batch } = lastLines(db, count);
    print(lines, flags.json === true);
    const abort = new AbortController();
    process.once('SIGINT', () => abort.abort());
    while (flags.follow === true && !abort.signal.aborted) {
      await sleep(POLL_MS, undefined, { signal: abort.signal }).catch(() => {});
      ({ lines, batch } = linesAfter(db, batch));
      print(lines, flags.json === true);
    }
  } finally {
    db.close();
  }
}

function lastLines(db: DatabaseSync, count: number): { lines: string[]; batch: number } {
  let lines: string[] = [];
  let batch = 0;
  for (const row of db.prepare('SELECT batch, text FROM journal ORDER BY batch DESC').iterate()) {
    batch = Math.max(batch, Number(row.batch));
    lines = [...String(row.text).split('\n'), ...lines];
    if (lines.length >= count) break;
  }
  return { lines: lines.slice(-count), batch };
}

function linesAfter(db: DatabaseSync, after: number): { lines: string[]; batch: number } {
  const rows = db
    .prepare('SELECT batch, text FROM journal WHERE batch > ? ORDER BY batch')
    .all(after);
  const batch = rows.length === 0 ? after : Number(rows[rows.length - 1].batch);
  return { lines: rows.flatMap((row) => String(row.text).split('\n')), batch };
}

function print(lines: readonly string[], asJson: boolean): void {
  for (const line of lines) {
    const record = decodeRecord(line);
    process.stdout.write(`${asJson ? JSON.stringify(record) : recordText(record)}\n`);
  }
}
