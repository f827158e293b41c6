import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { openSocket } from './venue-socket.ts';

const FRAMES = 20_000;

test('a socket with a backlog lets the others have their turn', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((done) => server.once('listening', done));
  const base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const heard = { market: 0, factAfter: -1 };
  const life = { onOpen: () => {}, onLife: () => {}, onClose: () => {} };
  const both = new Promise<void>((done) => {
    server.on('connection', () => {
      if (server.clients.size === 2) done();
    });
  });
  const all = new Promise<void>((done) => {
    openSocket(`${base}/market`, {
      ...life,
      onText: () => {
        // As dear as reading a frame, so that the backlog takes far longer than a turn.
        for (const until = performance.now() + 0.01; performance.now() < until; );
        heard.market++;
        if (heard.market === FRAMES) done();
      },
    });
  });
  openSocket(`${base}/private`, {
    ...life,
    onText: () => {
      heard.factAfter = heard.market;
    },
  });
  await both;
  const [market, facts] = [...server.clients];
  for (let i = 0; i < FRAMES; i++) market.send(`{"frame":${i},"padding":"${'x'.repeat(80)}"}`);
  facts.send('{"fact":1}');
  await all;
  expect(heard.factAfter).toBeGreaterThanOrEqual(0);
  // Two readings of 64 kB at most; without turns it was 1,458 to 2,846 frames.
  expect(heard.factAfter).toBeLessThan(1_250);
  for (const client of server.clients) client.terminate();
  server.close();
});
