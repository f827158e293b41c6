import { expect, test } from 'vitest';
import { WireFuzz } from '../testing/wire-fuzz.ts';

/** 100,000 of them run in the chaos suite. */
test('broken frames and answers: no crash, no fact that is not so, every oddity counted', () => {
  const total = { mangled: 0, unsupported: 0, fills: 0, pictures: 0, picturesRefused: 0 };
  for (let seed = 1; seed <= 3; seed++) {
    const counts = new WireFuzz(seed).run(2_000);
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name];
  }
  expect(total.mangled).toBeGreaterThanOrEqual(6_000);
  expect(total.unsupported).toBeGreaterThan(1_000);
  expect(total.fills).toBeGreaterThan(1_000);
  expect(total.pictures).toBeGreaterThan(50);
  expect(total.picturesRefused).toBeGreaterThan(50);
});
