import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { DaemonProcess, pointedAt, startStill, stateFolder } from '../daemon/testing/daemon-rig.ts';
import { freePort } from '../publish/testing/redis-process.ts';
import { FakeTelegram } from './testing/fake-telegram.ts';

const CHILD = join(import.meta.dirname, '..', 'daemon', 'testing', 'live-child.ts');
const KEYS = { QCM_BINANCE_KEY: 'test-key', QCM_BINANCE_SECRET: 'test-secret' };
const TOKEN = 'a metrics token of the tests';
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const PRICES = [60_000, 2_500, 150];
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (!(await holds())) {
    expect(Date.now() < endMs, what).toBe(true);
    await sleep(20);
  }
}

async function liveDaemon() {
  const server = await startStill();
  closers.push(() => server.stop());
  const { venue } = server.gateway;
  const ticker = setInterval(() => {
    for (const [i, symbol] of SYMBOLS.entries()) venue.setPrice(symbol, PRICES[i]);
  }, 200);
  closers.push(() => clearInterval(ticker));
  const fake = new FakeTelegram();
  const api = await fake.listen();
  closers.push(() => fake.close());
  const port = await freePort();
  const state = stateFolder();
  const telegram = { QCM_TELEGRAM_TOKEN: fake.token, QCM_TELEGRAM_API: api };
  const people = { QCM_TELEGRAM_CHAT: '42', QCM_TELEGRAM_USERS: '42', QCM_NOTIFY_LEVEL: 'info' };
  const metrics = { QCM_METRICS_PORT: String(port), QCM_METRICS_TOKEN: TOKEN };
  const env = { ...pointedAt(server), ...KEYS, ...telegram, ...people, ...metrics };
  const daemon = new DaemonProcess([state, 'enter', 'one'], env, CHILD);
  closers.push(async () => {
    if (daemon.child.exitCode === null) await daemon.end('SIGKILL');
  });
  const authorization = `Bearer ${TOKEN}`;
  const page = async () => {
    const url = `http://127.0.0.1:${port}/metrics`;
    return (await fetch(url, { headers: { authorization } })).text();
  };
  const position = (symbol: string) => venue.account.position(symbol, 'BOTH').amount;
  const told = () => fake.sent.map(({ text }) => text).join('\n');
  return { venue, fake, state, daemon, page, position, told };
}

function sumOf(page: string, name: string): number {
  const lines = page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

test('a hedged trade with keys: measured to its stops, told, and closed by Telegram in two steps', async () => {
  const { venue, fake, state, daemon, page, position, told } = await liveDaemon();
  await daemon.says('READY');
  await until(
    'hedged',
    () => position('BTCUSDT') > 0 && position('ETHUSDT') < 0 && position('SOLUSDT') < 0,
  );
  await until('all covered', async () => {
    const text = await page();
    return (
      sumOf(text, 'qcm_protection_latency_seconds_count') >= 3 &&
      sumOf(text, 'qcm_uncovered_positions') === 0
    );
  });
  const open = await page();
  expect(sumOf(open, 'qcm_open_packages')).toBe(1);
  await until('the position', async () =>
    (await page()).includes(`qcm_position_quantity{symbol="BTCUSDT"} ${position('BTCUSDT')}\n`),
  );
  expect(open).toMatch(/qcm_latency_seconds_count\{stage="planned_to_sent"\} [1-9]/);
  expect(open).toMatch(/qcm_protection_latency_seconds_bucket\{le="2.5"\} (\d+)/);
  const within = Number(/qcm_protection_latency_seconds_bucket\{le="2.5"\} (\d+)/.exec(open)?.[1]);
  expect(within).toBe(sumOf(open, 'qcm_protection_latency_seconds_count'));

  fake.write('/flatten', { user: 42, chat: 42 });
  await until('the question', () => /send: \/flatten \w+/.test(told()));
  expect(told()).toMatch(/would be closed: /);
  const code = /send: \/flatten (\w+)/.exec(told())?.[1];
  fake.write(`/flatten ${code}`, { user: 42, chat: 42 });
  await until('the report', () => told().includes('Flat after'));
  expect(SYMBOLS.map(position)).toEqual([0, 0, 0]);
  await until('nothing rests', () => venue.algos.open.size === 0);
  const flat = await page();
  const trades = venue.orders.trades.length;
  await until('every fill counted', async () => sumOf(await page(), 'qcm_fills_total') === trades);
  expect(sumOf(flat, 'qcm_open_packages')).toBe(0);
  expect(await daemon.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(told()).toMatch(/BTCUSDT enter \(/);
  expect(told()).toMatch(/BTCUSDT closed \(/);
  const log = readFileSync(join(state, 'qcm.log'), 'utf8');
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ msg }) => msg === 'fill')).toHaveLength(trades);
  const stop = lines.find(({ msg }) => msg === 'order planned: stop');
  expect(stop).toMatchObject({ role: 'stop', symbol: 'BTCUSDT', trigger: 59_700 });
  for (const secret of [fake.token, TOKEN, 'test-secret', 'test-key']) {
    expect(`${log}${daemon.output}${told()}`.includes(secret)).toBe(false);
  }
  const mean = (name: string) => sumOf(flat, `${name}_sum`) / sumOf(flat, `${name}_count`);
  console.info(
    `fill to acknowledged stop: mean ${mean('qcm_protection_latency_seconds').toFixed(3)} s`,
  );
}, 90_000);
