/**
 * Loaded before `qcm` (`node --import`): tells on file descriptor 3 what the store is at, a letter
 * each, written before the next thing happens, so that they are all there after a kill. With
 * `QCM_KILL_AT` (marks, how many times, milliseconds more) the process kills itself hard there: a
 * signal from outside would come whenever a busy machine lets it.
 */
import { writeSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementResultingChanges } from 'node:sqlite';

export const MARK = {
  /** The state folder is this process's. */
  locked: 'L',
  begin: 'B',
  /** This commit holds an order. */
  order: 'O',
  /** The disk has it. */
  committed: 'C',
} as const;

type Run = (...values: SQLInputValue[]) => StatementResultingChanges;

const MARKS_FD = 3;
const { exec, prepare } = DatabaseSync.prototype;

const [aim = '', count = '', delayMs = ''] = (process.env.QCM_KILL_AT ?? '').split(' ');
let told = '';

function tell(mark: string): void {
  writeSync(MARKS_FD, mark);
  told += mark;
  if (aim === '' || told.split(aim).length - 1 < Number(count)) return;
  // Only this thread waits; the one that trades goes on until the end.
  const untilMs = performance.now() + Number(delayMs);
  while (performance.now() < untilMs);
  process.kill(process.pid, 'SIGKILL');
}

DatabaseSync.prototype.exec = function (sql: string): void {
  if (sql.startsWith('BEGIN IMMEDIATE')) tell(MARK.begin);
  exec.call(this, sql);
  if (sql === 'COMMIT') tell(MARK.committed);
  if (sql.includes('BEGIN EXCLUSIVE')) tell(MARK.locked);
};

/** Commits are prepared once, and run each time. */
DatabaseSync.prototype.prepare = function (sql: string) {
  const statement = prepare.call(this, sql);
  const run = statement.run as Run;
  const marked: Run = (...values) => {
    if (sql === 'BEGIN IMMEDIATE') tell(MARK.begin);
    const isOrder = sql.startsWith('INSERT INTO journal');
    if (isOrder && String(values[2]).includes('"kind":"order.submit"')) tell(MARK.order);
    const changes = run.apply(statement, values);
    if (sql === 'COMMIT') tell(MARK.committed);
    return changes;
  };
  statement.run = marked as typeof statement.run;
  return statement;
};
