import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineEvent } from '../../engine/event.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';
import type { AccountAnswer } from '../../live/ports.ts';
import { RealTime } from '../../live/real-time.ts';
import { FakeBinanceServer } from '../fake-binance/server.ts';
import { CcxtRest } from './ccxt-rest.ts';
import { type Binance, connectBinance } from './connect.ts';

let server: FakeBinanceServer;
let binance: Binance;
const events: EngineEvent[] = [];
const notices: string[] = [];
const symbol = 'BTCUSDT';

beforeEach(async () => {
  events.length = 0;
  notices.length = 0;
  const keys = { apiKey: 'test-key', secret: 'test-secret' };
  server = await FakeBinanceServer.start({ port: 0, balance: 10_000, ...keys });
  const at = `127.0.0.1:${server.port}`;
  binance = connectBinance({
    rest: await CcxtRest.load({ ...keys, restUrl: `http://${at}` }),
    time: new RealTime(),
    ...{ wsUrl: `ws://${at}`, symbols: [symbol], leverage: 10 },
    sink: (event) => void events.push(event),
    notice: (level, code, text) => void notices.push(`${level} ${code} ${text}`),
    onReconcile: () => {},
  });
});

afterEach(async () => {
  binance.stop();
  await server.stop();
});

async function control(name: string, body: object): Promise<void> {
  const url = `http://127.0.0.1:${server.port}/control/${name}`;
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status, await answer.text()).toBe(200);
}

async function until(kind: EngineEvent['kind'], orderId: string): Promise<void> {
  const has = () => events.some((event) => event.kind === kind && isAbout(event, orderId));
  for (let i = 0; i < 400 && !has(); i++) await new Promise((done) => setTimeout(done, 10));
  expect(has(), `${kind} ${orderId}: ${JSON.stringify(events)} ${notices}`).toBe(true);
}

function isAbout(event: EngineEvent, orderId: string): boolean {
  return 'orderId' in event && event.orderId === orderId;
}

function request(id: string, change: Partial<OrderRequest>): RiskApproved<OrderRequest> {
  return {
    ...{ orderId: `qcm-boot1-2a-${id}`, tradeId: 'boot1-2a', strategyId: 's', role: 'entry' },
    ...{ symbol, instrumentVersion: 1, side: 'buy', type: 'limit', timeInForce: 'GTX' },
    ...{ priceTicks: 599_900, lots: 10, reduceOnly: false, closePosition: false },
    ...{ triggerTicks: 0, triggerSource: 'mark' },
    ...change,
  } as RiskApproved<OrderRequest>;
}

const position = () => server.gateway.venue.account.position(symbol, 'BOTH').amount;

test('entry, partial fill, IOC, stop, target, stop moved new before old, stop fires', async () => {
  const facts = await binance.setup.prepare();
  expect(facts.instruments[0]).toMatchObject({ symbol, tickSize: '0.10', trading: true });
  binance.stream.start();
  for (let i = 0; i < 200 && !binance.stream.isLive(); i++) {
    await new Promise((done) => setTimeout(done, 10));
  }
  const { exchange } = binance;
  const entry = request('0e', {});
  exchange.arm(symbol, 5_000);
  exchange.submit(entry);
  await until('order.accepted', entry.orderId);
  await control('fill', { clientOrderId: entry.orderId, quantity: 0.004 });
  await until('order.filled', entry.orderId);
  exchange.cancel({ kind: 'order.cancel', orderId: entry.orderId, symbol, isConditional: false });
  await until('order.cancelled', entry.orderId);
  const rest = request('1e', { timeInForce: 'IOC', priceTicks: 600_100, lots: 6 });
  exchange.submit(rest);
  await until('order.filled', rest.orderId);
  exchange.disarm(symbol);
  expect(position()).toBe(0.01);

  const reduce = { side: 'sell', reduceOnly: true, timeInForce: 'GTC' } as const;
  const conditional = { ...reduce, role: 'stop', type: 'stopMarket', priceTicks: 0 } as const;
  const stop = request('2s', { ...conditional, triggerTicks: 590_000 });
  exchange.submit(stop);
  await until('order.accepted', stop.orderId);
  const target = request('3t', { ...reduce, role: 'target', priceTicks: 610_000, lots: 5 });
  exchange.submit(target);
  await until('order.accepted', target.orderId);
  await control('fill', { clientOrderId: target.orderId, quantity: 0.005 });
  await until('order.filled', target.orderId);

  const moved = request('4s', { ...conditional, triggerTicks: 595_000, lots: 5 });
  exchange.submit(moved);
  await until('order.accepted', moved.orderId);
  exchange.cancel({ kind: 'order.cancel', orderId: stop.orderId, symbol, isConditional: true });
  await until('order.cancelled', stop.orderId);

  const answer = await new Promise<AccountAnswer>((done) => {
    const fillsAfter = { [symbol]: { fillId: '', atMs: Date.now() - 60_000 } };
    const ask = { symbols: [symbol], fillsAfter, transfersSinceMs: Date.now() - 60_000 };
    binance.accounts.readAccount(ask, done);
  });
  expect(answer).toMatchObject({
    kind: 'picture',
    picture: {
      orders: [{ orderId: moved.orderId, isConditional: true, reduceOnly: true, lots: 5 }],
      positions: [{ symbol, side: 'buy', lots: 5 }],
    },
  });
  await control('price', { symbol, price: 59_400 });
  await until('stop.finished', moved.orderId);
  expect(position()).toBe(0);
  const fills = events.filter((event) => event.kind === 'order.filled');
  const lots = fills.map((fill) => (fill.side === 'buy' ? fill.lots : -fill.lots));
  expect(lots.reduce((sum, each) => sum + each, 0)).toBe(0);
  expect(fills.every(({ origin }) => origin === 'own')).toBe(true);
  expect(exchange.unsupportedCount(), notices.join('\n')).toBe(0);
}, 20_000);
