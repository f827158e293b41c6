import { expect, test } from 'vitest';
import { EngineDriver, testPlan } from './testing/engine-fixture.ts';

const START_MS = 1_000_000;

/** Bought at the first, sold by an exit at the tenth second of the venue. */
function closed(): EngineDriver {
  const driver = new EngineDriver();
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  driver.fill(driver.submits('entry')[0], 100_000, { filledMs: START_MS + 1_000 });
  driver.accept(driver.submits('stop')[0].orderId);
  driver.send({ kind: 'command.received', command: 'flatten', reason: 'test' });
  driver.fill(driver.submits('exit')[0], 100_000, { filledMs: START_MS + 10_000 });
  for (const order of driver.engine.inspect().kernel.store.openOrders()) {
    driver.send({ kind: 'order.cancelled', orderId: order.request.orderId });
  }
  expect(driver.engine.inspect().open.size).toBe(0);
  return driver;
}

function byHand(driver: EngineDriver, side: 'buy' | 'sell', filledMs: number | undefined) {
  const order = { orderId: 'web_1', symbol: 'BTCUSDT', side, lots: 7 } as const;
  driver.fill(order, 100_000, { origin: 'user', filledMs });
  return driver.submits('exit');
}

test('what a person added while it was held is closed, told after the end as before it', () => {
  const driver = closed();
  const [exit] = byHand(driver, 'buy', START_MS + 5_000);
  expect(exit).toMatchObject({ symbol: 'BTCUSDT', side: 'sell', lots: 7, reduceOnly: true });
  driver.fill(exit, 100_000);
  expect(driver.engine.inspect().kernel.portfolio.position('BTCUSDT')?.lots ?? 0).toBe(0);
  expect(driver.engine.inspect().halts.join()).toContain('by hand');
});

test.each([
  ['before it was opened', 'buy', START_MS + 500],
  ['after it was closed', 'buy', START_MS + 11_000],
  ['at a time that nobody told', 'buy', undefined],
  ['against it', 'sell', START_MS + 5_000],
] as const)('a trade by hand %s is none of ours', (_, side, filledMs) => {
  const driver = closed();
  expect(byHand(driver, side, filledMs)).toEqual([]);
  expect(driver.engine.inspect().halts).toContain('position BTCUSDT');
});
