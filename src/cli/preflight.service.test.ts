import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeBinanceServer } from '../exchanges/fake-binance/server.ts';
import type { PreflightReport } from '../operator/preflight-check.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';

let server: FakeBinanceServer;
const folder = stateFolder();
const LIVE = ['--mode', 'live', '--fake-venue', '--skip-dry-run'];
const secrets = join(folder, 'secrets.env');

beforeAll(async () => {
  const keys = { apiKey: 'test-key', secret: 'test-secret' };
  server = await FakeBinanceServer.start({ port: 0, balance: 10_000, ...keys });
  writeFileSync(secrets, 'QCM_BINANCE_KEY=test-key\nQCM_BINANCE_SECRET="test-secret"\n');
  chmodSync(secrets, 0o600);
});

afterAll(() => server.stop());

function preflight(...args: string[]): Promise<{ status: number | null; report: PreflightReport }> {
  const { PATH, HOME } = process.env;
  const env = {
    PATH,
    HOME,
    QCM_SECRETS_FILE: secrets,
    QCM_BINANCE_REST: `http://127.0.0.1:${server.port}`,
    QCM_BINANCE_WS: `ws://127.0.0.1:${server.port}`,
  };
  const state = join(folder, 'state');
  const flags = ['preflight', '--json', '--state', state, ...args];
  const child = spawn(process.execPath, ['bin/qcm.mjs', ...flags], { env });
  let out = '';
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.pipe(process.stderr);
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, report: JSON.parse(out) })),
  );
}

function reds({ checks }: PreflightReport): string[] {
  return checks.flatMap(({ verdict, name }) => (verdict === 'red' ? [name] : []));
}

test('a sound account on the fake passes live mode by the real adapter', async () => {
  const { status, report } = await preflight(...LIVE);
  expect(reds(report)).toEqual([]);
  expect(status).toBe(0);
});

test('each fault of the account, the clock and the file is one red line and exit code 1', async () => {
  const { venue } = server.gateway;
  venue.account.hedgeMode = true;
  venue.settings.canWithdraw = true;
  chmodSync(secrets, 0o644);
  const readable = await preflight(...LIVE);
  expect([readable.status, reds(readable.report)]).toEqual([1, ['secrets', 'keys']]);
  chmodSync(secrets, 0o600);
  const { status, report } = await preflight(...LIVE);
  expect([status, reds(report)]).toEqual([1, ['key rights', 'position mode']]);
  venue.account.hedgeMode = false;
  venue.settings.canWithdraw = false;
});

test('a clock that is 3 s off is found although the adapter corrects for it', async () => {
  server.state.clock.offsetMs = 3_000;
  const { status, report } = await preflight(...LIVE);
  expect([status, reds(report)]).toEqual([1, ['clock']]);
});

test('paper mode asks for no key', async () => {
  const { report } = await preflight('--mode', 'paper', '--set', 'mode=paper');
  expect(reds(report)).toEqual(['clock']);
});
