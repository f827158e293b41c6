import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { RestConnections } from './rest-connections.ts';

let server: Server | undefined;

afterEach(() => {
  vi.useRealTimers();
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function get(url: string, connections = new RestConnections()) {
  return connections.send({ url, method: 'GET', headers: {}, body: undefined });
}

test('one connection serves request after request, and a second one those beside it', async () => {
  const ports = new Set<number>();
  const base = await serve((request, response) => {
    ports.add(request.socket.remotePort ?? 0);
    response.end('{}');
  });
  const connections = new RestConnections();
  for (let i = 0; i < 5; i++) await get(`${base}/one`, connections);
  expect(ports.size).toBe(1);
  await Promise.all([get(`${base}/one`, connections), get(`${base}/two`, connections)]);
  expect(ports.size).toBe(2);
});

test('a packed answer in pieces is read whole', async () => {
  const text = JSON.stringify({ symbols: Array.from({ length: 500 }, (_, i) => `S${i}µ`) });
  const packed = gzipSync(text);
  const base = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    for (let i = 0; i < packed.length; i += 97) response.write(packed.subarray(i, i + 97));
    response.end();
  });
  expect(await get(`${base}/info`)).toMatchObject({ status: 200, body: text });
});

test('no answer is waited for longer than ten seconds', async () => {
  const arrived = new Promise<void>((resolve) => {
    serve(() => resolve()).then((base) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      answer = get(`${base}/hang`).catch((error: Error) => error);
    });
  });
  let answer: Promise<unknown> | undefined;
  await arrived;
  vi.advanceTimersByTime(10_000);
  expect(await answer).toMatchObject({ message: 'request timed out' });
});

test('an answer that ends too early is none', async () => {
  const base = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"a":');
    setTimeout(() => response.socket?.destroy(), 5);
  });
  await expect(get(`${base}/half`)).rejects.toThrow();
});

test('a redirect is an answer, and is not followed', async () => {
  const paths: string[] = [];
  const base = await serve((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(await get(`${base}/here`)).toMatchObject({ status: 302 });
  expect(paths).toEqual(['/here']);
});
