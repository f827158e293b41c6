import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  DaemonProcess,
  pointedAt,
  startMarket,
  stateFolder,
} from '../daemon/testing/daemon-rig.ts';
import type { FakeBinanceServer } from '../exchanges/fake-binance/server.ts';

const KEYS = { QCM_BINANCE_KEY: 'test-key', QCM_BINANCE_SECRET: 'test-secret' };
const LIVE = ['--mode', 'live', '--i-understand', '--fake-venue'];

let server: FakeBinanceServer;

beforeAll(async () => {
  server = await startMarket({ seed: 1, days: 3, historyMinutes: 3_600 });
});

afterAll(() => server.stop());

async function qcm(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = new DaemonProcess(args, pointedAt(server));
  const { code } = await child.exit();
  return { code, output: child.output };
}

test('a paper daemon is asked, paused, backed up, looked over and resumed while it runs', async () => {
  const state = stateFolder();
  const at = ['--state', state];
  const daemon = new DaemonProcess(['run', ...at], pointedAt(server));
  await daemon.says('READY');

  const status = await qcm('status', ...at);
  expect(status.output).toContain('entries   allowed');
  for (const line of ['day  ', 'peak  ', 'ramp  ', 'latency  ', 'calendar  ', 'dry run  ']) {
    expect(status.output).toContain(line);
  }
  expect((await qcm('pause', '--reason', 'test', ...at)).output).toContain('OFF: operator');
  const daily = await qcm('routine', 'daily', ...at);
  expect([daily.code, daily.output]).toEqual([1, expect.stringContaining('off: operator')]);
  expect((await qcm('resume', ...at)).output).toContain('entries   allowed');

  const out = join(state, 'copy.db');
  expect((await qcm('backup', '--out', out, ...at)).code).toBe(0);
  const refused = await qcm('restore', out, ...at);
  expect(refused.output).toContain('STORE_LOCKED');
  expect((await qcm('replay', out)).output).toContain('the same decisions');

  expect(await daemon.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const gone = await qcm('status', ...at);
  expect([gone.code, gone.output]).toEqual([1, expect.stringContaining('CONTROL_NO_DAEMON')]);
  const tail = await qcm('journal', 'tail', '-n', '5000', ...at);
  expect(tail.output).toMatch(/operator +command.received command=pause reason=by qcm: test/);
  expect((await qcm('replay', state)).output).toContain('the same decisions');
}, 90_000);

test('an operator stop outlives a restart', async () => {
  const state = stateFolder();
  const first = new DaemonProcess(['run', '--state', state], pointedAt(server));
  await first.says('READY');
  await qcm('pause', '--state', state);
  await first.end('SIGTERM');
  const second = new DaemonProcess(['run', '--state', state], pointedAt(server));
  await second.says(/READY|entries are off/);
  expect((await qcm('status', '--state', state)).output).toContain('OFF: operator');
  await second.end('SIGTERM');
}, 60_000);

test('a live start in hedge mode is refused by the preflight; nothing is changed or traded', async () => {
  const { venue, log } = server.gateway;
  venue.account.hedgeMode = true;
  const from = log.length;
  const args = ['run', '--state', stateFolder(), ...LIVE];
  const daemon = new DaemonProcess(args, { ...pointedAt(server), ...KEYS });
  const { code } = await daemon.exit();
  venue.account.hedgeMode = false;
  expect(code, daemon.output).toBe(1);
  expect(daemon.output).toMatch(
    /error EXCHANGE_PREFLIGHT: preflight is red: position mode: hedge mode\nhint: /,
  );
  const changes = log.slice(from).filter(({ route }) => /^POST .*(rder|dual|margin)/.test(route));
  expect(changes).toEqual([]);
}, 30_000);
