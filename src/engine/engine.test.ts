import { describe, expect, it } from 'vitest';
import { Engine } from './engine.ts';
import { decode, encode } from './journal-codec.ts';
import { EngineDriver, ScriptedStrategy, testPlan, testSpec } from './testing/engine-fixture.ts';

function entered(overrides = {}, plan = {}) {
  const driver = new EngineDriver(overrides);
  driver.strategy.next({ kind: 'enter', plan: testPlan(plan) });
  driver.bar('BTCUSDT', 100_000);
  return driver;
}

/** Fills the entry, acknowledges the stops, and returns the open position's orders. */
function opened(plan = {}) {
  const driver = entered({}, plan);
  const [entry] = driver.submits('entry');
  driver.fill(entry, 100_010);
  const stop = driver.submits('stop')[0];
  const disaster = driver.submits('disaster')[0];
  const targets = driver.submits('target');
  driver.accept(stop.orderId);
  driver.accept(disaster.orderId);
  for (const target of targets) driver.accept(target.orderId);
  return { driver, entry, stop, disaster, targets };
}

describe('entry', () => {
  it('sizes a taker entry on its worst price with costs', () => {
    const driver = entered();
    const [entry] = driver.submits('entry');
    // Worst 100,060: distance 560 + fees 50.03 + 49.75 + slippage 4.975 = 664.755 a BTC.
    expect(entry.lots).toBe(Math.floor((75 / 664.755) * 1000));
    expect(entry).toMatchObject({ timeInForce: 'IOC', priceTicks: 1_000_600, side: 'buy' });
  });

  it('sends the stop and the disaster stop with the first fill', () => {
    const { stop, disaster, entry } = opened();
    expect(stop).toMatchObject({ reduceOnly: true, lots: entry.lots, triggerTicks: 995_000 });
    // Twice the distance of 510 from the entry at 100,010.
    expect(disaster).toMatchObject({ closePosition: true, triggerTicks: 989_900 });
    expect(disaster.triggerSource).toBe('mark');
  });

  it('falls from post-only to IOC after the maker wait', () => {
    const plan = { entry: { ...testPlan().entry, mode: 'touch' as const } };
    const driver = entered({}, plan);
    const [maker] = driver.submits('entry');
    expect(maker.timeInForce).toBe('GTX');
    driver.accept(maker.orderId);
    driver.timer();
    expect(driver.cancels()).toEqual([maker.orderId]);
    driver.cancelled(maker.orderId);
    const [taker] = driver.submits('entry');
    expect(taker).toMatchObject({ timeInForce: 'IOC', priceTicks: 1_000_600 });
  });

  it('recomputes the IOC remainder after a partial maker fill', () => {
    const plan = { entry: { ...testPlan().entry, mode: 'touch' as const } };
    const driver = entered({}, plan);
    const [maker] = driver.submits('entry');
    driver.fill(maker, 100_000, { lots: 60, isMaker: true });
    driver.timer();
    driver.cancelled(maker.orderId);
    const [taker] = driver.submits('entry');
    const budget = 75 - 0.06 * (500 + 50 + 99_500 * (0.0005 + 0.00005));
    expect(taker.lots).toBe(Math.floor((budget / 664.755) * 1000));
  });

  it('prices a refused post-only order anew once, then takes', () => {
    const plan = { entry: { ...testPlan().entry, mode: 'touch' as const } };
    const driver = entered({}, plan);
    const [first] = driver.submits('entry');
    driver.reject(first.orderId, -5022);
    const [second] = driver.submits('entry');
    expect(second.priceTicks).toBe(first.priceTicks - 1);
    driver.reject(second.orderId, -5022);
    expect(driver.submits('entry')[0].timeInForce).toBe('IOC');
  });

  it('ends without a trade when the IOC expires empty', () => {
    const driver = entered();
    driver.send({ kind: 'order.expired', orderId: driver.submits('entry')[0].orderId });
    expect(driver.engine.trades[0]).toMatchObject({ exitReason: 'notFilled', quantity: 0 });
    expect(driver.engine.hasActivity('BTCUSDT')).toBe(false);
  });

  it('refuses a second plan on an owned symbol', () => {
    const { driver } = opened();
    driver.strategy.next({ kind: 'enter', plan: testPlan() });
    driver.bar('BTCUSDT', 100_000);
    expect(driver.submits('entry')).toEqual([]);
    expect(driver.engine.gate.refusals).toEqual({ symbolOwned: 1 });
  });
});

describe('protection', () => {
  it('closes a position whose stop is not acknowledged within two seconds', () => {
    const driver = entered();
    driver.fill(driver.submits('entry')[0], 100_010);
    driver.timer();
    expect(driver.submits('exit')).toHaveLength(1);
    expect(driver.engine.inspect().open.values().next().value?.exitReason).toBe('unprotected');
  });

  it('closes at once when the stop would trigger immediately', () => {
    const driver = entered();
    driver.fill(driver.submits('entry')[0], 100_010);
    driver.reject(driver.submits('stop')[0].orderId, -2021);
    expect(driver.submits('exit')[0]).toMatchObject({ type: 'market', reduceOnly: true });
  });

  it('replaces a stop new before old', () => {
    const { driver, targets, stop } = opened();
    driver.fill(targets[0], 100_520, { isMaker: true });
    const [next] = driver.submits('stop');
    expect(driver.cancels()).not.toContain(stop.orderId);
    driver.accept(next.orderId);
    expect(driver.cancels()).toContain(stop.orderId);
  });
});

describe('ladder and exits', () => {
  it('places 30 / 30 and keeps the rest', () => {
    const { targets, entry } = opened();
    expect(targets.map((target) => target.lots)).toEqual([
      Math.floor(entry.lots * 0.3),
      Math.floor(entry.lots * 0.3),
    ]);
    expect(targets.map((target) => target.priceTicks)).toEqual([1_005_200, 1_007_750]);
  });

  it('moves the stop to break-even plus costs after the first target', () => {
    const { driver, targets } = opened();
    driver.fill(targets[0], 100_520, { isMaker: true });
    const stop = driver.submits('stop')[0];
    driver.accept(stop.orderId);
    const open = driver.engine.inspect().open.values().next().value;
    expect(open?.stopReason).toBe('breakEven');
    expect(open?.legs[0].stopTicks).toBeGreaterThan(1_000_100);
    expect(open?.legs[0].stopTicks).toBeLessThan(1_002_650);
  });

  it('closes everything at the timeout and reports the exact profit', () => {
    const { driver, entry } = opened();
    driver.timer();
    const [exit] = driver.submits('exit');
    driver.fill(exit, 100_100);
    for (const order of driver.engine.inspect().kernel.store.openOrders()) {
      driver.cancelled(order.request.orderId);
    }
    const [record] = driver.engine.trades;
    const quantity = entry.lots / 1000;
    expect(record.exitReason).toBe('timeout');
    expect(record.grossPnl).toBeCloseTo(quantity * 90, 8);
    expect(record.fees).toBeCloseTo(quantity * (100_010 + 100_100) * 0.0005, 6);
    expect(driver.engine.equity()).toBeCloseTo(10_000 + record.netPnl, 8);
    expect(driver.engine.hasActivity('BTCUSDT')).toBe(false);
  });

  it('sends an exit again when it ended short', () => {
    const { driver } = opened();
    driver.timer();
    const [exit] = driver.submits('exit');
    driver.fill(exit, 100_100, { lots: 10 });
    driver.send({ kind: 'order.expired', orderId: exit.orderId });
    driver.timer();
    expect(driver.submits('exit')[0].lots).toBe(exit.lots - 10);
  });
});

describe('hedge', () => {
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

  it('opens the leg from the BTC fill in the same batch, with its own stop later', () => {
    const driver = entered({}, { hedge });
    driver.fill(driver.submits('entry')[0], 100_000);
    const [leg] = driver.submits('legEntry');
    expect(leg).toMatchObject({ symbol: 'ETHUSDT', side: 'sell', timeInForce: 'GTX' });
    driver.fill(leg, 4_000, { isMaker: true });
    expect(driver.submits('stop')[0]).toMatchObject({ symbol: 'ETHUSDT', triggerTicks: 410_000 });
  });

  it('closes BTC when a leg is refused', () => {
    const driver = entered({}, { hedge });
    driver.fill(driver.submits('entry')[0], 100_000);
    driver.reject(driver.submits('legEntry')[0].orderId, -2019);
    expect(driver.submits('exit')[0].symbol).toBe('BTCUSDT');
  });

  it('closes the legs in the batch in which BTC becomes flat', () => {
    const driver = entered({}, { hedge });
    driver.fill(driver.submits('entry')[0], 100_000);
    const stop = driver.submits('stop')[0];
    const leg = driver.submits('legEntry')[0];
    driver.accept(stop.orderId);
    driver.fill(leg, 4_000, { isMaker: true });
    driver.send({ kind: 'stop.triggered', orderId: stop.orderId });
    driver.fill(stop, 99_490);
    expect(driver.submits('exit')).toMatchObject([{ symbol: 'ETHUSDT', side: 'buy' }]);
  });
});

describe('determinism', () => {
  function story(): EngineDriver {
    const { driver, targets } = opened();
    driver.fill(targets[0], 100_520, { isMaker: true });
    driver.accept(driver.submits('stop')[0].orderId);
    driver.bar('BTCUSDT', 100_600, { high: 100_700, low: 100_400 });
    driver.timer();
    return driver;
  }

  it('replays a journal to the same effects', () => {
    const first = story();
    const again = new Engine({ strategies: [first.strategy], rules: [] });
    const text = first.log.map(encode);
    // The scripted strategy's plan is part of the story: give it again before its bar.
    const script = new ScriptedStrategy();
    const engine = new Engine({ strategies: [script], rules: [] });
    for (const line of text) {
      const envelope = decode(line) as Parameters<Engine['handle']>[0];
      if (envelope.seq === 2) script.next({ kind: 'enter', plan: testPlan() });
      engine.handle(envelope);
    }
    expect(engine.effectDigest()).toBe(first.engine.effectDigest());
    expect(again.effectDigest()).not.toBe(first.engine.effectDigest());
  });

  it('goes on from a snapshot at any event as if never stopped', () => {
    const { log, engine: whole } = story();
    for (let cut = 1; cut < log.length; cut++) {
      let script = new ScriptedStrategy();
      let engine = new Engine({ strategies: [script], rules: [] });
      for (const envelope of log) {
        if (envelope.seq === cut + 1) {
          const saved = decode(encode(engine.save()));
          script = new ScriptedStrategy();
          engine = new Engine({ strategies: [script], rules: [] });
          engine.load(saved);
        }
        if (envelope.seq === 2) script.next({ kind: 'enter', plan: testPlan() });
        engine.handle(structuredClone(envelope));
      }
      expect(engine.effectDigest(), `cut after ${cut}`).toBe(whole.effectDigest());
    }
  });
});

describe('what a venue can still do to us', () => {
  it('asks when a cancel is refused, and goes on with the answer', () => {
    const plan = { entry: { ...testPlan().entry, mode: 'touch' as const } };
    const driver = entered({}, plan);
    const [maker] = driver.submits('entry');
    driver.accept(maker.orderId);
    driver.timer();
    const { orderId } = maker;
    driver.send({ kind: 'order.cancelRejected', orderId, code: -2011, reason: 'unknown' }, 1);
    expect(driver.effects).toContainEqual(
      expect.objectContaining({ kind: 'order.query', orderId }),
    );
    driver.cancelled(orderId);
    expect(driver.submits('entry')[0].timeInForce).toBe('IOC');
  });

  it('keeps the filters of a held symbol until it is flat', () => {
    const { driver } = opened();
    const before = driver.engine.equity();
    const spec = { ...testSpec('BTCUSDT'), stepSize: '0.0001', version: 2 };
    driver.send({ kind: 'instrument.changed', spec });
    expect(driver.engine.equity()).toBe(before);
    driver.timer();
    driver.fill(driver.submits('exit')[0], 100_000);
    for (const order of driver.engine.inspect().kernel.store.openOrders()) {
      driver.cancelled(order.request.orderId);
    }
    expect(driver.engine.inspect().kernel.instrument('BTCUSDT').version).toBe(2);
  });

  it('holds what was filled beyond the order, and halts', () => {
    const script = new ScriptedStrategy();
    const engine = new Engine({ strategies: [script], rules: [], isStrict: false });
    const driver = new EngineDriver({ engine, strategy: script });
    driver.strategy.next({ kind: 'enter', plan: testPlan() });
    driver.bar('BTCUSDT', 100_000);
    const [entry] = driver.submits('entry');
    driver.fill(entry, 100_000);
    driver.fill(entry, 100_000, { lots: 5 });
    const { kernel, halts } = engine.inspect();
    expect(kernel.portfolio.position('BTCUSDT')?.lots).toBe(entry.lots + 5);
    expect(halts).toContain('an order is in an unexpected state');
  });
});
