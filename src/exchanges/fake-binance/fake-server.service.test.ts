import ccxt from 'ccxt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { FakeBinanceServer } from './server.ts';

const SYMBOL = 'BTC/USDT:USDT';
let server: FakeBinanceServer;
let base: string;
let venue: InstanceType<typeof ccxt.pro.binanceusdm>;
const sockets: WebSocket[] = [];

// biome-ignore lint/suspicious/noExplicitAny: frames of many shapes, read by key
type Frame = Record<string, any>;

beforeEach(async () => {
  server = await FakeBinanceServer.start({
    port: 0,
    balance: 10_000,
    apiKey: 'test-key',
    secret: 'test-secret',
  });
  base = `http://127.0.0.1:${server.port}`;
  venue = new ccxt.pro.binanceusdm({
    apiKey: 'test-key',
    secret: 'test-secret',
    enableRateLimit: false,
    options: { fetchCurrencies: false },
  });
  const urls = venue.urls.api as Record<string, unknown>;
  for (const [key, url] of Object.entries(urls)) {
    if (typeof url === 'string') urls[key] = url.replace(/^https:\/\/[^/]+/, base);
  }
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await venue.close();
  await server.stop();
});

/** ccxt's method for one endpoint, untyped in its own declarations. */
async function raw(name: string, params: object): Promise<Record<string, string>> {
  const methods = venue as unknown as Record<
    string,
    (params: object) => Promise<Record<string, string>>
  >;
  return methods[name](params);
}

async function control(name: string, body: object): Promise<void> {
  const answer = await fetch(`${base}/control/${name}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

async function listen(path: string): Promise<Frame[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`);
  sockets.push(socket);
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(data.toString())));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return frames;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !condition(); i++) await new Promise((r) => setTimeout(r, 10));
  expect(condition()).toBe(true);
}

async function codeOf(action: Promise<unknown>): Promise<number> {
  try {
    await action;
  } catch (error) {
    return Number(/"code":\s*(-?\d+)/.exec((error as Error).message)?.[1]);
  }
  return 0;
}

test('ccxt trades a whole life: GTX entry, partial, IOC, stop by mark, flat', async () => {
  await venue.setMarginMode('isolated', SYMBOL);
  await venue.setLeverage(10, SYMBOL);
  const { listenKey } = await raw('fapiPrivatePostListenKey', {});
  const user = await listen(`/private/ws?listenKey=${listenKey}&events=ORDER_TRADE_UPDATE`);
  const entry = await venue.createOrder(SYMBOL, 'limit', 'buy', 0.01, 59_990, {
    postOnly: true,
    clientOrderId: 'entry-1',
  });
  expect(entry.status).toBe('open');
  await control('fill', { clientOrderId: 'entry-1', quantity: 0.004 });
  await venue.cancelOrder(String(entry.id), SYMBOL);
  await venue.createOrder(SYMBOL, 'limit', 'buy', 0.006, 60_010, { timeInForce: 'IOC' });
  await venue.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, {
    stopLossPrice: 59_000,
    closePosition: true,
    workingType: 'MARK_PRICE',
    clientOrderId: 'stop-1',
  });
  expect(await venue.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true })).toHaveLength(
    1,
  );
  const [position] = await venue.fetchPositions([SYMBOL]);
  expect(position.contracts).toBe(0.01);
  await control('price', { symbol: 'BTCUSDT', price: 58_950 });
  await until(() => user.some((frame) => frame.e === 'ALGO_UPDATE' && frame.o.X === 'FINISHED'));
  const steps = user.map((f) =>
    f.e === 'ACCOUNT_UPDATE' ? 'A' : `${f.e}:${f.o?.x ?? f.o?.X ?? ''}`,
  );
  expect(steps.slice(-7)).toEqual([
    'ALGO_UPDATE:TRIGGERING',
    'ALGO_UPDATE:TRIGGERED',
    'TRADE_LITE:',
    'ORDER_TRADE_UPDATE:NEW',
    'ORDER_TRADE_UPDATE:TRADE',
    'A',
    'ALGO_UPDATE:FINISHED',
  ]);
  expect(server.gateway.venue.account.position('BTCUSDT', 'BOTH').amount).toBe(0);
});

test('the documented refusals reach ccxt with their codes', async () => {
  const order = (extra: object, price = 59_990, quantity = 0.01) =>
    codeOf(venue.createOrder(SYMBOL, 'limit', 'buy', quantity, price, extra));
  expect(await order({ postOnly: true }, 60_100)).toBe(-5022);
  expect(await order({ reduceOnly: true })).toBe(-2022);
  expect(await order({ clientOrderId: 'one' })).toBe(0);
  expect(await order({ clientOrderId: 'one' })).toBe(-4116);
  expect(await order({}, 59_990, 0.001)).toBe(0);
  expect(await order({}, 59_990, 5)).toBe(-2019);
  expect(await order({ unheardOf: '1' })).toBe(-1104);
  const stop = { symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_MARKET', quantity: '0.01' };
  expect(await codeOf(raw('fapiPrivatePostOrder', { ...stop, stopPrice: '50000' }))).toBe(-4120);
  const algo = { ...stop, algoType: 'CONDITIONAL' };
  const post = (fields: object) => codeOf(raw('fapiPrivatePostAlgoOrder', { ...algo, ...fields }));
  expect(await post({ triggerPrice: '61000', reduceOnly: 'true' })).toBe(-2021);
  const close = { triggerPrice: '59000', closePosition: 'true' };
  expect(await codeOf(raw('fapiPrivatePostAlgoOrder', { ...algo, ...close, quantity: '0' }))).toBe(
    -4509,
  );
  await control('settings', { stopBeforeEntry: 'refuse' });
  expect(await post({ triggerPrice: '59000', reduceOnly: 'true' })).toBe(-2022);
});

test('a lost answer hides an order that exists; a clock that runs off refuses', async () => {
  await control('fault', { match: 'POST /fapi/v1/order', kind: 'reset', executed: true });
  await expect(
    venue.createOrder(SYMBOL, 'limit', 'buy', 0.01, 59_000, { clientOrderId: 'lost' }),
  ).rejects.toThrow();
  const query = { symbol: 'BTCUSDT', origClientOrderId: 'lost' };
  expect((await raw('fapiPrivateGetOrder', query)).status).toBe('NEW');
  await control('fault', {
    match: 'POST /fapi/v1/order',
    kind: 'answer',
    executed: true,
    code: -1007,
  });
  expect(await codeOf(venue.createOrder(SYMBOL, 'limit', 'buy', 0.01, 59_000))).toBe(-1007);
  expect(server.gateway.venue.orders.open.size).toBe(2);
  await control('clock', { offsetMs: 60_000 });
  expect(await codeOf(raw('fapiPrivateGetOrder', query))).toBe(-1021);
});

test('a wrong category is mute, the right ones speak, frames can be lost', async () => {
  const wrong = await listen('/ws/btcusdt@bookTicker');
  const alsoWrong = await listen('/market/ws/btcusdt@bookTicker');
  const book = await listen('/public/stream?streams=btcusdt@bookTicker/btcusdt@depth@100ms');
  const market = await listen('/market/ws/btcusdt@aggTrade/btcusdt@markPrice@1s/btcusdt@kline_1m');
  await control('price', { symbol: 'BTCUSDT', price: 60_100 });
  await until(() => market.some((frame) => frame.e === 'kline'));
  await until(() => book.some((frame) => frame.data.e === 'depthUpdate'));
  await until(() => market.some((frame) => frame.e === 'markPriceUpdate'));
  expect(market.some((frame) => frame.e === 'aggTrade' && frame.p === '60100.00')).toBe(true);
  expect(wrong).toEqual([]);
  expect(alsoWrong).toEqual([]);
  await control('stream-fault', { category: 'market', kind: 'silence' });
  const before = market.length;
  await control('price', { symbol: 'BTCUSDT', price: 60_200 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(market.length).toBe(before);
});
