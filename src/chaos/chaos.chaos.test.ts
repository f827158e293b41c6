import { expect, test } from 'vitest';
import { runChaos } from './chaos-run.ts';

test('a calm run holds hedged positions, and everything holds', async () => {
  const result = await runChaos({ seed: 1, faults: [] });
  expect(result).toMatchObject({ violations: [], hasHeld: true, hasHedged: true, boots: 2 });
  expect(result.worstNakedMs).toBeLessThan(1_000);
});

test('a seed is the same run every time', async () => {
  const [first, second] = [await runChaos({ seed: 20 }), await runChaos({ seed: 20 })];
  expect(second).toEqual(first);
});
