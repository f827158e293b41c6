import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../engine/error.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { askDaemon } from './control-client.ts';
import { REQUEST_LENGTH_MAX } from './control-protocol.ts';
import { ControlServer } from './control-server.ts';

const running: ControlServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function serve(folder: string, handler = (request: unknown): unknown => request) {
  const server = await ControlServer.listen(folder, handler);
  running.push(server);
  return server;
}

test('a request comes back as the handler answers it', async () => {
  const folder = stateFolder();
  await serve(folder);
  const request = { command: 'status', arguments: { a: 1 } };
  expect(await askDaemon(folder, request)).toEqual(request);
});

test('what the handler refuses reaches the client with code and hint', async () => {
  const folder = stateFolder();
  await serve(folder, () => {
    throw new AppError('CONTROL_CODE', 'no', 'try again');
  });
  await expect(askDaemon(folder, { command: 'x', arguments: {} })).rejects.toMatchObject({
    code: 'CONTROL_CODE',
    message: 'no',
    hint: 'try again',
  });
});

test('folder and socket are open to their owner only, also when they were not', async () => {
  const folder = stateFolder();
  mkdirSync(join(folder, 'control'), { mode: 0o755 });
  chmodSync(join(folder, 'control'), 0o755);
  const { path } = await serve(folder);
  expect(statSync(join(folder, 'control')).mode & 0o777).toBe(0o700);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a link in place of the folder is refused', async () => {
  const folder = stateFolder();
  symlinkSync(stateFolder(), join(folder, 'control'));
  await expect(ControlServer.listen(folder, () => 0)).rejects.toMatchObject({
    code: 'CONTROL_FOLDER',
  });
});

test.runIf(process.getuid?.() === 0)('another user is kept out', async () => {
  const folder = stateFolder();
  chmodSync(folder, 0o755);
  const { path } = await serve(folder);
  const script = `require('net').connect(${JSON.stringify(path)})
    .on('connect', () => console.log('in')).on('error', (e) => console.log(e.code))`;
  const options = { uid: 65_534, gid: 65_534, encoding: 'utf8', cwd: '/' } as const;
  const found = spawnSync(process.execPath, ['-e', script], options);
  // Where the other user cannot even run Node, nothing is shown.
  if (found.error === undefined && found.stdout !== '') expect(found.stdout.trim()).toBe('EACCES');
  else console.warn('SKIPPED: no other user can run Node here');
});

test('the socket of a process that died is replaced', async () => {
  const folder = stateFolder();
  mkdirSync(join(folder, 'control'), { mode: 0o700 });
  const path = join(folder, 'control', 'qcm.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(path)},
    () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(statSync(path).isSocket()).toBe(true);
  await expect(askDaemon(folder, { command: 'a', arguments: {} })).rejects.toMatchObject({
    code: 'CONTROL_NO_DAEMON',
  });
  await serve(folder, () => 'new');
  expect(await askDaemon(folder, { command: 'a', arguments: {} })).toBe('new');
});

test('a second daemon does not take the socket of the first', async () => {
  const folder = stateFolder();
  await serve(folder, () => 'first');
  await expect(ControlServer.listen(folder, () => 'second')).rejects.toMatchObject({
    code: 'CONTROL_IN_USE',
  });
  expect(await askDaemon(folder, { command: 'a', arguments: {} })).toBe('first');
});

test('rubbish gets an answer and hurts nobody', async () => {
  const folder = stateFolder();
  const { path } = await serve(folder);
  const socket = connect(path).setEncoding('utf8');
  socket.write('not json\n[]\n{"command":"a","arguments":7}\n');
  let text = '';
  while (text.split('\n').length < 4) text += (await once(socket, 'data'))[0];
  const codes = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).code);
  expect(codes).toEqual(['CONTROL_REQUEST', 'CONTROL_REQUEST', 'CONTROL_REQUEST']);
  socket.write('x'.repeat(REQUEST_LENGTH_MAX + 1));
  await once(socket, 'close');
  expect(await askDaemon(folder, { command: 'b', arguments: {} })).toMatchObject({ command: 'b' });
});

test('a daemon that says nothing is told of, in time', async () => {
  const folder = stateFolder();
  await serve(folder, () => new Promise(() => {}));
  const asked = askDaemon(folder, { command: 'a', arguments: {} }, { timeoutMs: 50 });
  await expect(asked).rejects.toMatchObject({ code: 'CONTROL_SILENT' });
});

test('a state folder whose socket path is too long is refused with a reason', async () => {
  const folder = join(stateFolder(), 'x'.repeat(100));
  await expect(ControlServer.listen(folder, () => 0)).rejects.toThrow(/too long for a socket/);
});
