import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../engine/error.ts';
import { isAnswering } from './control-client.ts';
import {
  CONTROL_FILE,
  CONTROL_FOLDER,
  type ControlAnswer,
  type ControlHandler,
  failureAnswer,
  parseRequest,
  REQUEST_LENGTH_MAX,
  SOCKET_PATH_MAX,
} from './control-protocol.ts';

/** Somebody who connects and says nothing is no operator. */
const IDLE_MS = 60_000;
const CONNECTIONS_MAX = 8;

/**
 * A unix socket in a folder that only this user may enter: Node cannot ask who is at the other end,
 * so the file system answers it. One line of JSON in, one line back, in order.
 */
export class ControlServer {
  declare readonly path: string;
  declare private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(path: string, server: Server) {
    this.path = path;
    this.server = server;
  }

  /** @throws AppError CONTROL_FOLDER, CONTROL_IN_USE */
  static async listen(stateFolder: string, handler: ControlHandler): Promise<ControlServer> {
    const folder = join(stateFolder, CONTROL_FOLDER);
    privateFolder(folder);
    const path = join(folder, CONTROL_FILE);
    if (Buffer.byteLength(path) > SOCKET_PATH_MAX) {
      const text = `${path} is too long for a socket (${SOCKET_PATH_MAX} bytes at most)`;
      throw new AppError('CONTROL_FOLDER', text, 'choose a shorter --state folder');
    }
    if (await isAnswering(path)) {
      throw new AppError('CONTROL_IN_USE', `another process answers at ${path}`);
    }
    // Of a process that died: nobody listens any more.
    rmSync(path, { force: true });
    const server = createServer();
    server.maxConnections = CONNECTIONS_MAX;
    const control = new ControlServer(path, server);
    server.on('connection', (socket) => control.serve(socket, handler));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve);
    });
    chmodSync(path, 0o600);
    // The operator's door does not keep a process alive that has nothing else to do.
    server.unref();
    return control;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    // Closing removes the file.
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: Socket, handler: ControlHandler): void {
    this.sockets.add(socket);
    socket.setEncoding('utf8').setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    // A client that went away takes only its own answer with it.
    socket.on('error', () => socket.destroy());
    let text = '';
    let turn = Promise.resolve();
    socket.on('data', (part: string) => {
      text += part;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) turn = turn.then(() => answer(socket, line, handler));
      if (text.length > REQUEST_LENGTH_MAX) socket.destroy();
    });
  }
}

async function answer(socket: Socket, line: string, handler: ControlHandler): Promise<void> {
  let reply: ControlAnswer;
  try {
    reply = { isOk: true, result: (await handler(parseRequest(line))) ?? null };
  } catch (error) {
    reply = failureAnswer(error);
  }
  if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
}

function privateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== process.getuid())) {
    const text = `${folder} is not a folder of this user`;
    throw new AppError('CONTROL_FOLDER', text, 'remove it; the next start makes it anew');
  }
  if ((found.mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
}
