/**
 * Loaded before `qcm` (`node --import`): tells on file descriptor 3 what the store is at, a letter
 * each, written before the next thing happens, so that they are all there after a kill.
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

function tell(mark: string): void {
  writeSync(MARKS_FD, mark);
}

DatabaseSync.prototype.exec = function (sql: string): void {
  if (sql.startsWith('BEGIN IMMEDIATE')) tell(MARK.begin);
  exec.call(this, sql);
  if (sql === 'COMMIT') tell(MARK.committed);
  if (sql.includes('BEGIN EXCLUSIVE')) tell(MARK.locked);
};

DatabaseSync.prototype.prepare = function (sql: string) {
  const statement = prepare.call(this, sql);
  if (!sql.startsWith('INSERT INTO journal')) return statement;
  const { run } = statement;
  const marked: Run = (...values) => {
    if (String(values[2]).includes('"kind":"order.submit"')) tell(MARK.order);
    return (run as Run).apply(statement, values);
  };
  statement.run = marked as typeof run;
  return statement;
};
