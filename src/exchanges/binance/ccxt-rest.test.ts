import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CcxtRest } from './ccxt-rest.ts';
import type { RestAnswer, RestRequest } from './venue-rest.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Seen {
  method: string;
  path: string;
  query: string;
  key: string;
}

async function serve(answer: (seen: Seen) => { status: number; body: string } | 'reset') {
  const seen: Seen[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://x');
      const query = body === '' ? url.search.slice(1) : body;
      const key = String(request.headers['x-mbx-apikey']);
      const entry = { method: request.method ?? '', path: url.pathname, query, key };
      seen.push(entry);
      const reply = answer(entry);
      if (reply === 'reset') return request.socket.destroy();
      const headers = { 'content-type': 'application/json', 'x-mbx-used-weight-1m': '42' };
      response.writeHead(reply.status, headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const restUrl = `http://127.0.0.1:${port}`;
  const rest = await CcxtRest.load({ apiKey: 'test-key', secret: 'test-secret', restUrl });
  const send = (request: RestRequest) =>
    new Promise<RestAnswer>((resolve) => rest.send(request, resolve));
  return { seen, send };
}

const ORDER: RestRequest = {
  ...{ method: 'POST', api: 'fapiPrivate', path: 'algoOrder', recvWindowMs: 5_000 },
  params: { algoType: 'CONDITIONAL', symbol: 'BTCUSDT', triggerPrice: '59000.0', side: 'SELL' },
};

describe('REST by the real ccxt', () => {
  test('signs the request as documented and adds no parameter of its own', async () => {
    const { seen, send } = await serve(() => ({ status: 200, body: '{"algoId":5}' }));
    const answer = await send(ORDER);
    expect(answer).toMatchObject({ kind: 'ok', body: { algoId: 5 }, usage: { weight1m: 42 } });
    const [{ method, path, query, key }] = seen;
    expect([method, path, key]).toEqual(['POST', '/fapi/v1/algoOrder', 'test-key']);
    const [signed, signature] = query.split('&signature=');
    expect(signature).toBe(createHmac('sha256', 'test-secret').update(signed).digest('hex'));
    expect([...new URLSearchParams(signed).keys()].sort()).toEqual(
      [...Object.keys(ORDER.params), 'recvWindow', 'timestamp'].sort(),
    );
    expect(new URLSearchParams(signed).get('recvWindow')).toBe('5000');
  });

  test('status, code and text of a refusal arrive as the venue gave them', async () => {
    const refusals = [
      { status: 400, code: -2021, message: 'Order would immediately trigger.' },
      { status: 418, code: -1003, message: 'IP banned until 1795219999999.' },
      { status: 503, code: -1008, message: 'Request throttled.' },
    ];
    for (const failure of refusals) {
      const body = JSON.stringify({ code: failure.code, msg: failure.message });
      const { send } = await serve(() => ({ status: failure.status, body }));
      expect(await send(ORDER)).toMatchObject({ kind: 'failed', failure });
      server?.closeAllConnections();
      server?.close();
    }
    const { send } = await serve(() => ({ status: 502, body: '<html>bad gateway</html>' }));
    expect(await send(ORDER)).toMatchObject({ kind: 'failed', failure: { status: 502, code: 0 } });
  });

  test('a connection that breaks is no answer, and nothing is sent twice', async () => {
    const { seen, send } = await serve(() => 'reset');
    const answer = await send(ORDER);
    expect(answer).toMatchObject({ kind: 'failed', failure: { status: 0, code: 0 } });
    expect(seen).toHaveLength(1);
  });

  test('the text answer "200" of a cancelled stop is a success', async () => {
    const { send } = await serve(() => ({ status: 200, body: '{"code":"200","msg":"success"}' }));
    expect((await send({ ...ORDER, method: 'DELETE' })).kind).toBe('ok');
  });

  test('of many requests at once the stop is written first, then what opens, then the rest', async () => {
    const { send } = await serve(() => ({ status: 200, body: '{}' }));
    const one = (clientAlgoId: string, precedence?: number) => ({
      ...{ ...ORDER, precedence },
      params: { ...ORDER.params, clientAlgoId },
    });
    const written: string[] = [];
    const write = vi.spyOn(Socket.prototype, 'write');
    const asks = [one('timer'), one('leg', 1), one('read'), one('stop', 0), one('leg2', 1)];
    // Connections have to be open: a new one is ready when it is.
    for (const isWarmUp of [true, false]) {
      write.mockClear();
      const answers = await Promise.all(asks.map(send));
      expect(answers.map(({ kind }) => kind)).toEqual(Array(5).fill('ok'));
      if (isWarmUp) continue;
      for (const [chunk] of write.mock.calls as unknown[][]) {
        const id = /clientAlgoId=(\w+)/.exec(String(chunk))?.[1];
        if (id !== undefined) written.push(id);
      }
    }
    write.mockRestore();
    expect(written).toEqual(['stop', 'leg', 'leg2', 'timer', 'read']);
  });
});
