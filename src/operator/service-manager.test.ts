import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Envelope } from '../engine/event.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { ServiceManager } from './service-manager.ts';

const READY: Envelope = {
  seq: 1,
  atMs: 0,
  source: 'session',
  event: { kind: 'session.reconciled' },
};

function manager(env: Record<string, string>, failure?: string) {
  const sent: string[][] = [];
  const failures: string[] = [];
  const service = new ServiceManager({
    env,
    pid: 7,
    status: () => 'fine',
    onFailure: (why) => failures.push(why),
    notify: (fields, done) => {
      sent.push([...fields]);
      done(failure);
    },
  });
  return { service, sent, failures };
}

test('ready once, signs of life in time, stopping at the end', async () => {
  const { service, sent } = manager({ NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '60000' });
  service.start();
  service.onHandled(READY);
  service.onHandled(READY);
  await sleep(130);
  service.stop();
  const count = sent.length;
  await sleep(50);
  expect(sent.length).toBe(count);
  expect(sent.filter(([first]) => first === 'READY=1')).toEqual([['READY=1', 'STATUS=fine']]);
  const signs = sent.filter(([first]) => first === 'WATCHDOG=1').length;
  expect(signs).toBeGreaterThanOrEqual(4);
  expect(sent.at(-1)).toEqual(['STOPPING=1']);
});

test('without systemd nothing is sent; a watchdog of another process is not fed', () => {
  const none = manager({});
  none.service.start();
  none.service.onHandled(READY);
  none.service.stop();
  expect(none.sent).toEqual([]);
  const other = manager({ NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '60000', WATCHDOG_PID: '8' });
  other.service.start();
  expect(other.sent).toEqual([]);
});

test('a failure is told once and hurts nobody', () => {
  const { service, failures } = manager({ NOTIFY_SOCKET: '/x' }, 'no such program');
  service.onHandled(READY);
  service.stop();
  expect(failures).toEqual(['no such program']);
});

/** Python has the datagram sockets that Node has not. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace('\\n', '|'), flush=True)
`;

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

const missing = ['systemd-notify', 'python3'].filter((program) => !isInstalled(program));
if (missing.length > 0) console.warn(`SKIPPED notify socket: ${missing.join(', ')} not installed`);

test.skipIf(missing.length > 0)('a listener at NOTIFY_SOCKET hears it', async () => {
  const path = join(stateFolder(), 'notify');
  const listener = spawn('python3', ['-c', LISTENER, path]);
  let heard = '';
  listener.stdout.on('data', (part) => {
    heard += part;
  });
  const until = async (text: string) => {
    for (let i = 0; i < 400 && !heard.includes(text); i++) await sleep(20);
    expect(heard).toContain(text);
  };
  await until('bound');
  expect(existsSync(path)).toBe(true);
  const failures: string[] = [];
  const service = new ServiceManager({
    env: { NOTIFY_SOCKET: path, PATH: process.env.PATH, WATCHDOG_USEC: '3000000' },
    pid: process.pid,
    status: () => 'entries allowed',
    onFailure: (why) => failures.push(why),
  });
  service.start();
  service.onHandled(READY);
  await until('WATCHDOG=1');
  await until('READY=1');
  await until('STATUS=entries allowed');
  service.stop();
  await until('STOPPING=1');
  expect(failures).toEqual([]);
  listener.kill();
});
