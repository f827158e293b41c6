import { expect, test } from 'vitest';
import { EngineDriver, testPlan } from './testing/engine-fixture.ts';

test('an order that rests although it was cancelled is cancelled again, a bounded number of times', () => {
  const driver = new EngineDriver();
  const plan = testPlan();
  driver.strategy.next({
    kind: 'enter',
    plan: { ...plan, entry: { ...plan.entry, mode: 'touch' } },
  });
  driver.bar('BTCUSDT', 100_000);
  const [entry] = driver.submits('entry');
  driver.accept(entry.orderId);
  expect(driver.cancels()).toEqual([]);
  driver.timer();
  expect(driver.cancels()).toEqual([entry.orderId]);
  // The process died before the cancel left; the successor asks, and the order rests.
  let again = 0;
  for (let i = 0; i < 10; i++) {
    driver.send({ kind: 'order.unknown', orderId: entry.orderId, reason: 'restart' });
    expect(driver.effects.map((effect) => effect.kind)).toEqual(['order.query']);
    driver.accept(entry.orderId);
    again += driver.cancels().length;
  }
  expect(again).toBe(4);
});

test('a resumed session keeps its books, and its orders carry the new boot id', () => {
  const driver = new EngineDriver();
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  const [entry] = driver.submits('entry');
  driver.fill(entry, 100_000);
  const { kernel } = driver.engine.inspect();
  const cash = kernel.portfolio.cashUnits();
  driver.send({
    kind: 'session.started',
    mode: 'live',
    bootId: 'test0002',
    codeVersion: 'test',
    configHash: 'test',
    dataHash: 'test',
    calendarHash: 'test',
    seed: 1,
    cashUnits: 1e8,
    quoteAsset: 'USDT',
    leverage: 20,
    instruments: [],
    brackets: {},
    feeRates: {},
  });
  expect(kernel.portfolio.cashUnits()).toBe(cash);
  expect(kernel.bootId).toBe('test0002');
  expect(driver.engine.inspect().halts).toEqual(['not reconciled']);
  driver.send({ kind: 'command.received', command: 'flatten', reason: 'test' });
  const [exit] = driver.submits('exit');
  expect(exit.orderId).toMatch(/^qcm-test0002-2-[0-9a-z]+x$/);
});
