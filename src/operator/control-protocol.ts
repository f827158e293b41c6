import { AppError, type AppErrorCode } from '../engine/error.ts';

/** One line of JSON from a client. */
export interface ControlRequest {
  command: string;
  arguments: Readonly<Record<string, unknown>>;
}

/** One line of JSON back. */
export type ControlAnswer =
  | { isOk: true; result: unknown }
  | { isOk: false; code: AppErrorCode; message: string; hint?: string };

/** Carries out one command; what it throws or rejects with becomes the answer. */
export type ControlHandler = (request: ControlRequest) => unknown;

export const CONTROL_FOLDER = 'control';
export const CONTROL_FILE = 'qcm.sock';

/** A command is a few words: whoever sends more than this is no client of ours. */
export const REQUEST_LENGTH_MAX = 16_384;

/** Addresses of unix sockets have 108 bytes on Linux, 104 elsewhere, the last a zero. */
export const SOCKET_PATH_MAX = process.platform === 'linux' ? 107 : 103;

/** @throws AppError CONTROL_REQUEST */
export function parseRequest(line: string): ControlRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new AppError('CONTROL_REQUEST', 'the request is not a line of JSON');
  }
  const { command, arguments: given = {} } = (value ?? {}) as Partial<ControlRequest>;
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  if (typeof command !== 'string' || !isObject) {
    throw new AppError('CONTROL_REQUEST', 'a request is {"command": text, "arguments": {}}');
  }
  return { command, arguments: given };
}

export function failureAnswer(error: unknown): ControlAnswer {
  if (error instanceof AppError) {
    const { code, message, hint } = error;
    return { isOk: false, code, message, ...(hint === undefined ? {} : { hint }) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { isOk: false, code: 'CONTROL_FAILED', message };
}
