import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PublicRest } from './public-rest.ts';
import type { RestAnswer, RestRequest } from './venue-rest.ts';

let server: Server;
let rest: PublicRest;
const asked: string[] = [];

const ANSWERS: Record<string, { status: number; body: string }> = {
  time: { status: 200, body: '{"serverTime":1700000000000}' },
  klines: { status: 429, body: '{"code":-1003,"msg":"Too many requests."}' },
  ping: { status: 200, body: '{"code":-1000,"msg":"odd"}' },
  depth: { status: 502, body: '<html>bad gateway</html>' },
  half: { status: 200, body: '{"a":' },
};

beforeEach(async () => {
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const name = /v1\/(\w+)/.exec(request.url ?? '')?.[1] ?? '';
    if (name === 'cut') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"a":1');
      setTimeout(() => response.destroy(), 10);
      return;
    }
    const { status, body } = ANSWERS[name];
    response.writeHead(status, { 'X-MBX-USED-WEIGHT-1M': '42' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  rest = new PublicRest(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(() => {
  rest.stop();
  server.closeAllConnections();
  server.close();
});

function ask(path: string, change: Partial<RestRequest> = {}): Promise<RestAnswer> {
  const base = { method: 'GET', api: 'fapiPublic', params: {}, recvWindowMs: 5_000 } as const;
  return new Promise((resolve) => rest.send({ ...base, path, ...change }, resolve));
}

test('asks as documented and tells what the venue counts', async () => {
  const answer = await ask('time', { params: { symbol: 'BTCUSDT', limit: 5 } });
  expect(asked).toEqual(['GET /fapi/v1/time?symbol=BTCUSDT&limit=5']);
  expect(answer).toMatchObject({ kind: 'ok', body: { serverTime: 1_700_000_000_000 } });
  expect(answer.usage.weight1m).toBe(42);
});

test.each([
  ['klines', { status: 429, code: -1003, message: 'Too many requests.' }],
  ['ping', { status: 200, code: -1000, message: 'odd' }],
  ['depth', { status: 502, code: 0, message: '<html>bad gateway</html>' }],
  ['half', { status: 200, code: 0, message: '{"a":' }],
])('%s: a failure is told with its status and code', async (path, failure) => {
  expect(await ask(path)).toMatchObject({ kind: 'failed', failure });
});

test('an answer that is cut off, and a server that is gone, are unknown outcomes', async () => {
  expect(await ask('cut')).toMatchObject({ kind: 'failed', failure: { status: 0, code: 0 } });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await ask('time')).toMatchObject({ kind: 'failed', failure: { status: 0, code: 0 } });
});

test.each([
  { api: 'fapiPrivate', path: 'order', method: 'POST' },
  { api: 'fapiPrivateV3', path: 'balance' },
  { api: 'fapiPublic', path: 'order', method: 'POST' },
] as const)('%j never leaves a process without keys', async (request) => {
  expect(await ask(request.path, request)).toMatchObject({
    kind: 'failed',
    failure: { code: -2015 },
  });
  expect(asked).toEqual([]);
});
