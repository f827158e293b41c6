import { expect, test } from 'vitest';
import { EngineDriver, testPlan } from './testing/engine-fixture.ts';

/** A long of BTC with its stop; the ladder has left, and nothing is known of it. */
function opened() {
  const driver = new EngineDriver();
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  driver.fill(driver.submits('entry')[0], 100_000);
  const [first, second] = driver.submits('target');
  const stops = [...driver.submits('stop'), ...driver.submits('disaster')];
  for (const stop of stops) driver.accept(stop.orderId);
  return { driver, first, second };
}

test('a target that never arrived is sent anew under another id, at most three times', () => {
  const { driver, first, second } = opened();
  driver.accept(second.orderId);
  let lost = first;
  for (let i = 0; i < 3; i++) {
    driver.reject(lost.orderId, -2013);
    const [again] = driver.submits('target');
    expect(again).toMatchObject({ lots: first.lots, priceTicks: first.priceTicks });
    expect(again.orderId).not.toBe(lost.orderId);
    lost = again;
  }
  driver.reject(lost.orderId, -2013);
  expect(driver.submits()).toEqual([]);
});

test('the new one is reached like the first: break-even follows', () => {
  const { driver, first, second } = opened();
  driver.accept(second.orderId);
  driver.reject(first.orderId, -2013);
  const [again] = driver.submits('target');
  driver.accept(again.orderId);
  driver.fill(again, 100_500, { isMaker: true });
  const [trade] = driver.engine.inspect().open.values();
  expect(trade).toMatchObject({ targetsFilled: 1, stopReason: 'breakEven' });
});

test('it is never larger than what the others leave of the position', () => {
  const { driver, first, second } = opened();
  driver.accept(second.orderId);
  const [trade] = driver.engine.inspect().open.values();
  const byHand = { ...first, orderId: 'somebody', lots: trade.legs[0].lots - second.lots - 1 };
  driver.fill(byHand, 100_100);
  driver.reject(first.orderId, -2013);
  expect(driver.submits('target')).toMatchObject([{ lots: 1 }]);
});

test('one that was refused, or taken away by a person, is left alone', () => {
  const { driver, first, second } = opened();
  driver.reject(first.orderId, -2022);
  expect(driver.submits()).toEqual([]);
  driver.accept(second.orderId);
  driver.cancelled(second.orderId);
  expect(driver.submits()).toEqual([]);
});
