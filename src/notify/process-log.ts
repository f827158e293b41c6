import { type DestinationStream, type Logger, pino } from 'pino';
import type { Redactor } from './redactor.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What waits for a slow reader of the log; more is dropped and counted. */
const WAITING_BYTES_MAX = 1_048_576;

export interface ProcessLog {
  logger: Logger;
  /** Lines lost because nobody read the log fast enough, or the disk refused. */
  dropped(): number;
  flush(done: () => void): void;
}

/**
 * The daemon's log: one JSON object a line on stderr, time as ISO text. Every finished line passes
 * the redactor, so that no field, error or stack can carry a secret out. Writing never blocks: a
 * reader that does not read costs lines, not time.
 */
export function openProcessLog(options: {
  level: LogLevel;
  redactor: Redactor;
  /** File descriptor; 2 when left out. */
  fd?: number;
}): ProcessLog {
  const { level, redactor, fd = 2 } = options;
  const stream = pino.destination({ fd, sync: false, maxLength: WAITING_BYTES_MAX });
  let dropped = 0;
  stream.on('drop', () => dropped++);
  // A closed pipe or a full disk must not end the process.
  stream.on('error', () => dropped++);
  return {
    logger: redactedLogger({ level, redactor, stream }),
    dropped: () => dropped,
    flush: (done) => stream.flush(() => done()),
  };
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
