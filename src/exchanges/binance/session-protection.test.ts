import { describe, expect, test } from 'vitest';
import { testPlan } from '../../engine/testing/engine-fixture.ts';
import { SessionRig } from '../testing/session-rig.ts';

const symbol = 'BTCUSDT';
const hedge = {
  ...{ makerWaitMs: 300, onFail: 'exitBtc' as const },
  legs: [
    {
      ...{ symbol: 'ETHUSDT', direction: -1 as const, notionalRatio: 0.5, beta: 1.1 },
      ...{ correlation: 0.8, stopPrice: 4_100, price: 4_000 },
    },
  ],
};
const maker = { entry: { ...testPlan().entry, mode: 'makerOnly' as const, restMs: 60_000 } };

const algos = (rig: SessionRig) =>
  [...rig.venue.venue.algos.open].filter(({ closePosition }) => !closePosition);
const params = (rig: SessionRig, path: string) =>
  rig.venue.written.filter(({ route }) => route.endsWith(path)).map((each) => each.params);

/** Milliseconds from the first fill of BTCUSDT to the moment its stop rested at the venue. */
function nakedMs(rig: SessionRig): number {
  const { orders, algos: all } = rig.venue.venue;
  const filledMs = orders.trades[0].time;
  const stop = [...all.algos.values()].find(({ closePosition }) => !closePosition);
  return (stop?.createTime ?? Number.POSITIVE_INFINITY) - filledMs;
}

describe('protection of a whole session at the venue', () => {
  test('the entry runs under a timer of 5 s, which ends before the ladder goes out', () => {
    const rig = new SessionRig();
    const from = rig.written().length;
    rig.enter();
    rig.runFor(1_000);
    const calls = rig.written().slice(from);
    const timers = params(rig, 'countdownCancelAll').map((each) => each.get('countdownTime'));
    expect([timers[0], timers.at(-1)]).toEqual(['5000', '0']);
    const armed = calls.indexOf('POST countdownCancelAll');
    const disarmed = calls.lastIndexOf('POST countdownCancelAll');
    expect(armed).toBeLessThan(calls.indexOf('POST order'));
    const targets = params(rig, 'POST /fapi/v1/order');
    expect(targets.length).toBeGreaterThanOrEqual(3);
    expect(disarmed).toBeLessThan(calls.lastIndexOf('POST order'));
    // Whether the timer takes stops is not known: they are looked at after it.
    expect(calls.slice(disarmed)).toContain('GET openAlgoOrders');
    expect(nakedMs(rig)).toBeLessThanOrEqual(2_000);
  });

  test('a stop that the timer took all the same is placed anew within two seconds', () => {
    const rig = new SessionRig({ settings: { countdownTakesAlgoOrders: true } });
    rig.enter();
    rig.runFor(1_000);
    const [stop] = algos(rig);
    rig.venue.venue.countdown(symbol, 1);
    rig.runFor(500);
    const [again, ...others] = algos(rig);
    expect(others).toEqual([]);
    expect([again.id === stop.id, again.triggerPrice]).toEqual([false, stop.triggerPrice]);
    expect(Math.round(again.quantity * 1e3)).toBe(Math.round(rig.position * 1e3));
    // Taken a second time at once: somebody does not want it there, so the position goes.
    rig.venue.venue.countdown(symbol, 1);
    rig.runFor(2_000);
    expect(rig.position).toBe(0);
  });

  test.each([
    ['accept', 0],
    ['refuse', 2_000],
  ] as const)('stop.prePlace at a venue that would %s it', (stopBeforeEntry, latestMs) => {
    const rig = new SessionRig({ prePlace: 'auto', settings: { stopBeforeEntry } });
    rig.enter();
    rig.runFor(3_000);
    expect(rig.position).toBeGreaterThan(0);
    expect(algos(rig)).toHaveLength(1);
    expect(Math.round(algos(rig)[0].quantity * 1e3)).toBe(Math.round(rig.position * 1e3));
    expect(nakedMs(rig)).toBeLessThanOrEqual(latestMs);
    const isRefused = rig.session.core.engine.inspect().kernel.prePlaceIsRefused;
    expect(isRefused).toBe(stopBeforeEntry === 'refuse');
    expect(rig.notices.join().includes('PRE_PLACE_REFUSED')).toBe(isRefused);
  });

  test('a stop before an entry that nobody fills goes with it', () => {
    const rig = new SessionRig({ prePlace: 'auto' });
    rig.enter(maker);
    rig.runFor(500);
    const before = algos(rig).length;
    rig.runFor(120_000);
    expect(before).toBe(1);
    expect(rig.position).toBe(0);
    expect(algos(rig)).toEqual([]);
    expect([...rig.venue.venue.orders.open]).toEqual([]);
    expect(rig.session.core.engine.inspect().open.size).toBe(0);
  });

  test('a late stop on a flat symbol is cancelled when it appears', () => {
    // The stop needs six seconds to arrive: longer than the position lives.
    const requestMs = ({ path }: { path: string }) => (path.endsWith('algoOrder') ? 6_000 : 20);
    const rig = new SessionRig({ latency: { requestMs } });
    rig.enter();
    rig.runFor(4_000);
    // Nothing acknowledged within two seconds: closed at market.
    expect(rig.position).toBe(0);
    rig.runFor(40_000);
    expect(algos(rig)).toEqual([]);
    expect(rig.session.core.engine.inspect().open.size).toBe(0);
    expect(rig.notices.join()).toContain('UNPROTECTED');
  });

  test.each(['autoclose-', 'adl_autoclose'])('%s of BTC closes the hedge at once', (prefix) => {
    const rig = new SessionRig();
    rig.enter({ hedge });
    rig.runFor(3_000);
    const { account } = rig.venue.venue;
    expect(account.position('ETHUSDT', 'BOTH').amount).toBeLessThan(0);
    rig.venue.venue.liquidate(account.position(symbol, 'BOTH'), prefix, 99_900);
    rig.runFor(2_000);
    expect(account.position('ETHUSDT', 'BOTH').amount).toBe(0);
    rig.runFor(5_000);
    expect([...rig.venue.venue.orders.open]).toEqual([]);
    expect([...rig.venue.venue.algos.open]).toEqual([]);
  });

  test('half of the position sold by hand: stop and ladder follow at once', () => {
    const rig = new SessionRig();
    rig.enter();
    rig.runFor(2_000);
    const half = Math.floor((rig.position / 2) * 1e3) / 1e3;
    const { orders } = rig.venue.venue;
    orders.place({
      ...{ symbol, side: 'SELL', positionSide: 'BOTH', type: 'MARKET', timeInForce: 'GTC' },
      ...{ price: 0, quantity: half, reduceOnly: true, reduceOnlySent: true },
      ...{ clientId: 'web_by_hand', priceMatch: 'NONE', stp: 'NONE', goodTillDate: 0 },
    });
    rig.runFor(1_500);
    expect(Math.round(algos(rig)[0].quantity * 1e3)).toBe(Math.round(rig.position * 1e3));
    const ladder = [...orders.open].reduce((sum, order) => sum + order.quantity - order.filled, 0);
    expect(ladder).toBeLessThanOrEqual(rig.position + 1e-9);
  });
});
