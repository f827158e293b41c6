import { expect, test } from 'vitest';
import { testPlan } from '../engine/testing/engine-fixture.ts';
import { CoreRig } from './testing/core-rig.ts';

const PLAN = testPlan();
const MAKER = {
  kind: 'enter',
  plan: { ...PLAN, entry: { ...PLAN.entry, mode: 'pullback' } },
} as const;

test('a resting entry keeps the venue’s timer running, and its end stops it', () => {
  const rig = new CoreRig();
  rig.strategy.next(MAKER);
  rig.bar(100_000);
  const [entry] = rig.submitted;
  rig.venue({ kind: 'order.accepted', orderId: entry.orderId, venueId: 'v1' });
  expect(rig.deadMan).toEqual(['arm BTCUSDT 5000']);
  rig.time.runTo(rig.time.nowMs() + 4_500);
  expect(rig.deadMan).toEqual(Array(3).fill('arm BTCUSDT 5000'));
  rig.venue({ kind: 'order.cancelled', orderId: entry.orderId });
  expect(rig.deadMan.at(-1)).toBe('disarm BTCUSDT');
  expect(rig.disarmed).toBe(1);
  rig.time.runTo(rig.time.nowMs() + 60_000);
  expect(rig.deadMan.length).toBe(4);
});

test('it is stopped before the ladder goes out, once', () => {
  const rig = new CoreRig();
  rig.strategy.next({ kind: 'enter', plan: PLAN });
  rig.bar(100_000);
  rig.venue(rig.fillOf(rig.submitted[0], 'f1', 100_000));
  const first = rig.contacts.findIndex((line) => line.endsWith('t'));
  expect(first).toBeGreaterThan(0);
  expect(rig.contacts[first - 1]).toBe('disarm BTCUSDT');
  expect(rig.deadMan).toEqual(['arm BTCUSDT 5000', 'disarm BTCUSDT']);
});

test('a process that stops lets the timer run: what rests as an entry goes', () => {
  const rig = new CoreRig();
  rig.strategy.next(MAKER);
  rig.bar(100_000);
  rig.core.stop();
  rig.time.runTo(rig.time.nowMs() + 60_000);
  expect(rig.deadMan).toEqual(['arm BTCUSDT 5000']);
});

test('a start ends the timers of the process before, and keeps that of an entry that rests', () => {
  const rig = new CoreRig();
  rig.strategy.next({ kind: 'enter', plan: testPlan({ hedge: undefined }) });
  rig.bar(100_000);
  rig.contacts.length = 0;
  rig.deadMan.length = 0;
  rig.core.takeOverTimers(['BTCUSDT', 'ETHUSDT']);
  expect(rig.deadMan).toEqual(['arm BTCUSDT 5000', 'disarm ETHUSDT']);
  rig.time.runTo(rig.time.nowMs() + 2_000);
  expect(rig.deadMan.at(-1)).toBe('arm BTCUSDT 5000');
});
