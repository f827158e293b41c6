import { expect, test } from 'vitest';
import { generator } from '../oscillator-matrix/testing/walk-bars.ts';
import { RatioRank } from './ratio-rank.ts';

test.each([
  ['spread', (r: () => number) => r()],
  ['crowded near zero', (r: () => number) => r() * r() * r() * r()],
  ['a few values with many ties', (r: () => number) => Math.floor(r() * 5) / 4],
  ['all in one bin', (r: () => number) => 0.5 + r() / 1000],
])('%s: equals counting', (_, draw) => {
  const random = generator(5);
  const rank = new RatioRank(50);
  const seen: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const x = draw(random);
    rank.update(x);
    const before = seen.slice(-50);
    seen.push(x);
    if (before.length < 50) {
      expect(rank.value).toBeNaN();
      continue;
    }
    const atMost = before.filter((v) => Math.round(v * 1e9) <= Math.round(x * 1e9)).length;
    expect(rank.value).toBe((100 * atMost) / 50);
  }
});

test('a NaN is ignored, lengths outside 1..32767 are refused', () => {
  const rank = new RatioRank(2);
  for (const x of [0.1, Number.NaN, 0.3, Number.NaN, 0.2]) rank.update(x);
  expect(rank.value).toBe(50);
  for (const length of [0, 1.5, 40_000]) expect(() => new RatioRank(length)).toThrow(RangeError);
});
