import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import type { SessionStarted } from './event.ts';
import { PROTECTION_DEADLINE_MS } from './protection.ts';
import { EngineDriver, ScriptedStrategy, testPlan } from './testing/engine-fixture.ts';

function start(
  session: Partial<SessionStarted> = { mode: 'live' },
  mode: 'touch' | 'taker' = 'touch',
) {
  const strategy = new ScriptedStrategy();
  const engine = new Engine({ strategies: [strategy], rules: [], prePlace: 'auto' });
  const driver = new EngineDriver({ engine, strategy, session });
  enter(driver, mode);
  return driver;
}

function enter(driver: EngineDriver, mode: 'touch' | 'taker' = 'touch'): void {
  driver.send({ kind: 'entries.released', reason: 'not reconciled' });
  const entry = { ...testPlan().entry, mode };
  driver.strategy.next({ kind: 'enter', plan: testPlan({ entry, hedge: undefined }) });
  driver.bar('BTCUSDT', 100_000);
}

function fill(driver: EngineDriver, orderId: string, lots: number): void {
  driver.fill({ orderId, symbol: 'BTCUSDT', side: 'buy', lots }, 100_000, { isMaker: true });
}

describe('a stop before the entry', () => {
  test('goes out first, with the size of the order, and covers the first fill', () => {
    const driver = start();
    const [stop, entry] = driver.submits();
    expect([stop.role, entry.role]).toEqual(['stop', 'entry']);
    expect(stop).toMatchObject({ reduceOnly: true, closePosition: false, lots: entry.lots });
    driver.accept(stop.orderId);
    // Flat and unfilled, it stays.
    expect(driver.cancels()).toEqual([]);
    driver.accept(entry.orderId);
    fill(driver, entry.orderId, 1);
    // No further stop, no deadline: it works already, and may be larger than the fill.
    expect(driver.submits('stop')).toEqual([]);
    fill(driver, entry.orderId, entry.lots - 1);
    expect(driver.submits('stop')).toEqual([]);
    expect(driver.submits('target').length).toBeGreaterThan(0);
  });

  test('a partial entry gets a stop of its size, new before old', () => {
    const driver = start();
    const [stop, entry] = driver.submits();
    driver.accept(stop.orderId);
    driver.accept(entry.orderId);
    fill(driver, entry.orderId, 2);
    driver.timer();
    driver.cancelled(entry.orderId);
    const [taker] = driver.submits('entry');
    driver.send({ kind: 'order.expired', orderId: taker.orderId });
    const [resized] = driver.submits('stop');
    expect(resized.lots).toBe(2);
    expect(driver.cancels()).not.toContain(stop.orderId);
    driver.accept(resized.orderId);
    expect(driver.cancels()).toEqual([stop.orderId]);
  });

  test('goes with an entry that was never filled', () => {
    const driver = start(undefined, 'taker');
    const [stop, entry] = driver.submits();
    driver.accept(stop.orderId);
    driver.send({ kind: 'order.expired', orderId: entry.orderId });
    expect(driver.cancels()).toEqual([stop.orderId]);
    driver.cancelled(stop.orderId);
    expect(driver.engine.inspect().open.size).toBe(0);
  });

  test.each([-2022, -4509])('refused with %i is not tried again, also after a restart', (code) => {
    const driver = start();
    const [stop, entry] = driver.submits();
    driver.reject(stop.orderId, code);
    expect(driver.effects).toContainEqual(
      expect.objectContaining({ kind: 'operator.notify', code: 'PRE_PLACE_REFUSED' }),
    );
    driver.accept(entry.orderId);
    fill(driver, entry.orderId, entry.lots);
    expect(driver.submits('stop')).toHaveLength(1);
    const strategy = new ScriptedStrategy();
    const again = new Engine({ strategies: [strategy], rules: [], prePlace: 'auto' });
    again.load(JSON.parse(JSON.stringify(driver.engine.save())));
    expect(again.inspect().kernel.prePlaceIsRefused).toBe(true);
  });

  test('a refusal that comes after the first fill sends the stop anew and closes nothing', () => {
    const driver = start();
    const [stop, entry] = driver.submits();
    driver.accept(entry.orderId);
    fill(driver, entry.orderId, entry.lots);
    // Unanswered: the deadline of two seconds runs.
    expect(driver.submits('stop')).toEqual([]);
    driver.reject(stop.orderId, -2022);
    expect(driver.submits('exit')).toEqual([]);
    expect(driver.submits('stop')).toMatchObject([{ lots: entry.lots }]);
  });

  test('unanswered until its deadline after the first fill, the position is closed', () => {
    const driver = start(undefined, 'taker');
    const [, entry] = driver.submits();
    fill(driver, entry.orderId, entry.lots);
    const filledMs = driver.nowMs;
    while (driver.submits('exit').length === 0) driver.timer();
    expect(driver.nowMs - filledMs).toBe(PROTECTION_DEADLINE_MS);
  });

  test('that would fire at once closes what is filled', () => {
    const driver = start(undefined, 'taker');
    const [stop, entry] = driver.submits();
    fill(driver, entry.orderId, entry.lots);
    driver.reject(stop.orderId, -2021);
    expect(driver.submits('exit')).toHaveLength(1);
  });

  test('simulated venues and "off" are not asked', () => {
    expect(start({ mode: 'paper' }).submits('stop')).toEqual([]);
    expect(start({ mode: 'backtest' }).submits('stop')).toEqual([]);
    const strategy = new ScriptedStrategy();
    const engine = new Engine({ strategies: [strategy], rules: [] });
    const driver = new EngineDriver({ engine, strategy, session: { mode: 'live' } });
    enter(driver);
    expect(driver.submits('stop')).toEqual([]);
  });
});
