import { expect, test } from 'vitest';
import type { OperatorCommand } from './event.ts';
import { EngineDriver, testPlan } from './testing/engine-fixture.ts';

function driverAfterLoss(): EngineDriver {
  const driver = new EngineDriver();
  driver.send({ kind: 'account.reported', cashUnits: 9_000e8, transferUnits: 0 });
  return driver;
}

function command(driver: EngineDriver, name: OperatorCommand) {
  return driver.send({ kind: 'command.received', command: name, reason: 'test' });
}

test('a pause stops entries, a resume allows them, and the peak stays what it was', () => {
  const driver = driverAfterLoss();
  command(driver, 'pause');
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  expect(driver.submits()).toEqual([]);
  expect(driver.engine.inspect().halts).toEqual(['operator']);
  command(driver, 'resume');
  expect(driver.engine.riskView().equityPeak).toBe(10_000);
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  expect(driver.submits('entry')).toHaveLength(1);
});

test('only an accepted drawdown starts the peaks anew, and it lifts no pause', () => {
  const driver = driverAfterLoss();
  command(driver, 'pause');
  command(driver, 'acceptDrawdown');
  const view = driver.engine.riskView();
  expect([view.equityPeak, view.equityPeak20d]).toEqual([9_000, 9_000]);
  expect(driver.engine.inspect().halts).toEqual(['operator']);
});

test('flatten stops entries before it closes what is open', () => {
  const driver = new EngineDriver();
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  const [entry] = driver.submits('entry');
  driver.fill(entry, 100_000);
  command(driver, 'flatten');
  expect(driver.submits('exit')[0]).toMatchObject({ side: 'sell', reduceOnly: true });
  driver.strategy.next({ kind: 'enter', plan: testPlan() });
  driver.bar('BTCUSDT', 100_000);
  expect(driver.submits('entry')).toEqual([]);
});
