import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../engine/error.ts';

/** Writes text at the end of an open file; replaced in tests. */
export type WriteText = (file: number, text: string) => void;

/**
 * Lines of JSON that are only ever added. A line that a crash cut short is dropped when the file is
 * opened again; everything before it is kept.
 */
export class AppendFile {
  readonly path: string;
  declare private readonly file: number;
  declare private readonly write: WriteText;

  /** @throws AppError RESEARCH_FILE when the folder cannot be used */
  constructor(path: string, write: WriteText = writeAll) {
    this.path = path;
    this.write = write;
    try {
      mkdirSync(dirname(path), { recursive: true });
      dropTornLine(path);
      this.file = openSync(path, 'a');
    } catch (error) {
      throw new AppError('RESEARCH_FILE', `${path} cannot be used: ${messageOf(error)}`);
    }
  }

  /** @throws AppError RESEARCH_DISK when the disk does not take it; what was there is whole */
  append(rows: readonly unknown[]): void {
    if (rows.length === 0) return;
    try {
      this.write(this.file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    } catch (error) {
      throw diskError(this.path, error);
    }
  }

  /** Returns when all is on the disk. */
  sync(): void {
    try {
      fsyncSync(this.file);
    } catch (error) {
      throw diskError(this.path, error);
    }
  }

  close(): void {
    closeSync(this.file);
  }
}

/** All whole lines. @throws AppError RESEARCH_FILE for one that is not JSON */
export function readLines(path: string): unknown[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      try {
        return JSON.parse(line) as unknown;
      } catch {
        throw new AppError(
          'RESEARCH_FILE',
          `${path}, line ${i + 1} is not JSON`,
          'the file was changed by hand or damaged; move it away to begin anew',
        );
      }
    });
}

/** A whole file at once. @throws AppError RESEARCH_DISK when the disk does not take it */
export function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw diskError(path, error);
  }
}

function dropTornLine(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(10) + 1;
  if (end < bytes.length) truncateSync(path, end);
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function diskError(path: string, error: unknown): AppError {
  return new AppError(
    'RESEARCH_DISK',
    `${path} could not be written: ${messageOf(error)}`,
    'make room and run the same command again: it goes on where it stopped',
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
