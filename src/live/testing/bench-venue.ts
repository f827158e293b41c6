import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { type WebSocket, WebSocketServer } from 'ws';
import { FakeBinanceServer } from '../../exchanges/fake-binance/server.ts';

// The other side of the live cases, in a process of its own: the fake venue, and beside it a socket
// that floods whoever connects with market frames at the rate asked for on standard input.
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const PRICES = { BTCUSDT: 60_000, ETHUSDT: 2_500, SOLUSDT: 150 };
const STEP_MS = 5;
const MARK_EVERY_MS = 1_000;
const FACT_EVERY_MS = 20;

const keys = { apiKey: 'test-key', secret: 'test-secret' };
const server = await FakeBinanceServer.start({ port: 0, balance: 10_000_000, ...keys });
// Limits are no part of these cases: more trades a minute are made than a venue would let pass.
server.gateway.limits.headers = () => ({});
server.gateway.limits.limits = {
  ...{ weightPerMinute: 1e9, ordersPer10s: 1e9, ordersPerMinute: 1e9 },
};
// The market stands, with a book that never runs out.
const requote = setInterval(() => {
  for (const symbol of SYMBOLS) {
    const price = PRICES[symbol];
    const { tick } = server.gateway.venue.market(symbol).instrument;
    const book = { bid: price, ask: price + tick, bidQuantity: 1e5, askQuantity: 1e5 };
    server.gateway.venue.setQuote(symbol, book);
  }
}, 50);

class Flood {
  readonly sockets = new Map<WebSocket, string>();
  rate = 0;
  private count = 0;
  private owed = 0;
  private lastMs = performance.now();
  private markMs = 0;
  private factMs = 0;
  private wallMs = Date.now();

  step(): void {
    const nowMs = performance.now();
    this.owed = Math.min(this.owed + ((nowMs - this.lastMs) * this.rate) / 1_000, this.rate / 5);
    this.lastMs = nowMs;
    this.wallMs = Date.now();
    if (nowMs - this.factMs > FACT_EVERY_MS) {
      this.factMs = nowMs;
      this.to('private', JSON.stringify({ e: 'TRADE_LITE', sent: epochMs() }));
    }
    // One write for all frames of a step, as a busy venue's packets come.
    for (const socket of this.sockets.keys()) rawOf(socket)?.cork();
    for (; this.owed >= 1; this.owed--) this.frame();
    for (const socket of this.sockets.keys()) rawOf(socket)?.uncork();
    if (nowMs - this.markMs > MARK_EVERY_MS) {
      this.markMs = nowMs;
      for (const symbol of SYMBOLS) this.mark(symbol);
    }
  }

  /** Four books to a trade, as a quick market has them. */
  private frame(): void {
    const i = this.count++;
    const symbol = SYMBOLS[i % 3];
    const price = PRICES[symbol] + (i % 7) / 100;
    const head = `"E":${this.wallMs},"T":${this.wallMs},"s":"${symbol}"`;
    const name = symbol.toLowerCase();
    if (i % 5 === 4) {
      const trade = `"a":${i},"p":"${price.toFixed(2)}","q":"0.010","f":${i},"l":${i},"m":${i % 2 === 0}`;
      const data = `{"e":"aggTrade",${head},${trade}}`;
      this.to('market', `{"stream":"${name}@aggTrade","data":${data}}`);
      return;
    }
    const book = `"u":${i},"b":"${price.toFixed(2)}","B":"1.5","a":"${(price + 0.1).toFixed(2)}","A":"2"`;
    const data = `{"e":"bookTicker",${head},${book}}`;
    this.to('public', `{"stream":"${name}@bookTicker","data":${data}}`);
  }

  private mark(symbol: (typeof SYMBOLS)[number]): void {
    const price = `"p":"${PRICES[symbol]}.00","i":"${PRICES[symbol]}.00","r":"0.0001"`;
    const head = `"e":"markPriceUpdate","E":${Date.now()},"s":"${symbol}"`;
    const data = `{${head},${price},"T":${Date.now() + 3_600_000}}`;
    this.to('market', `{"stream":"${symbol.toLowerCase()}@markPrice@1s","data":${data}}`);
  }

  private to(category: string, text: string): void {
    for (const [socket, path] of this.sockets) {
      if (path.startsWith(`/${category}`)) socket.send(text);
    }
  }
}

function rawOf(socket: WebSocket): Socket | undefined {
  return (socket as unknown as { _socket?: Socket })._socket;
}

function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

const flood = new Flood();
const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
sockets.on('connection', (socket, request) => {
  flood.sockets.set(socket, request.url ?? '');
  socket.on('close', () => flood.sockets.delete(socket));
});
const stepper = setInterval(() => flood.step(), STEP_MS);
createInterface({ input: process.stdin }).on('line', (line) => {
  const [word, value] = line.split(' ');
  if (word === 'rate') flood.rate = Number(value);
  if (word !== 'stop') return;
  clearInterval(stepper);
  clearInterval(requote);
  process.exit(0);
});
sockets.on('listening', () => {
  const address = sockets.address();
  const floodPort = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ port: server.port, floodPort })}\n`);
});
