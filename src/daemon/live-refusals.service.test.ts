import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeBinanceServer } from '../exchanges/fake-binance/server.ts';
import { DaemonProcess, pointedAt, startStill, stateFolder } from './testing/daemon-rig.ts';

const KEYS = { QCM_BINANCE_KEY: 'test-key', QCM_BINANCE_SECRET: 'test-secret' };
const LIVE = ['--mode', 'live', '--i-understand', '--fake-venue'];

let server: FakeBinanceServer;

beforeEach(async () => {
  server = await startStill();
});

afterEach(() => server.stop());

interface Case {
  args?: string[];
  env?: Record<string, string>;
  before?: () => void;
  code: number;
  error: string;
}

function openFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'qcm-keys-')), 'secrets');
  writeFileSync(path, 'QCM_BINANCE_KEY=test-key\n');
  chmodSync(path, 0o644);
  return path;
}

const CASES: Record<string, Case> = {
  'live without consent': { args: ['--mode', 'live'], code: 2, error: 'USAGE_LIVE' },
  'live mode with an address': {
    args: ['--mode', 'live', '--i-understand'],
    ...{ code: 4, error: 'CONFIG_VENUE' },
  },
  'demo mode with an address': { args: ['--mode', 'demo'], code: 4, error: 'CONFIG_VENUE' },
  'a real key at a fake exchange': {
    env: { ...KEYS, QCM_BINANCE_KEY: 'Vx81realkey' },
    ...{ code: 4, error: 'CONFIG_VENUE' },
  },
  'no keys': { env: {}, code: 1, error: 'EXCHANGE_KEYS' },
  'a secrets file that others can read': {
    env: { QCM_SECRETS_FILE: openFile() },
    ...{ code: 4, error: 'CONFIG_SECRETS' },
  },
  'a wrong secret': {
    env: { ...KEYS, QCM_BINANCE_SECRET: 'test-wrong' },
    ...{ code: 1, error: 'EXCHANGE_ACCESS' },
  },
  'a key that can withdraw': {
    before: () => void (server.gateway.venue.settings.canWithdraw = true),
    ...{ code: 1, error: 'EXCHANGE_PERMISSION' },
  },
  'a clock 3 s off': {
    before: () => void (server.state.clock.offsetMs = 3_000),
    ...{ code: 1, error: 'EXCHANGE_CLOCK' },
  },
  'a debugger': {
    env: { ...KEYS, NODE_OPTIONS: '--inspect=127.0.0.1:0' },
    ...{ code: 4, error: 'CONFIG_ENVIRONMENT' },
  },
  'a proxy': {
    env: { ...KEYS, https_proxy: 'http://127.0.0.1:9' },
    ...{ code: 4, error: 'CONFIG_ENVIRONMENT' },
  },
  'a fast clock': { args: [...LIVE, '--clock-scale', '60'], code: 2, error: 'USAGE_SCALE' },
};

test.each(Object.entries(CASES))(
  '%s: one clear error, nothing traded, no secret told',
  async (_, { args = LIVE, env = KEYS, before, code, error }) => {
    before?.();
    const all = ['run', '--state', stateFolder(), ...args];
    const refused = new DaemonProcess(all, { ...pointedAt(server), ...env });
    expect(await refused.exit(), refused.output).toEqual({ code, signal: null });
    expect(refused.output).toContain(`error ${error}: `);
    expect(refused.output).not.toContain('    at ');
    for (const secret of Object.values(env)) {
      if (!secret.startsWith('--') && secret.length > 3 && !secret.includes('/')) {
        expect(refused.output).not.toContain(secret);
      }
    }
    const orders = server.gateway.log.filter(({ route }) => /POST .*rder/.test(route));
    expect(orders).toEqual([]);
  },
  20_000,
);
