import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MACHINE_CLOCK, RealTime } from './real-time.ts';
import { scaledClock } from './scaled-clock.ts';

test('wakes when engine time has come, and not when it was cancelled', async () => {
  const time = new RealTime();
  const woken: string[] = [];
  const from = time.nowMs();
  time.wake(from + 30, () => woken.push(`after ${time.nowMs() >= from + 30}`));
  time.wake(from + 10, () => woken.push('cancelled')).cancel();
  time.wake(from - 1_000, () => woken.push('at once'));
  expect(woken).toEqual([]);
  for (let i = 0; i < 100 && woken.length < 2; i++) await sleep(20);
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
  for (let i = 0; i < 100 && !isWoken; i++) await sleep(50);
  watch.cancel();
  // A busy machine may add stalls of its own.
  expect(steps.filter((step) => Math.abs(step - 30_000) < 250).length).toBe(1);
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
  for (let i = 0; i < 100 && steps.length === 0; i++) await sleep(50);
  watch.cancel();
  expect(steps[0]).toBeGreaterThanOrEqual(2_700);
});

test('in a rehearsal both clock and timers run faster, by the same scale', async () => {
  const scale = 100;
  const wallMs = Date.now();
  const time = new RealTime(scaledClock({ scale, wallMs, venueMs: 5_000_000 }), scale);
  const began = { machine: performance.now(), engine: time.nowMs() };
  await new Promise<void>((resolve) => time.wake(began.engine + 10_000, resolve));
  const machineMs = performance.now() - began.machine;
  expect(time.nowMs() - began.engine).toBeGreaterThanOrEqual(10_000);
  expect(machineMs).toBeGreaterThanOrEqual(95);
  expect((time.nowMs() - began.engine) / machineMs).toBeGreaterThan(scale * 0.8);
  expect(time.nowMs()).toBeGreaterThanOrEqual(5_000_000);
});
