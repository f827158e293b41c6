import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../engine/error.ts';
import {
  CONTROL_FILE,
  CONTROL_FOLDER,
  type ControlAnswer,
  type ControlRequest,
} from './control-protocol.ts';

const ANSWER_MS = 30_000;

/**
 * Asks the daemon of a state folder.
 * @throws AppError CONTROL_NO_DAEMON, CONTROL_DENIED, CONTROL_SILENT; whatever the daemon refused
 */
export async function askDaemon(
  stateFolder: string,
  request: ControlRequest,
  options: { timeoutMs?: number } = {},
): Promise<unknown> {
  const path = join(stateFolder, CONTROL_FOLDER, CONTROL_FILE);
  const socket = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw noDaemon(stateFolder, error);
  });
  try {
    const line = await exchange(socket, request, options.timeoutMs ?? ANSWER_MS);
    const answer = JSON.parse(line) as ControlAnswer;
    if (answer.isOk) return answer.result;
    throw new AppError(answer.code, answer.message, answer.hint);
  } finally {
    socket.destroy();
  }
}

/** Whether a process listens there; a file alone may be left of a dead one. */
export async function isAnswering(path: string): Promise<boolean> {
  try {
    (await open(path)).destroy();
    return true;
  } catch {
    return false;
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function exchange(socket: Socket, request: ControlRequest, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const silent = (why: string) => new AppError('CONTROL_SILENT', `the daemon ${why}`, SILENT);
    socket.setTimeout(timeoutMs, () => reject(silent(`gave no answer in ${timeoutMs} ms`)));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    socket.on('error', (error) => reject(silent(`broke the connection: ${error.message}`)));
    socket.on('close', () => reject(silent('closed the connection')));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

const SILENT = 'qcm journal tail shows what it did last';

function noDaemon(stateFolder: string, error: NodeJS.ErrnoException): AppError {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    const text = `the daemon of ${stateFolder} belongs to another user`;
    return new AppError('CONTROL_DENIED', text, 'run this as the user of the daemon');
  }
  const text = `no daemon runs on the state folder ${stateFolder}`;
  const hint = 'start one with qcm run, or name its folder with --state';
  return new AppError('CONTROL_NO_DAEMON', text, hint);
}
