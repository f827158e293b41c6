import { expect, test } from 'vitest';
import { runChaos } from './chaos-run.ts';

test('a calm run holds hedged positions, and everything holds', () => {
  const result = runChaos({ seed: 1, faults: [] });
  expect(result).toMatchObject({ violations: [], hasHeld: true, hasHedged: true, boots: 2 });
  expect(result.worstNakedMs).toBeLessThan(1_000);
});

test('a seed is the same run every time', () => {
  const [first, second] = [runChaos({ seed: 20 }), runChaos({ seed: 20 })];
  expect(second).toEqual(first);
});
