import { expect, test } from 'vitest';
import type { EngineEvent } from '../../engine/event.ts';
import { Instrument } from '../../engine/instrument.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import { BinanceExchange } from './binance-exchange.ts';
import { BookInstruments } from './book-instruments.ts';
import { type Reply, ScriptedRest } from './testing/scripted-rest.ts';
import { testSpecs } from './testing/specs.ts';
import { TrackedOrders } from './tracked-order.ts';

const [SPEC] = testSpecs();
const OLD = new Instrument(SPEC);
const NEW = new Instrument({ ...SPEC, tickSize: '0.50', version: 2 });

function venue(reply: Reply, instruments: ReadonlyMap<string, Instrument>) {
  const time = new VirtualTime(1_795_000_000_000);
  const rest = new ScriptedRest(time, () => reply);
  const events: EngineEvent[] = [];
  const exchange = new BinanceExchange({
    ...{ rest, time, instruments, notice: () => {}, onReconcile: () => {} },
    onMute: () => {},
    ...{ onFiltersDoubted: () => {}, sink: (event) => void events.push(event) },
  });
  return { exchange, rest, time, events };
}

function request(change: Partial<OrderRequest>): RiskApproved<OrderRequest> {
  return {
    ...{ orderId: 'qcm-boot1-2a-1x', tradeId: 'boot1-2a', strategyId: 's', role: 'exit' },
    ...{ symbol: 'BTCUSDT', instrumentVersion: 1, side: 'sell', type: 'market', lots: 80 },
    ...{ timeInForce: 'IOC', priceTicks: 0, reduceOnly: true, closePosition: false },
    ...{ triggerTicks: 0, triggerSource: 'contract' },
    ...change,
  } as RiskApproved<OrderRequest>;
}

test('filters that the books do not count in hold back entries, never protection', () => {
  const { exchange, rest, time, events } = venue('silence', new Map([['BTCUSDT', NEW]]));
  exchange.submit(request({}));
  // The first protection of a start knows no version.
  const id = 'qcm-boot1-0-0s';
  const stop = { role: 'stop', type: 'stopMarket', triggerTicks: 100_000 } as const;
  exchange.submit(request({ ...stop, orderId: id, instrumentVersion: 0 }));
  expect(rest.calls()).toEqual(['POST order', 'POST algoOrder']);
  exchange.submit(request({ orderId: 'qcm-boot1-2a-2e', role: 'entry', reduceOnly: false }));
  time.runTo(time.nowMs() + 10);
  expect(rest.sent).toHaveLength(2);
  expect(events).toMatchObject([{ kind: 'order.rejected', orderId: 'qcm-boot1-2a-2e' }]);
});

test('under an open position the adapter counts in the filters of the books', () => {
  const latest = new Map([['BTCUSDT', NEW]]);
  let books: Instrument | undefined;
  const instruments = new BookInstruments(latest, () => books);
  expect(instruments.get('BTCUSDT')).toBe(NEW);
  books = OLD;
  const { exchange, rest } = venue('silence', instruments);
  exchange.submit(request({ role: 'stop', type: 'stopMarket', triggerTicks: 995_001 }));
  expect(rest.sent[0].params).toMatchObject({ triggerPrice: '99500.1', quantity: '0.080' });
});

test('an order that the venue cut to the position ends', () => {
  const ack: Reply = { body: { orderId: 9, status: 'FILLED' } };
  const { exchange, events } = venue(ack, new Map([['BTCUSDT', OLD]]));
  exchange.submit(request({}));
  const { orderId } = request({});
  const names = { s: 'BTCUSDT', c: orderId, S: 'SELL', o: 'MARKET', ps: 'BOTH', i: 9 };
  const fill = { x: 'TRADE', X: 'FILLED', q: '0.056', l: '0.056', z: '0.056', L: '99500.00' };
  const o = { ...names, ...fill, n: '0.1', N: 'USDT', t: 5, m: false };
  exchange.onFrame(JSON.stringify({ e: 'ORDER_TRADE_UPDATE', E: 1, T: 1, o }));
  expect(events.map(({ kind }) => kind)).toEqual(['order.filled', 'order.expired']);
});

test('a second stop of an earlier process is cancelled under its own name', () => {
  const orders = new TrackedOrders();
  const stop = { orderId: 'qcm-boot1-2a-1s', symbol: 'BTCUSDT', nowMs: 1 };
  orders.noteTwin({ ...stop, isAlone: true });
  const order = orders.get(stop.orderId);
  if (order === undefined) throw new Error('not tracked');
  expect(orders.idsOf(order)).toEqual(['qcm-boot1-2a-1.s']);
  order.first = 'rests';
  expect(orders.idsOf(order)).toEqual(['qcm-boot1-2a-1s', 'qcm-boot1-2a-1.s']);
});
