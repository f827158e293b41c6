import { describe, expect, test } from 'vitest';
import { refuseUnsafeEnvironment } from './environment-traps.ts';
import { venueKeys } from './venue-keys.ts';

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
  return 'nothing';
}

describe('keys', () => {
  test('are both there, or it is said which one is missing, without any value', () => {
    expect(venueKeys({ binanceKey: 'k', binanceSecret: 's' })).toEqual({
      apiKey: 'k',
      secret: 's',
    });
    const none = { binanceKey: undefined, binanceSecret: undefined };
    expect(refusal(() => venueKeys(none))).toBe('EXCHANGE_KEYS: QCM_BINANCE_KEY is not set');
    const half = { ...none, binanceKey: 'topsecret' };
    expect(refusal(() => venueKeys(half))).toBe('EXCHANGE_KEYS: QCM_BINANCE_SECRET is not set');
  });
});

describe('the environment of a process with keys', () => {
  const check = (
    env: Record<string, string>,
    rest: { execArgv?: string[]; allowed?: string[] } = {},
  ) => refusal(() => refuseUnsafeEnvironment({ env, execArgv: [], allowed: [], ...rest }));

  test.each([
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
    [{ NODE_OPTIONS: '--inspect=0.0.0.0:9229' }, 'NODE_OPTIONS'],
    [{ NODE_OPTIONS: '--max-old-space-size=200 --inspect-brk' }, 'NODE_OPTIONS'],
    [{ NODE_OPTIONS: '--require ./spy.cjs' }, 'NODE_OPTIONS'],
    [{ NODE_OPTIONS: '-r ./spy.cjs' }, 'NODE_OPTIONS'],
    [{ NODE_OPTIONS: '--import=./spy.mjs' }, 'NODE_OPTIONS'],
    [{ HTTPS_PROXY: 'http://someone:3128' }, 'HTTPS_PROXY'],
    [{ all_proxy: 'socks://someone' }, 'all_proxy'],
    [{ NODE_USE_ENV_PROXY: '1' }, 'NODE_USE_ENV_PROXY'],
  ])('%j is refused', (env, name) => {
    expect(check(env as unknown as Record<string, string>)).toMatch(/^CONFIG_ENVIRONMENT: /);
    expect(check(env as unknown as Record<string, string>)).toContain(name);
  });

  test('options of node on its command line count as well', () => {
    expect(check({}, { execArgv: ['--import', './spy.mjs'] })).toContain('command line');
  });

  test('a proxy may be allowed by name; harmless options are', () => {
    const env = { HTTPS_PROXY: 'http://mine:3128', NODE_OPTIONS: '--max-old-space-size=300' };
    expect(check(env, { allowed: ['HTTPS_PROXY'] })).toBe('nothing');
    const open = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    expect(check(open, { allowed: Object.keys(open) })).toContain('NODE_TLS_REJECT_UNAUTHORIZED');
    expect(check({ HTTPS_PROXY: '', NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toBe('nothing');
  });
});
