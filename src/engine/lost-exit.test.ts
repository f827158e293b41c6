import { expect, test } from 'vitest';
import { EngineDriver, testPlan } from './testing/engine-fixture.ts';

function exiting() {
  const driver = new EngineDriver();
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  driver.fill(driver.submits('entry')[0], 100_000);
  driver.accept(driver.submits('stop')[0].orderId);
  driver.send({ kind: 'command.received', command: 'flatten', reason: 'test' });
  const [first] = driver.submits('exit');
  driver.send({ kind: 'order.unknown', orderId: first.orderId, reason: 'no answer' });
  expect(driver.submits('exit')).toEqual([]);
  driver.timer();
  return { driver, first };
}

test('an exit of unknown outcome is followed by one more, and by no third', () => {
  const { driver, first } = exiting();
  const [second] = driver.submits('exit');
  expect(second).toMatchObject({ reduceOnly: true, type: 'market' });
  expect(second.orderId).not.toBe(first.orderId);
  driver.send({ kind: 'order.unknown', orderId: second.orderId, reason: 'no answer' });
  driver.timer();
  expect(driver.submits('exit')).toEqual([]);
  // The first never arrived: now there is room for another one.
  driver.reject(first.orderId, -2013);
  driver.send({ kind: 'order.unknown', orderId: second.orderId, reason: 'still none' });
  driver.timer();
  expect(driver.submits('exit')).toHaveLength(1);
});

test('when the first arrived after all the second is refused, and nothing is sent again', () => {
  const { driver, first } = exiting();
  const [second] = driver.submits('exit');
  driver.fill(first, 99_990);
  expect(driver.engine.inspect().open.size).toBe(1);
  driver.reject(second.orderId, -2022);
  expect(driver.submits()).toEqual([]);
  expect(driver.engine.inspect().kernel.portfolio.position('BTCUSDT')?.lots ?? 0).toBe(0);
});

test('exits that are refused again and again come a second apart at last', () => {
  const driver = new EngineDriver();
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  driver.fill(driver.submits('entry')[0], 100_000);
  driver.accept(driver.submits('stop')[0].orderId);
  driver.send({ kind: 'command.received', command: 'flatten', reason: 'test' });
  const pauses: number[] = [];
  for (let i = 0; i < 15; i++) {
    driver.reject(driver.submits('exit')[0].orderId, -2022);
    const refusedMs = driver.nowMs;
    while (driver.submits('exit').length === 0) driver.timer();
    pauses.push(driver.nowMs - refusedMs);
  }
  expect(pauses).toEqual([
    ...Array(8).fill(250),
    ...[500, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000],
  ]);
});
