import { expect, test } from 'vitest';
import type { RunOptions, RunResult } from './chaos-run.ts';
import type { Fault } from './fault.ts';
import { shrink } from './shrink.ts';

const fault = (kind: string, lengthMs = 0): Fault => ({ kind, atMs: 0, lengthMs, dice: 0 });

/** A run that fails as long as both of these are there, one of them for long enough. */
function failing({ seed, faults = ALL }: RunOptions): RunResult {
  const has = (kind: string, leastMs: number) =>
    faults.some((each) => each.kind === kind && each.lengthMs >= leastMs);
  const violations = has('crash', 0) && has('rest-down', 3_000) ? ['broken'] : [];
  return { seed, faults, violations } as RunResult;
}

const ALL = [fault('stall'), fault('crash'), fault('frame-lost'), fault('rest-down', 40_000)];

test('faults that a failure does not need are dropped, the others cut short', () => {
  const smallest = shrink({ seed: 1 }, failing);
  expect(smallest?.faults).toEqual([fault('crash'), fault('rest-down', 5_000)]);
  expect(smallest?.violations).toEqual(['broken']);
});

test('a run that holds has nothing to shrink', () => {
  expect(shrink({ seed: 1, faults: [fault('crash')] }, failing)).toBeUndefined();
});
