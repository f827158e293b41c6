import { expect, test } from 'vitest';
import type { OrderRequest } from '../../engine/order.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';
import { BinanceRig } from './in-process-binance.ts';

const symbol = 'BTCUSDT';

function request(id: string, change: Partial<OrderRequest>): RiskApproved<OrderRequest> {
  return {
    ...{ orderId: `qcm-boot1-2a-${id}`, tradeId: 'boot1-2a', strategyId: 's', role: 'entry' },
    ...{ symbol, instrumentVersion: 1, side: 'buy', type: 'limit', timeInForce: 'GTX' },
    ...{ priceTicks: 599_900, lots: 10, reduceOnly: false, closePosition: false },
    ...{ triggerTicks: 0, triggerSource: 'mark' },
    ...change,
  } as RiskApproved<OrderRequest>;
}

/** A life cycle; what was told and when, as lines. */
function play(): string[] {
  const rig = new BinanceRig();
  const { exchange } = rig.binance;
  const lines: string[] = [];
  const settle = () => {
    rig.runFor(2_000);
    for (const event of rig.take()) lines.push(JSON.stringify(event));
  };
  exchange.submit(request('0e', {}));
  settle();
  rig.venue.venue.setPrice(symbol, 59_900);
  settle();
  const stop = { side: 'sell', reduceOnly: true, role: 'stop', type: 'stopMarket' } as const;
  exchange.submit(request('1s', { ...stop, priceTicks: 0, triggerTicks: 595_000 }));
  settle();
  rig.venue.venue.setPrice(symbol, 59_400);
  settle();
  expect(rig.notices).toEqual([]);
  return lines;
}

test('a life cycle on virtual time tells the same facts each time', () => {
  const lines = play();
  expect(lines.map((line) => JSON.parse(line).kind)).toEqual([
    'order.accepted',
    'order.filled',
    'order.accepted',
    'stop.triggered',
    'order.filled',
    'stop.finished',
  ]);
  expect(play()).toEqual(lines);
});

test('facts take the way to the venue and back', () => {
  const latency = { requestMs: () => 100, answerMs: () => 70, frameMs: () => 200 };
  const rig = new BinanceRig({ latency });
  const sentMs = rig.time.nowMs();
  rig.binance.exchange.submit(request('0e', {}));
  rig.runFor(169);
  expect(rig.events).toEqual([]);
  rig.runFor(1);
  expect(rig.take()).toMatchObject([{ kind: 'order.accepted' }]);
  rig.runFor(130);
  // The frame says it a second time, which is no news.
  expect(rig.take()).toEqual([]);
  expect(rig.venue.written.at(-1)).toMatchObject({ atMs: sentMs, route: 'POST /fapi/v1/order' });
});

test('a killed process hears nothing; what it has sent arrives', () => {
  const rig = new BinanceRig();
  rig.binance.exchange.submit(request('0e', {}));
  rig.client.kill();
  rig.runFor(10_000);
  expect(rig.events.map(({ kind }) => kind)).not.toContain('order.accepted');
  expect([...rig.venue.venue.orders.open]).toHaveLength(1);
  expect(rig.venue.socketCount('private')).toBe(0);
});

test('an outage without a sign is noticed by the ping, and the stream comes back after it', () => {
  const rig = new BinanceRig();
  const before = rig.reconciles;
  rig.venue.begin('silent');
  rig.runFor(70_000);
  expect(rig.binance.stream.isLive()).toBe(false);
  rig.venue.end();
  rig.runFor(60_000);
  expect(rig.binance.stream.isLive()).toBe(true);
  expect(rig.reconciles).toBeGreaterThan(before);
});
