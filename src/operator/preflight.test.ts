import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCalendar } from '../../data/calendar/calendar.ts';
import { environmentTraps } from '../daemon/environment-traps.ts';
import { Gateway } from '../exchanges/fake-binance/gateway.ts';
import { lockState } from '../store/state-lock.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { type PreflightOptions, preflight } from './preflight.ts';
import { preflightText } from './preflight-check.ts';
import { GatewayRest } from './testing/gateway-rest.ts';

const START_MS = Date.UTC(2026, 10, 20, 12);
const KEYS = { apiKey: 'test-key', secret: 'test-secret' };
const RIGHTS = {
  ipRestrict: true,
  enableReading: true,
  enableWithdrawals: false,
  enableInternalTransfer: false,
  permitsUniversalTransfer: false,
  enableFutures: true,
};
const calendar = readCalendar(
  join(import.meta.dirname, '..', '..', 'data', 'calendar', 'us-macro.csv'),
);

function venue() {
  const gateway = new Gateway({ ...KEYS, balance: 10_000, startTime: START_MS });
  return { gateway, rest: new GatewayRest(gateway, KEYS) };
}

/** Everything right, in live mode, unless a test says otherwise. */
function check(changes: Partial<PreflightOptions> = {}) {
  return preflight({
    mode: 'live',
    stateFolder: stateFolder(),
    env: { QCM_BINANCE_KEY: 'x' },
    execArgv: [],
    nodeVersion: '26.1.0',
    calendar,
    nowMs: () => START_MS,
    symbols: ['BTCUSDT', 'ETHUSDT'],
    leverageMax: 20,
    rest: venue().rest,
    hasKeys: true,
    ...changes,
  });
}

async function reds(changes: Partial<PreflightOptions>): Promise<string[]> {
  const { checks } = await check(changes);
  return checks.flatMap(({ name, verdict, found }) =>
    verdict === 'red' ? [`${name}: ${found}`] : [],
  );
}

/** The next answer of a route is this one. */
function answering(match: string, body: unknown, status = 200) {
  const { gateway, rest } = venue();
  const text = JSON.stringify(body);
  gateway.faults.requests.push({ match, kind: 'answer', executed: false, status, body: text });
  return rest;
}

describe('a sound account', () => {
  test('passes in live mode and every line says what was found', async () => {
    const report = await check();
    expect(await reds({})).toEqual([]);
    expect(report.isPassed).toBe(true);
    const names = report.checks.map(({ name }) => name);
    for (const name of ['clock', 'latency', 'key rights', 'key address', 'position mode']) {
      expect(names).toContain(name);
    }
    for (const name of ['asset mode', 'filters BTCUSDT', 'brackets ETHUSDT', 'funding BTCUSDT']) {
      expect(names).toContain(name);
    }
    for (const name of ['disk space', 'disk speed', 'calendar', 'other instance', 'secrets']) {
      expect(names).toContain(name);
    }
    expect(preflightText(report)).toContain('preflight for live mode passed');
  });

  test('nothing at the venue is changed', async () => {
    const { gateway, rest } = venue();
    await check({ rest });
    expect(gateway.log.filter(({ route }) => !route.startsWith('GET '))).toEqual([]);
  });

  test('paper asks for no account and needs no keys', async () => {
    const { gateway, rest } = venue();
    const report = await check({ mode: 'paper', hasKeys: false, env: {}, rest });
    expect(report.isPassed).toBe(true);
    const asked = gateway.log.map(({ route }) => route);
    expect(asked.some((route) => /accountConfig|sapi|balance/.test(route))).toBe(false);
  });
});

describe('an account that must not be traded', () => {
  test('hedge mode', async () => {
    const { gateway, rest } = venue();
    gateway.venue.account.hedgeMode = true;
    expect(await reds({ rest })).toEqual(['position mode: hedge mode']);
  });

  test('multi-assets mode', async () => {
    const { gateway, rest } = venue();
    gateway.venue.account.multiAssets = true;
    expect(await reds({ rest })).toEqual(['asset mode: multi-assets']);
  });

  test('a key without futures permission', async () => {
    const rest = answering('apiRestrictions', { ...RIGHTS, enableFutures: false });
    expect(await reds({ rest })).toEqual(['key rights: the key may not trade futures']);
  });

  test('a key that the futures server refuses', async () => {
    const refused = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
    const rest = answering('accountConfig', refused, 401);
    expect(await reds({ rest })).toEqual([
      'futures account: key, address or futures permission refused (code -2015)',
    ]);
  });

  test('a key that can withdraw, in demo too', async () => {
    for (const mode of ['live', 'demo'] as const) {
      const { gateway, rest } = venue();
      gateway.venue.settings.canWithdraw = true;
      expect(await reds({ mode, rest })).toEqual(['key rights: the key can withdraw']);
    }
  });

  test('a key that can send money to others or between accounts', async () => {
    const rights = { ...RIGHTS, enableInternalTransfer: true, permitsUniversalTransfer: true };
    expect(await reds({ rest: answering('apiRestrictions', rights) })).toEqual([
      'key rights: the key can transfer to other users',
      'key rights: the key can transfer between accounts',
    ]);
  });

  test('a key that works from any address is red in live and a note in demo', async () => {
    const free = { ...RIGHTS, ipRestrict: false };
    const rest = answering('apiRestrictions', free);
    expect(await reds({ rest })).toEqual(['key address: works from any address']);
    const demo = await check({ mode: 'demo', rest: answering('apiRestrictions', free) });
    expect(demo.isPassed).toBe(true);
  });

  test('rights that cannot be read are red in live and a note in demo', async () => {
    const { gateway, rest } = venue();
    gateway.venue.settings.sapiForbidden = true;
    expect(await reds({ rest })).toEqual([expect.stringMatching(/^key rights: cannot be read/)]);
    expect((await check({ mode: 'demo', rest })).isPassed).toBe(true);
  });

  test('no money, trading switched off', async () => {
    const empty = answering('v3/balance', [{ asset: 'USDT', availableBalance: '0' }]);
    expect(await reds({ rest: empty })).toEqual(['balance: 0.00 USDT free']);
    const off = { canTrade: false, dualSidePosition: false, multiAssetsMargin: false };
    expect(await reds({ rest: answering('accountConfig', off) })).toEqual([
      'futures account: trading is switched off',
    ]);
  });

  test('a leverage that the symbol does not have', async () => {
    expect((await reds({ leverageMax: 400 })).length).toBe(2);
  });
});

describe('a venue', () => {
  test('whose clock differs by 3 s either way is red', async () => {
    for (const [shift, side] of [
      [3_000, 'ahead of'],
      [-3_000, 'behind'],
    ] as const) {
      const found = await reds({ nowMs: () => START_MS + shift });
      expect(found).toEqual([`clock: this clock is 3000 ms ${side} the venue's`]);
    }
  });

  test('a quarter of a second is a note', async () => {
    const { checks } = await check({ nowMs: () => START_MS + 400 });
    expect(checks.find(({ name }) => name === 'clock')).toMatchObject({ verdict: 'note' });
  });

  test('that gives no answer is one red line, not twenty', async () => {
    const rest = answering('fapi/v1/time', { code: -1003, msg: 'banned' }, 418);
    expect(await reds({ rest })).toEqual(['venue: cannot be read: HTTP 418, code -1003, banned']);
  });

  test('that does not list or does not trade a symbol', async () => {
    const { gateway, rest } = venue();
    gateway.venue.market('ETHUSDT').instrument.status = 'SETTLING';
    expect(await reds({ rest })).toEqual(['filters ETHUSDT: status SETTLING: not trading']);
    expect(await reds({ mode: 'paper', symbols: ['DOGEUSDT'] })).toContain(
      'filters DOGEUSDT: not listed',
    );
  });
});

describe('a machine', () => {
  test('with a secrets file that others can read', async () => {
    const path = join(stateFolder(), 'secrets.env');
    writeFileSync(path, 'QCM_BINANCE_KEY=x\n');
    chmodSync(path, 0o640);
    const env = { QCM_SECRETS_FILE: path };
    expect(await reds({ env })).toEqual([`secrets: ${path} has mode 640: others can read it`]);
    chmodSync(path, 0o600);
    expect(await reds({ env })).toEqual([]);
    expect(await reds({ env: { QCM_SECRETS_FILE: `${path}x` } })).toEqual([
      `secrets: ${path}x does not exist`,
    ]);
  });

  test('where another instance holds the folder', async () => {
    const folder = stateFolder();
    const lock = lockState(folder);
    expect(await reds({ stateFolder: folder })).toEqual([
      `other instance: another process is using the state folder ${folder}`,
    ]);
    expect(await reds({ stateFolder: folder, isLockHeld: true })).toEqual([]);
    lock.release();
  });

  test('without a place to write', async () => {
    const file = join(stateFolder(), 'file');
    writeFileSync(file, '');
    expect(await reds({ stateFolder: join(file, 'state') })).toEqual([
      expect.stringMatching(/^state folder: ENOTDIR/),
    ]);
  });

  test('with an old Node or an old calendar', async () => {
    expect(await reds({ nodeVersion: '22.17.9' })).toEqual(['Node: 22.17.9']);
    const later = Date.UTC(2028, 0, 1);
    const found = await reds({ mode: 'live', nowMs: () => later });
    expect(found).toContainEqual(expect.stringMatching(/^calendar: the economic calendar ends/));
    expect(await reds({ calendar: undefined })).toEqual([
      'calendar: no economic calendar: releases are not avoided',
    ]);
  });

  test('without keys', async () => {
    expect(await reds({ hasKeys: false })).toEqual(['keys: no API key and secret']);
  });
});

describe('environment traps', () => {
  const names = (env: Record<string, string>, allowed: string[] = []) =>
    environmentTraps({ env, execArgv: [], allowed }).map(({ name }) => name);

  test('are found by name and not by value', () => {
    expect(names({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual(['NODE_TLS_REJECT_UNAUTHORIZED']);
    expect(names({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual([]);
    for (const flag of ['--inspect=0.0.0.0', '--require ./x.js', '-r ./x.js', '--import=x']) {
      expect(names({ NODE_OPTIONS: `--max-old-space-size=200 ${flag}` })).toEqual(['NODE_OPTIONS']);
    }
    expect(names({ NODE_OPTIONS: '--max-old-space-size=200' })).toEqual([]);
    expect(names({ https_proxy: 'http://user:password@proxy' })).toEqual(['https_proxy']);
    const [trap] = environmentTraps({ env: { https_proxy: 'http://a:secret@b' }, execArgv: [] });
    expect(JSON.stringify(trap)).not.toContain('secret');
  });

  test('are accepted one by one', () => {
    const env = { HTTPS_PROXY: 'x', LD_PRELOAD: 'y' };
    expect(names(env, ['HTTPS_PROXY'])).toEqual(['LD_PRELOAD']);
  });

  test('a debugger on the command line is one', () => {
    const [trap] = environmentTraps({ env: {}, execArgv: ['--inspect-brk=9229'] });
    expect(trap.name).toBe('command line');
  });

  test('stop live mode and are a note elsewhere', async () => {
    const env = { QCM_BINANCE_KEY: 'x', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    expect((await reds({ env })).length).toBe(1);
    expect((await check({ mode: 'demo', env })).isPassed).toBe(true);
  });
});
