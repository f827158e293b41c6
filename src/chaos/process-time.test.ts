import { expect, test } from 'vitest';
import { VirtualTime } from '../live/virtual-time.ts';
import { ProcessTime } from './process-time.ts';

function machine() {
  const time = new VirtualTime(1_000_000);
  const process = new ProcessTime(time, { offsetMs: 0, suspendedMs: 0 });
  const steps: number[] = [];
  process.onStep = (ms) => steps.push(ms);
  return { time, process, steps };
}

test('what is due while the process sleeps happens when it wakes, unless it was cancelled', () => {
  const { time, process } = machine();
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name} ${time.nowMs() - 1_000_000}`);
  process.wake(1_000_100, note('late'));
  process.wake(1_000_200, note('cancelled')).cancel();
  process.sleep(500, { isSuspended: false });
  time.runTo(1_000_400);
  expect(fired).toEqual([]);
  time.runTo(1_001_000);
  expect(fired).toEqual(['late 500']);
});

test('a suspended machine finds its wall clock ahead, a blocked loop only itself late', () => {
  const suspended = machine();
  suspended.process.sleep(30_000, { isSuspended: true });
  suspended.time.runTo(1_000_000 + 31_000);
  expect(suspended.steps).toEqual([30_000]);
  const stalled = machine();
  stalled.process.sleep(3_000, { isSuspended: false });
  stalled.time.runTo(1_000_000 + 4_000);
  expect(stalled.steps).toEqual([3_000]);
});

test('a step forward brings what is due at once, a step back never turns time round', () => {
  const { time, process, steps } = machine();
  let firedMs = 0;
  process.wake(1_005_000, () => {
    firedMs = time.nowMs();
  });
  process.step(10_000);
  time.runTo(1_000_300);
  expect(firedMs).toBeLessThan(1_000_300);
  expect(steps).toEqual([10_000]);
  const before = process.nowMs();
  process.step(-5_000);
  time.runTo(1_001_000);
  expect(process.nowMs()).toBeGreaterThanOrEqual(before);
});

test('nothing reaches a dead process', () => {
  const { time, process } = machine();
  let calls = 0;
  process.wake(1_000_100, () => calls++);
  process.isDead = true;
  process.run(() => calls++);
  time.runTo(1_001_000);
  expect(calls).toBe(0);
});
