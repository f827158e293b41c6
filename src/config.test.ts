import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASE_DEFAULTS, loadConfig, loadEnvironment } from './config.ts';
import { AppError } from './engine/error.ts';
import { TRADE_PRESETS } from './trade-presets.ts';

function file(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'qcm-config-')), 'qcm.config.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function refusal(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('configuration', () => {
  it('defaults to paper', () => {
    const { config } = loadConfig({ path: file({}), env: {} });
    expect(config).toEqual({ ...BASE_DEFAULTS, ...TRADE_PRESETS.sequence });
    expect(config.mode).toBe('paper');
  });

  it('lets each source win over those before it, and says which did', () => {
    const path = file({ preset: 'overview', risk: { perTradePercent: 0.4 }, mode: 'demo' });
    const { config, origins } = loadConfig({
      path,
      env: { QCM_MODE: 'live' },
      sets: ['entry.mode=taker', 'exit.timeoutMinutes=20'],
    });
    expect(config.stop.kShallow).toBe(0.75);
    expect(config.risk.perTradePercent).toBe(0.4);
    expect(config.mode).toBe('live');
    expect(config.entry.mode).toBe('taker');
    expect(config.exit.timeoutMinutes).toBe(20);
    expect(origins).toEqual({
      preset: path,
      'risk.perTradePercent': path,
      mode: 'QCM_MODE',
      'entry.mode': '--set',
      'exit.timeoutMinutes': '--set',
    });
  });

  it('takes an empty group for nothing said', () => {
    const empty = loadConfig({ path: file({ risk: {} }), env: {} });
    expect(empty.config).toEqual(loadConfig({ path: file({}), env: {} }).config);
  });

  it('is frozen to the last leaf', () => {
    const { config } = loadConfig({ path: file({}), env: {} });
    expect(() => Object.assign(config.targets[0], { atR: 9 })).toThrow(TypeError);
  });

  it.each([
    [{ risk: { perTradePrecent: 1 } }, 'risk.perTradePercent'],
    [{ perTradePercent: 1 }, 'risk.perTradePercent'],
    [{ hegde: { mode: 'off' } }, 'hedge'],
    [{ riks: {} }, 'risk'],
    [{ simulation: { sead: 1 } }, 'simulation.seed'],
  ])('refuses the unknown key of %j with "did you mean"', (content, near) => {
    const error = refusal(() => loadConfig({ path: file(content), env: {} }));
    expect(error.code).toBe('CONFIG_UNKNOWN_KEY');
    expect(error.hint).toContain(near);
  });

  it.each([
    ['entry.mode=fast', 'entry.mode', 'CONFIG_VALUE'],
    ['risk.perTradePercent=50', 'risk.perTradePercent', 'CONFIG_VALUE'],
    ['account.equity=-1', 'account.equity', 'CONFIG_VALUE'],
    ['simulation.days=1.5', 'simulation.days', 'CONFIG_VALUE'],
    ['market.symbol=btc', 'btc', 'CONFIG_VALUE'],
    ['mode=fast', 'mode', 'CONFIG_VALUE'],
    ['account.equity="1"', 'account.equity', 'CONFIG_TYPE'],
  ])('refuses --set %s', (set, text, code) => {
    const error = refusal(() => loadConfig({ path: file({}), env: {}, sets: [set] }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it('refuses broken JSON, a missing file and an unknown preset', () => {
    const code = (act: () => unknown) => refusal(act).code;
    expect(code(() => loadConfig({ path: file('{'), env: {} }))).toBe('CONFIG_JSON');
    expect(code(() => loadConfig({ path: file('[]'), env: {} }))).toBe('CONFIG_JSON');
    expect(code(() => loadConfig({ path: 'nowhere.json', env: {} }))).toBe('CONFIG_NO_FILE');
    const error = refusal(() => loadConfig({ preset: 'sequense', env: {} }));
    expect([error.code, error.hint]).toEqual(['CONFIG_UNKNOWN_PRESET', 'did you mean sequence?']);
  });

  it('hashes the effective values', () => {
    const path = file({});
    const hash = (sets: string[]) => loadConfig({ path, env: {}, sets }).hash;
    expect(hash([])).toBe(hash(['entry.mode=touch']));
    expect(hash([])).not.toBe(hash(['entry.mode=taker']));
  });

  it('counts empty variables of the environment as not set', () => {
    const env = loadEnvironment({ QCM_BINANCE_KEY: '', REDIS_URL: 'redis://x' });
    expect(env.binanceKey).toBeUndefined();
    expect(env.redisUrl).toBe('redis://x');
  });
});
