import { describe, expect, test } from 'vitest';
import { runChaos } from './chaos-run.ts';
import { ChaosSummary } from './chaos-summary.ts';
import { FAILED_RUNS } from './failed-runs.ts';

const DAY_MS = 86_400_000;
const SEEDS = Number(process.env.QCM_SEEDS ?? 300);
/** Other seeds each day, the same ones all day. */
const FIRST = Number(process.env.QCM_FIRST_SEED ?? Math.floor(Date.now() / DAY_MS) * 1_000);

test('a run without faults holds hedged positions, and everything holds', () => {
  const result = runChaos({ seed: 1, faults: [] });
  expect(result).toMatchObject({ violations: [], hasHeld: true, hasHedged: true, boots: 2 });
  expect(result.worstNakedMs).toBeLessThan(1_000);
});

test('a seed is the same run every time', () => {
  const first = runChaos({ seed: 20 });
  expect(first.faults.length).toBeGreaterThan(0);
  expect(runChaos({ seed: 20 })).toEqual(first);
});

describe('runs that found a defect once', () => {
  test.each(FAILED_RUNS)('seed $seed: $what', ({ seed, faults, script }) => {
    expect(runChaos({ seed, faults, script }).violations).toEqual([]);
  });
});

test(`${SEEDS} new seeds from ${FIRST}`, { timeout: 600_000 }, () => {
  const summary = new ChaosSummary();
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) summary.add(runChaos({ seed }));
  expect(summary.failed).toEqual([]);
  // Runs that never held a position prove nothing.
  expect(summary.held).toBeGreaterThan(SEEDS * 0.7);
});
