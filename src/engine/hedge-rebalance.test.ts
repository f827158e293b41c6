import { expect, test } from 'vitest';
import { EngineDriver, testPlan } from './testing/engine-fixture.ts';

const hedge = {
  makerWaitMs: 1_500,
  onFail: 'exitBtc' as const,
  legs: [
    {
      symbol: 'ETHUSDT',
      direction: -1 as const,
      notionalRatio: 0.3,
      beta: 1.1,
      correlation: 0.8,
      stopPrice: 4_100,
      price: 4_000,
    },
  ],
};

/** BTC long and its ETH leg filled, every stop acknowledged. */
function hedged() {
  const driver = new EngineDriver();
  driver.strategy.next({ kind: 'enter', plan: testPlan({ hedge }) });
  driver.bar('BTCUSDT', 100_000);
  const [entry] = driver.submits('entry');
  driver.fill(entry, 100_000);
  const stops = [...driver.submits('stop'), ...driver.submits('disaster')];
  const targets = driver.submits('target');
  const [leg] = driver.submits('legEntry');
  for (const order of [...stops, ...targets]) driver.accept(order.orderId);
  driver.fill(leg, 4_000, { isMaker: true });
  const legStops = [...driver.submits('stop'), ...driver.submits('disaster')];
  for (const stop of legStops) driver.accept(stop.orderId);
  return { driver, entry, leg, targets };
}

function rebalance(driver: EngineDriver, notionalRatio: number) {
  const intent = { kind: 'rebalance' as const, symbol: 'BTCUSDT', legSymbol: 'ETHUSDT' };
  driver.strategy.next({ ...intent, notionalRatio });
  driver.bar('BTCUSDT', 100_000);
  return driver;
}

test('a smaller ratio closes the difference at market, once a trade', () => {
  const { driver, leg } = hedged();
  const [exit] = rebalance(driver, 0.15).submits('exit');
  expect(exit).toMatchObject({ symbol: 'ETHUSDT', side: 'buy', timeInForce: 'IOC' });
  // Half of the leg, to the lot.
  expect(exit.lots).toBe(leg.lots - Math.floor(leg.lots / 2));
  driver.fill(exit, 4_000);
  expect(rebalance(driver, 0.05).submits()).toEqual([]);
});

test('a larger ratio opens the difference maker-first', () => {
  const { driver, entry, leg } = hedged();
  const [more] = rebalance(driver, 0.45).submits('legEntry');
  // ETH lots of 0.001 for 45 % of BTC lots of 0.001 at 100,000 over 4,000: 11.25 a BTC lot.
  const wanted = Math.floor(entry.lots * 11.25 + 1e-9);
  expect(more).toMatchObject({ side: 'sell', timeInForce: 'GTX', lots: wanted - leg.lots });
});

test('a change under the minimum notional is not worth an order, and is not counted', () => {
  const { driver } = hedged();
  expect(rebalance(driver, 0.3001).submits()).toEqual([]);
  expect(rebalance(driver, 0.15).submits('exit')).toHaveLength(1);
});

test('a reduced leg keeps its smaller share when a target shrinks the package', () => {
  const { driver, entry, leg, targets } = hedged();
  const [exit] = rebalance(driver, 0.15).submits('exit');
  driver.fill(exit, 4_000);
  driver.fill(targets[0], 100_600, { isMaker: true });
  const [shrink] = driver.submits('exit');
  const left = (entry.lots - targets[0].lots) / entry.lots;
  // Of the leg as first filled: half after the rebalance, and of that what BTC has left.
  const keep = Math.round(leg.lots * 0.5 * left);
  expect(shrink).toMatchObject({ symbol: 'ETHUSDT', lots: leg.lots - exit.lots - keep });
});

test('a lost reduction and a lost exit of a leg do not hold up a third', () => {
  const { driver, leg, targets } = hedged();
  driver.fill(targets[0], 100_500, { isMaker: true });
  const [shrink] = driver.submits('exit');
  driver.send({ kind: 'order.unknown', orderId: shrink.orderId, reason: 'lost' });
  driver.send({ kind: 'command.received', command: 'flatten', reason: 'test' }, 5_000);
  const [exit] = driver.submits('exit').filter(({ symbol }) => symbol === 'ETHUSDT');
  expect(exit.lots).toBe(leg.lots);
  const sentMs = driver.nowMs;
  driver.send({ kind: 'order.unknown', orderId: exit.orderId, reason: 'lost' });
  while (driver.submits('exit').length === 0) driver.timer();
  expect(driver.submits('exit')).toMatchObject([{ symbol: 'ETHUSDT', lots: leg.lots }]);
  expect(driver.nowMs - sentMs).toBe(500);
});
