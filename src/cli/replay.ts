import { Command } from 'commander';
import { codeVersion } from '../code-version.ts';
import type { Effect } from '../engine/effect.ts';
import { AppError } from '../engine/error.ts';
import { type Difference, replayJournal } from '../live/replay-journal.ts';
import { openForReading } from '../store/open-store.ts';
import { effectText, eventText } from './journal-text.ts';

/** `qcm replay JOURNAL`. */
export function command(): Command {
  return new Command()
    .description('decide a journal again: the same decisions, or the first that differs')
    .argument('<journal>', 'state folder, or the qcm.db in it')
    .addHelpText(
      'after',
      `
Every event of the journal goes through a fresh engine, composed as the session that wrote it was;
every order, timer and decision must come out again, in order. Reads only; can run beside qcm run.

Examples:
  qcm replay state/paper
  qcm replay backup/qcm.db

Exit codes: 0 the same decisions, 1 a decision differs or the journal is damaged.
`,
    )
    .action((path: string) => replay(path));
}

function replay(path: string): void {
  const db = openForReading(path);
  try {
    const result = replayJournal(db, { onProgress: progress });
    progress(undefined);
    const others = result.codeVersions.filter((version) => version !== codeVersion());
    if (others.length > 0) {
      process.stdout.write(`written by ${others.join(', ')}; this is ${codeVersion()}\n`);
    }
    if (result.difference !== undefined) throw differs(result.difference);
    process.stdout.write(
      `the same decisions: ${result.events} events of ${result.sessions} sessions, ` +
        `${result.decisions} with effects, digest ${result.digest}\n`,
    );
    if (result.poisoned === 0) return;
    process.stdout.write(`left out, as then: ${result.poisoned} events that failed\n`);
  } finally {
    db.close();
  }
}

function differs({ envelope, journalled, replayed }: Difference): AppError {
  const list = (effects: readonly Effect[]) =>
    effects.length === 0
      ? '    nothing'
      : effects.map((each) => `    ${effectText(each)}`).join('\n');
  return new AppError(
    'ENGINE_REPLAY',
    `the first decision that differs is at event ${envelope.seq}\n` +
      `  ${eventText(envelope)}\n  then:\n${list(journalled)}\n  now:\n${list(replayed)}`,
    'the code has changed since, or something that is no event led to a decision',
  );
}

function progress(events: number | undefined): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(events === undefined ? '\r\u001b[K' : `\r\u001b[K${events} events`);
}
