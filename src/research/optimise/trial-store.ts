import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../engine/error.ts';
import { lockState, type StateLock } from '../../store/state-lock.ts';
import { AppendFile, readLines, type WriteText } from './append-file.ts';
import type { TrialRecord } from './trial.ts';

export const TRIALS_FILE = 'trials.jsonl';

/** What two runs must have in common to be the same study. */
export type StudyIdentity = Readonly<Record<string, string | number | boolean | null>>;

/**
 * The trials of one study in a folder, in the order in which they finished. Opening it again with
 * the same identity goes on; each number is kept once.
 */
export class TrialStore {
  readonly byNumber = new Map<number, TrialRecord>();
  declare private readonly file: AppendFile;
  declare private readonly lock: StateLock;

  /**
   * @throws AppError RESEARCH_OTHER_STUDY when the folder holds another one, RESEARCH_STUDY_BUSY while
   * another process works on it, RESEARCH_FILE when it cannot be used
   */
  constructor(folder: string, identity: StudyIdentity, write?: WriteText) {
    const path = join(folder, TRIALS_FILE);
    this.lock = lockFolder(folder);
    try {
      this.file = new AppendFile(path, write);
      const [header, ...trials] = readLines(path) as [StudyIdentity?, ...TrialRecord[]];
      if (header === undefined) this.file.append([identity]);
      else checkIdentity(path, header, identity);
      for (const trial of trials) {
        if (!this.byNumber.has(trial.number)) this.byNumber.set(trial.number, trial);
      }
    } catch (error) {
      this.lock.release();
      throw error;
    }
  }

  /**
   * Keeps a trial; a number that is there already is left alone.
   * @throws AppError RESEARCH_NOT_REPEATABLE when it came out differently this time
   */
  add(trials: readonly TrialRecord[]): void {
    const fresh = trials.filter((trial) => {
      const known = this.byNumber.get(trial.number);
      if (known === undefined) return true;
      if (JSON.stringify(known) === JSON.stringify(trial)) return false;
      throw new AppError(
        'RESEARCH_NOT_REPEATABLE',
        `trial ${trial.number} came out differently the second time`,
        'all workers must run the same code on the same Node version',
      );
    });
    this.file.append(fresh);
    for (const trial of fresh) this.byNumber.set(trial.number, trial);
  }

  sync(): void {
    this.file.sync();
  }

  close(): void {
    this.file.close();
    this.lock.release();
  }
}

function lockFolder(folder: string): StateLock {
  try {
    mkdirSync(folder, { recursive: true });
    return lockState(folder);
  } catch (error) {
    if (error instanceof AppError) {
      throw new AppError(
        'RESEARCH_STUDY_BUSY',
        `another process is working on the study in ${folder}`,
        'wait for it, or give this one its own --out',
      );
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('RESEARCH_FILE', `${folder} cannot be used: ${why}`);
  }
}

function checkIdentity(path: string, found: StudyIdentity, wanted: StudyIdentity): void {
  const differing = Object.keys({ ...found, ...wanted }).filter(
    (key) => found[key] !== wanted[key],
  );
  if (differing.length === 0) return;
  throw new AppError(
    'RESEARCH_OTHER_STUDY',
    `${path} holds another study: ${differing.join(', ')} differ`,
    'choose another --out, or repeat the command with the settings of that study',
  );
}
