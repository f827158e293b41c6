import { expect, test } from 'vitest';
import { WireFuzz } from '../testing/wire-fuzz.ts';

test('100,000 broken frames and answers in 50 sessions', () => {
  let mangled = 0;
  for (let seed = 1_000; seed < 1_050; seed++) mangled += new WireFuzz(seed).run(2_000).mangled;
  expect(mangled).toBeGreaterThanOrEqual(100_000);
}, 900_000);
