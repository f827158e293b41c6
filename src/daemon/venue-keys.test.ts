import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refuseUnsafeEnvironment } from './environment-guard.ts';
import { readVenueKeys } from './venue-keys.ts';

const NOTHING = { binanceKey: undefined, binanceSecret: undefined, secretsFile: undefined };

function secretsFile(text: string, mode = 0o600): string {
  const path = join(mkdtempSync(join(tmpdir(), 'qcm-keys-')), 'secrets');
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
  return 'nothing';
}

describe('keys', () => {
  const text = '# mine\nexport QCM_BINANCE_KEY="abc"\n\nQCM_BINANCE_SECRET = s=e\n';

  test('come from the environment, or from a file that only its owner can read', () => {
    const fromEnvironment = readVenueKeys({ ...NOTHING, binanceKey: 'k', binanceSecret: 's' });
    expect(fromEnvironment).toEqual({ apiKey: 'k', secret: 's' });
    const fromFile = readVenueKeys({ ...NOTHING, secretsFile: secretsFile(text) });
    expect(fromFile).toEqual({ apiKey: 'abc', secret: 's=e' });
  });

  test.each([0o640, 0o604, 0o660, 0o777])('a file of mode %o is refused', (mode) => {
    const path = secretsFile(text, mode);
    const said = refusal(() => readVenueKeys({ ...NOTHING, secretsFile: path }));
    expect(said).toContain(`CONFIG_SECRETS: ${path} has mode ${mode.toString(8)}`);
  });

  test('what is missing or unreadable is said without any value', () => {
    expect(refusal(() => readVenueKeys(NOTHING))).toMatch(/^EXCHANGE_KEYS: QCM_BINANCE_KEY/);
    const half = { ...NOTHING, binanceKey: 'topsecret' };
    expect(refusal(() => readVenueKeys(half))).toBe('EXCHANGE_KEYS: QCM_BINANCE_SECRET is not set');
    const noFile = refusal(() => readVenueKeys({ ...NOTHING, secretsFile: '/nowhere/at/all' }));
    expect(noFile).toBe('CONFIG_SECRETS: /nowhere/at/all cannot be read: ENOENT');
    const path = secretsFile('QCM_BINANCE_KEY=abc\ntopsecret\n');
    const odd = refusal(() => readVenueKeys({ ...NOTHING, secretsFile: path }));
    expect(odd).toBe(`CONFIG_SECRETS: ${path} line 2 is not NAME=value`);
  });
});

describe('the environment of a process with keys', () => {
  const check = (
    env: Record<string, string>,
    rest: { execArgv?: string[]; allowed?: string[] } = {},
  ) => refusal(() => refuseUnsafeEnvironment({ env, execArgv: [], allowed: [], ...rest }));

  test.each([
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
    [{ NODE_OPTIONS: '--inspect=0.0.0.0:9229' }, '--inspect'],
    [{ NODE_OPTIONS: '--max-old-space-size=200 --inspect-brk' }, '--inspect-brk'],
    [{ NODE_OPTIONS: '--require ./spy.cjs' }, '--require'],
    [{ NODE_OPTIONS: '-r ./spy.cjs' }, '-r'],
    [{ NODE_OPTIONS: '--import=./spy.mjs' }, '--import'],
    [{ HTTPS_PROXY: 'http://someone:3128' }, 'HTTPS_PROXY'],
    [{ all_proxy: 'socks://someone' }, 'all_proxy'],
    [{ NODE_USE_ENV_PROXY: '1' }, 'NODE_USE_ENV_PROXY'],
  ])('%j is refused', (env, name) => {
    expect(check(env as unknown as Record<string, string>)).toMatch(/^CONFIG_ENVIRONMENT: /);
    expect(check(env as unknown as Record<string, string>)).toContain(name);
  });

  test('options of node on its command line count as well', () => {
    expect(check({}, { execArgv: ['--import', './spy.mjs'] })).toContain('--import');
  });

  test('a proxy may be allowed by name; harmless options are', () => {
    const env = { HTTPS_PROXY: 'http://mine:3128', NODE_OPTIONS: '--max-old-space-size=300' };
    expect(check(env, { allowed: ['HTTPS_PROXY'] })).toBe('nothing');
    expect(check({ HTTPS_PROXY: '', NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toBe('nothing');
  });
});
