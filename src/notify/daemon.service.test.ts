import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  DaemonProcess,
  pointedAt,
  startMarket,
  stateFolder,
} from '../daemon/testing/daemon-rig.ts';
import { freePort, hasRedis, RedisProcess } from '../publish/testing/redis-process.ts';
import { FakeTelegram } from './testing/fake-telegram.ts';

const TOKEN = 'a metrics token of the tests';
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_500; i++) {
    if (await isDone()) return;
    await sleep(20);
  }
  expect('in time').toBe('too late');
}

async function world() {
  const market = await startMarket({ seed: 1, days: 3, historyMinutes: 3_000 });
  const fake = new FakeTelegram();
  const telegramApi = await fake.listen();
  const hooked: string[] = [];
  const hook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      hooked.push(Buffer.concat(chunks).toString());
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
  const metricsPort = await freePort();
  closers.push(
    () => market.stop(),
    () => fake.close(),
    () => new Promise((resolve) => hook.close(resolve)),
  );
  const env = {
    ...pointedAt(market),
    QCM_TELEGRAM_TOKEN: fake.token,
    QCM_TELEGRAM_CHAT: '42',
    QCM_TELEGRAM_USERS: '42',
    QCM_TELEGRAM_API: telegramApi,
    QCM_NOTIFY_LEVEL: 'info',
    QCM_WEBHOOK_URL: `${hookUrl}/hook/of-the-tests`,
    QCM_METRICS_PORT: String(metricsPort),
    QCM_METRICS_TOKEN: TOKEN,
  };
  const get = (path: string) => fetch(`http://127.0.0.1:${metricsPort}${path}`);
  return { fake, env, hooked, get };
}

function run(state: string, env: Record<string, string>): DaemonProcess {
  const daemon = new DaemonProcess(['run', '--state', state], env);
  closers.push(async () => {
    if (daemon.child.exitCode === null) await daemon.end('SIGKILL');
  });
  return daemon;
}

describe('qcm run with everything configured', () => {
  test('is heard, obeys its user, and leaves no secret anywhere', async () => {
    const { fake, env, hooked, get } = await world();
    const state = stateFolder();
    const redis = hasRedis() ? new RedisProcess(await freePort()) : undefined;
    if (redis === undefined) console.warn('SKIPPED: no redis-server; the rest is tested without');
    await redis?.start();
    closers.push(async () => redis?.kill());
    const more: Record<string, string> = redis === undefined ? {} : { REDIS_URL: redis.url };
    const daemon = run(state, { ...env, ...more });
    await daemon.says('READY');
    const told = () => fake.sent.map(({ text }) => text).join('\n');
    await until(() => told().includes('session') && told().includes('started, mode paper'));
    const say = async (text: string, answer: RegExp) => {
      fake.write(text, { user: 42, chat: 42 });
      await until(() => answer.test(told()));
    };
    await say('/status', /mode: paper\n(.*\n)*entries: allowed/);
    await say('/pause lunch', /Paused: no new entries/);
    await say('/status', /entries: off: operator/);
    const port = `qcm_entries_halted 1`;
    const metrics = async () => (await get(`/metrics?token=${encodeURIComponent(TOKEN)}`)).text();
    await until(async () => (await metrics()).includes(port));
    await say('/resume', /Resumed/);
    expect(await metrics()).toContain('qcm_entries_halted 0');
    expect(await metrics()).toMatch(/qcm_events_total\{kind="command.received"\} 2/);
    expect((await get('/metrics')).status).toBe(401);
    expect(await (await get('/healthz')).text()).toBe('ok\n');
    await say('/flatten', /send: \/flatten \w{5}/);
    const code = /send: \/flatten (\w{5})/.exec(told())?.[1] ?? '';
    await say(`/flatten ${code}`, /Flat after \d/);
    fake.write('/status', { user: 7, chat: 42 });
    if (redis !== undefined) {
      const watch = new DaemonProcess(['watch', '--once'], more);
      await watch.exit();
      expect(watch.output).toMatch(/^paper BTCUSDT \(paper\) .*: well$/m);
      expect(watch.output).toMatch(/^BTCUSDT +\d/m);
    }
    expect(await daemon.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(told()).toContain('paper BTCUSDT: session stopped');
    expect(hooked.map((text) => JSON.parse(text).text).join('\n')).toContain('session stopped');
    const log = readFileSync(join(state, 'qcm.log'), 'utf8');
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const phrases = lines.map(({ msg }) => msg);
    expect(phrases).toContain('session started');
    expect(phrases).toContain('command: pause');
    expect(phrases).toContain('telegram: not on the list, no answer');
    const everything = `${log}\n${daemon.output}\n${told()}\n${hooked.join('\n')}`;
    for (const secret of [fake.token, TOKEN, '/hook/of-the-tests']) {
      expect(everything.includes(secret)).toBe(false);
    }
  }, 90_000);

  test('with every receiver dead it starts, trades on and stops as fast', async () => {
    const { env } = await world();
    const dead = 'http://127.0.0.1:1';
    const daemon = run(stateFolder(), {
      ...env,
      QCM_TELEGRAM_API: dead,
      QCM_WEBHOOK_URL: `${dead}/x`,
      QCM_HEARTBEAT_URL: `${dead}/x`,
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    await daemon.says('READY');
    await sleep(1_500);
    const start = Date.now();
    expect(await daemon.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(Date.now() - start).toBeLessThan(12_000);
    expect(daemon.output).not.toMatch(/OBSERVER|Unhandled| {4}at /);
  }, 60_000);

  test('a wrong setting ends it with one message before anything is opened', async () => {
    const { env } = await world();
    const state = join(stateFolder(), 'none');
    const daemon = run(state, { ...env, QCM_METRICS_TOKEN: '' });
    expect((await daemon.exit()).code).toBe(4);
    expect(daemon.output).toContain('QCM_METRICS_TOKEN is missing');
    expect(existsSync(state)).toBe(false);
    const nowhere = run(stateFolder(), { ...env, QCM_LOG_FILE: '/dev/null/qcm.log' });
    expect((await nowhere.exit()).code).toBe(4);
    expect(nowhere.output).toContain('QCM_LOG_FILE cannot be written: ');
    expect(nowhere.output).not.toContain('    at ');
  }, 30_000);
});
