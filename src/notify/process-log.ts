import { existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Redactor } from './redactor.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What waits for a slow reader of the log; more is dropped and counted. */
const WAITING_BYTES_MAX = 1_048_576;
const FILE_BYTES_MAX = 20_000_000;
const FILES_KEPT = 3;
const STDERR = 2;

export interface ProcessLog {
  logger: Logger;
  /** Lines lost because nobody read the log fast enough, or the disk refused. */
  dropped(): number;
  flush(done: () => void): void;
}

/**
 * The daemon's log: one JSON object a line, time as ISO text, in a file that only its owner can
 * read, or on stderr. Every finished line passes the redactor, so that no field, error or stack can
 * carry a secret out. Writing never blocks: a disk that is full or slow costs lines, not time. A
 * file is put aside at 20 MB, and the last three are kept.
 */
export function openProcessLog(options: {
  level: LogLevel;
  redactor: Redactor;
  /** `-` is stderr. */
  path: string;
  bytesMax?: number;
}): ProcessLog {
  const { level, redactor, path, bytesMax = FILE_BYTES_MAX } = options;
  const isFile = path !== '-';
  let dropped = 0;
  const onLost = () => {
    dropped++;
  };
  let stream = destination(isFile ? openFile(path) : STDERR, onLost);
  let bytes = isFile ? statSync(path).size : 0;
  const turn = () => {
    bytes = 0;
    const full = stream;
    try {
      putAside(path);
      stream = destination(openFile(path), onLost);
      full.end();
    } catch {
      // No room for another file, say: the log goes on in the old one, and tries again later.
      stream = full;
    }
  };
  const write = (line: string) => {
    stream.write(line);
    bytes += line.length;
    if (isFile && bytes >= bytesMax) turn();
  };
  return {
    logger: redactedLogger({ level, redactor, stream: { write } }),
    dropped: () => dropped,
    flush: (done) => stream.flush(() => done()),
  };
}

function openFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a', 0o600);
}

function destination(fd: number, onLost: () => void): ReturnType<typeof pino.destination> {
  const stream = pino.destination({ fd, sync: false, maxLength: WAITING_BYTES_MAX });
  stream.on('drop', onLost);
  // A closed pipe or a full disk must not end the process.
  stream.on('error', onLost);
  return stream;
}

/** `qcm.log` becomes `qcm.log.1`, and so on; the oldest goes. */
function putAside(path: string): void {
  for (let i = FILES_KEPT - 1; i >= 1; i--) {
    if (existsSync(`${path}.${i}`)) renameSync(`${path}.${i}`, `${path}.${i + 1}`);
  }
  renameSync(path, `${path}.1`);
}

/** A logger whose lines are cleaned as finished text. */
export function redactedLogger(options: {
  level: LogLevel;
  redactor: Redactor;
  stream: DestinationStream;
}): Logger {
  const { level, redactor, stream } = options;
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => redactor.clean(line) },
    },
    stream,
  );
}
