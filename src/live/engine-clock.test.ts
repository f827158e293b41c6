import { describe, expect, test } from 'vitest';
import { EngineClock } from './engine-clock.ts';

class FakeClocks {
  monotonic = 1_000;
  wall = 1_700_000_000_000;

  monotonicMs = (): number => this.monotonic;
  wallMs = (): number => this.wall;

  pass(ms: number, wallMs = ms): void {
    this.monotonic += ms;
    this.wall += wallMs;
  }
}

describe('engine time', () => {
  test('follows the monotonic clock from the wall clock at the start', () => {
    const clocks = new FakeClocks();
    const clock = new EngineClock(clocks);
    const start = clock.nowMs();
    expect(start).toBe(clocks.wall);
    clocks.pass(1_234);
    expect(clock.nowMs()).toBe(start + 1_234);
  });

  test('a small difference is slewed at 500 ppm, not jumped', () => {
    const clocks = new FakeClocks();
    const clock = new EngineClock(clocks);
    clocks.pass(1_000, 1_200);
    expect(clock.sync()).toBe(0);
    const from = clock.nowMs();
    clocks.pass(10_000);
    // 500 ppm of 10 s are 5 ms.
    expect(clock.nowMs() - from).toBe(10_005);
    clocks.pass(1_000_000);
    expect(clock.nowMs()).toBe(clocks.wall);
  });

  test('a small difference the other way is slewed as slowly', () => {
    const clocks = new FakeClocks();
    const clock = new EngineClock(clocks);
    clocks.pass(1_000, 800);
    expect(clock.sync()).toBe(0);
    const from = clock.nowMs();
    clocks.pass(10_000);
    expect(clock.nowMs() - from).toBe(9_995);
  });

  test('a suspended machine is a step forward, told and made at once', () => {
    const clocks = new FakeClocks();
    const clock = new EngineClock(clocks);
    clocks.pass(10, 30_010);
    expect(clock.sync()).toBe(30_000);
    expect(clock.nowMs()).toBe(clocks.wall);
    expect(clock.sync()).toBe(0);
  });

  test('a step back is told until it is waited out, and time never falls', () => {
    const clocks = new FakeClocks();
    const clock = new EngineClock(clocks);
    let last = clock.nowMs();
    clocks.pass(0, -2_000);
    let steps = 0;
    for (let i = 0; i < 40; i++) {
      if (clock.sync() !== 0) steps++;
      clocks.pass(250);
      const now = clock.nowMs();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    // At half the pace 2 s take 4 s; the last 250 ms of them are no step any more.
    expect(steps).toBe(14);
    expect(Math.abs(clock.nowMs() - clocks.wall)).toBeLessThanOrEqual(250);
  });
});
