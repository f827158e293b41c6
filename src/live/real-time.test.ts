import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MACHINE_CLOCK, RealTime } from './real-time.ts';

test('wakes when engine time has come, and not when it was cancelled', async () => {
  const time = new RealTime();
  const woken: string[] = [];
  const from = time.nowMs();
  time.wake(from + 30, () => woken.push(`after ${time.nowMs() >= from + 30}`));
  time.wake(from + 10, () => woken.push('cancelled')).cancel();
  time.wake(from - 1_000, () => woken.push('at once'));
  expect(woken).toEqual([]);
  await sleep(80);
  expect(woken).toEqual(['at once', 'after true']);
});

test('a suspended machine is told as a step, and what is due since then wakes', async () => {
  let jumpMs = 0;
  const time = new RealTime({
    monotonicMs: MACHINE_CLOCK.monotonicMs,
    wallMs: () => MACHINE_CLOCK.wallMs() + jumpMs,
  });
  const steps: number[] = [];
  const watch = time.watch((stepMs) => steps.push(stepMs));
  let isWoken = false;
  const from = time.nowMs();
  time.wake(from + 20_000, () => {
    isWoken = true;
  });
  jumpMs = 30_000;
  await sleep(600);
  watch.cancel();
  expect(steps.length).toBe(1);
  expect(Math.abs(steps[0] - 30_000)).toBeLessThan(100);
  expect(isWoken).toBe(true);
  expect(time.nowMs()).toBeGreaterThanOrEqual(from + 30_000);
});

test('a process that stood still is told', async () => {
  let lostMs = 0;
  const time = new RealTime({
    monotonicMs: () => MACHINE_CLOCK.monotonicMs() + lostMs,
    wallMs: () => MACHINE_CLOCK.wallMs() + lostMs,
  });
  const steps: number[] = [];
  const watch = time.watch((stepMs) => steps.push(stepMs));
  // Both clocks went on while no beat came.
  lostMs = 3_000;
  await sleep(600);
  watch.cancel();
  expect(steps.length).toBe(1);
  expect(Math.abs(steps[0] - 3_000)).toBeLessThan(400);
});
