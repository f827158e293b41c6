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

/** Loses the last exit; returns the ms until the next one, NaN when none comes in ten seconds. */
function lose(driver: EngineDriver, orderId: string, answerMs = 0): number {
  const sentMs = driver.nowMs;
  driver.send({ kind: 'order.unknown', orderId, reason: 'no answer' }, answerMs);
  while (driver.submits('exit').length === 0) {
    const nextMs = driver.engine.nextTimerMs();
    if (!(nextMs < sentMs + 10_000)) return Number.NaN;
    driver.timer();
  }
  return driver.nowMs - sentMs;
}

test('exits of unknown outcome are followed by others, ten at most, until one of them ends', () => {
  const { driver, first } = exiting();
  let [last] = driver.submits('exit');
  expect(last).toMatchObject({ reduceOnly: true, type: 'market' });
  expect(last.orderId).not.toBe(first.orderId);
  for (const pauseMs of [500, ...Array(7).fill(1_000)]) {
    expect(lose(driver, last.orderId)).toBe(pauseMs);
    [last] = driver.submits('exit');
  }
  expect(lose(driver, last.orderId)).toBeNaN();
  // The first never arrived: now there is room for another one.
  driver.reject(first.orderId, -2013);
  while (driver.submits('exit').length === 0) driver.timer();
  expect(driver.submits('exit')).toHaveLength(1);
});

test('after a silence of 800 ms the next one leaves at once: two lost, and the third in time', () => {
  const { driver, first } = exiting();
  const startMs = driver.nowMs - 250;
  const [second] = driver.submits('exit');
  expect(second.orderId).not.toBe(first.orderId);
  expect(lose(driver, second.orderId, 800)).toBe(800);
  expect(driver.nowMs - startMs).toBeLessThan(2_000);
});

test('the symbol is not free before every exit in doubt has ended', () => {
  const { driver, first } = exiting();
  const [second] = driver.submits('exit');
  driver.send({ kind: 'order.unknown', orderId: second.orderId, reason: 'no answer' });
  driver.timer();
  const [third] = driver.submits('exit');
  driver.fill(third, 99_990);
  for (const record of driver.engine.inspect().kernel.store.openOrders()) {
    const { orderId, role } = record.request;
    if (role !== 'exit') driver.send({ kind: 'order.cancelled', orderId });
  }
  const { kernel, open } = driver.engine.inspect();
  expect(kernel.leases.ownerOf('BTCUSDT')).toBeDefined();
  // The same side again: an exit that arrives now would reduce this package.
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  expect(driver.submits()).toEqual([]);
  driver.reject(first.orderId, -2013);
  expect(open.size).toBe(1);
  driver.reject(second.orderId, -2022);
  expect(open.size).toBe(0);
  expect(kernel.leases.ownerOf('BTCUSDT')).toBeUndefined();
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
