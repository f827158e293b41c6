import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { AlertRaise } from '../engine/effect.ts';
import { AlertDispatcher, type Delivery } from './alert-dispatcher.ts';
import { AlertGuard } from './alert-guard.ts';
import { type AlertMessage, alertMessage, testMessage } from './alert-message.ts';
import { configuredSinks } from './compose-sinks.ts';
import { FileSink } from './sinks/file.ts';
import { HttpSink, SIGNATURE_HEADER, signature, TIMESTAMP_HEADER } from './sinks/http.ts';

const RECEIVER = resolve(import.meta.dirname, '../../deploy/alert-receiver.example.mjs');
const { createReceiver } = await import(pathToFileURL(RECEIVER).href);
const SECRET = 'a secret of the tests only';
const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const BAR_MS = 180_000;

const ALERT: AlertRaise = {
  kind: 'alert.raise',
  strategyId: 'btc-alpha',
  symbol: 'BTCUSDT',
  side: 'BUY',
  quantity: 0.012,
  stopPrice: 99_000.5,
  firstTargetPrice: 101_000.5,
  price: 100_000.5,
  tags: ['HTF_BULL'],
  reasons: ['fired on block 7'],
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('the message', () => {
  test('has the documents fields with real values and the true side', () => {
    const message = alertMessage(ALERT, { atMs: AT_MS });
    expect(Object.keys(message).slice(0, 6)).toEqual([
      'symbol',
      'side',
      'qty',
      'sl',
      'tp1',
      'trail',
    ]);
    expect(message).toMatchObject({ symbol: 'BTCUSDT', side: 'BUY', qty: 0.012, sl: 99_000.5 });
    expect(message).toMatchObject({ tp1: 101_000.5, trail: 'AI_SUPERTREND', price: 100_000.5 });
    expect(message).toMatchObject({ time: '2026-01-02T03:04:05.000Z', isTest: false });
    expect(alertMessage({ ...ALERT, side: 'SELL' }, { atMs: AT_MS }).side).toBe('SELL');
  });

  test('holds null, not 0, where there is no value', () => {
    const message = alertMessage({ ...ALERT, quantity: Number.NaN }, { atMs: AT_MS });
    expect(JSON.parse(JSON.stringify(message)).qty).toBe(null);
    expect(testMessage('BTCUSDT', AT_MS)).toMatchObject({ qty: null, sl: null, isTest: true });
  });
});

describe('the guard', () => {
  test('lets one alert pass a bar and side, and none within the cool-down', () => {
    const guard = new AlertGuard({ barMs: BAR_MS, cooldownMs: 2 * BAR_MS });
    const start = BAR_MS * 1_000;
    expect(guard.admit(ALERT, start)).toBe('pass');
    expect(guard.admit(ALERT, start + BAR_MS - 1)).toBe('sameBar');
    expect(guard.admit({ ...ALERT, side: 'SELL' }, start + 1)).toBe('pass');
    expect(guard.admit({ ...ALERT, symbol: 'ETHUSDT' }, start + 1)).toBe('pass');
    expect(guard.admit(ALERT, start + BAR_MS)).toBe('coolDown');
    // What was held back does not prolong the cool-down.
    expect(guard.admit(ALERT, start + 2 * BAR_MS)).toBe('pass');
    expect(guard.heldCount).toBe(2);
  });

  test('without a cool-down still holds to one a bar', () => {
    const guard = new AlertGuard({ barMs: BAR_MS, cooldownMs: 0 });
    expect([0, 1, BAR_MS].map((ms) => guard.admit(ALERT, ms))).toEqual(['pass', 'sameBar', 'pass']);
  });
});

test('the file holds one JSON line an alert, in order', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'alerts-')), 'deep', 'alerts.jsonl');
  const sink = new FileSink(path);
  const sent = [1, 2, 3].map((i) => alertMessage(ALERT, { atMs: AT_MS + i }));
  await Promise.all(sent.map((message) => sink.send(message)));
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(sent);
});

describe('the HTTP sink', () => {
  test('is understood by the receiver example, which drops repeats', async () => {
    const got: AlertMessage[] = [];
    const onAlert = (alert: AlertMessage) => got.push(alert);
    const url = await listen(createReceiver({ secret: SECRET, onAlert }));
    const sink = new HttpSink({ url, secret: SECRET });
    const message = alertMessage(ALERT, { atMs: AT_MS });
    expect(await sink.send(message)).toMatchObject({ isDelivered: true });
    expect(await sink.send(message)).toMatchObject({ isDelivered: true });
    expect(got).toEqual([message]);
  });

  test.each([
    ['61 s old', -61_000, SECRET],
    ['61 s ahead', 61_000, SECRET],
    ['signed with another secret', 0, `${SECRET}!`],
  ])('a message %s is refused by the receiver, once', async (_, offsetMs, secret) => {
    const got: AlertMessage[] = [];
    const onAlert = (alert: AlertMessage) => got.push(alert);
    const url = await listen(createReceiver({ secret: SECRET, onAlert }));
    const now = () => Date.now() + offsetMs;
    const delivery = await new HttpSink({ url, secret, now }).send(testMessage('X', AT_MS));
    expect(delivery).toEqual({
      sink: 'http',
      isDelivered: false,
      detail: 'answer 401 after 1 try',
    });
    expect(got).toEqual([]);
  });

  test('a changed body does not fit the signature', async () => {
    const url = await listen(createReceiver({ secret: SECRET, onAlert: () => {} }));
    const timestamp = String(Date.now());
    const headers = {
      [TIMESTAMP_HEADER]: timestamp,
      [SIGNATURE_HEADER]: signature({ secret: SECRET, timestamp, body: '{"qty":1}' }),
    };
    const post = (body: string) => fetch(url, { method: 'POST', headers, body });
    expect((await post('{"qty":9}')).status).toBe(401);
    expect((await post('{"qty":1}')).status).toBe(200);
  });

  test('tries again after 503 and after no answer, stamped anew', async () => {
    const stamps: string[] = [];
    const url = await listen((request, response) => {
      stamps.push(String(request.headers[TIMESTAMP_HEADER]));
      if (stamps.length === 1) response.writeHead(503).end();
      else if (stamps.length === 2) request.socket.destroy();
      else response.writeHead(200).end();
    });
    let clock = AT_MS;
    const sink = new HttpSink({ url, secret: SECRET, backoffMs: 1, now: () => clock++ });
    const delivery = await sink.send(testMessage('X', AT_MS));
    expect(delivery).toMatchObject({ isDelivered: true, detail: 'answer 200 after 3 tries' });
    expect(new Set(stamps).size).toBe(3);
  });

  test('gives up quietly when nobody listens', async () => {
    const url = await listen(() => {});
    servers.splice(0)[0].close();
    const sink = new HttpSink({ url, secret: SECRET, attempts: 2, backoffMs: 1 });
    const delivery = await sink.send(testMessage('X', AT_MS));
    expect(delivery.isDelivered).toBe(false);
    expect(delivery.detail).toMatch(/after 2 tries/);
  });
});

test('a sink that throws neither throws into trading nor stops the other sinks', async () => {
  const got: Delivery[] = [];
  const dispatcher = new AlertDispatcher({
    sinks: [
      { name: 'broken', send: () => Promise.reject(new Error('no')) },
      { name: 'fine', send: async () => ({ sink: 'fine', isDelivered: true, detail: '' }) },
    ],
    guard: new AlertGuard({ barMs: BAR_MS, cooldownMs: 0 }),
    onDelivery: (delivery) => void got.push(delivery),
  });
  expect(dispatcher.raise(ALERT, AT_MS)).toBe('pass');
  expect(dispatcher.raise(ALERT, AT_MS)).toBe('sameBar');
  await dispatcher.settled();
  expect(got.toSorted((a, b) => (a.sink < b.sink ? -1 : 1))).toEqual([
    { sink: 'broken', isDelivered: false, detail: 'no' },
    { sink: 'fine', isDelivered: true, detail: '' },
  ]);
});

describe('configuration', () => {
  const logger = { info: () => {} };
  const of = (url?: string, secret?: string, file?: string) => () =>
    configuredSinks({ alertUrl: url, alertSecret: secret, alertFile: file }, logger);

  test('names the sinks', () => {
    expect(of()().map((sink) => sink.name)).toEqual(['log']);
    const all = of('https://example.org/hook', SECRET, 'a.jsonl')();
    expect(all.map((sink) => sink.name)).toEqual(['log', 'file', 'http']);
  });

  test('refuses an address without a usable secret, and what is no address', () => {
    expect(of('https://example.org')).toThrow(/QCM_ALERT_SECRET of at least 16/);
    expect(of('https://example.org', 'short')).toThrow(/QCM_ALERT_SECRET/);
    expect(of('file:///etc/passwd', SECRET)).toThrow(/not an http or https/);
  });
});

async function listen(handler: RequestListener | Server): Promise<string> {
  const server = typeof handler === 'function' ? createServer(handler) : handler;
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}
