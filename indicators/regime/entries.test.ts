import { describe, expect, it } from 'vitest';
import {
  expectGuarded,
  expectRestorable,
  expectScaled,
  expectWarmUp,
  outputsOf,
} from '../order-flow/testing/entry-facts.ts';
import { flatBar, randomBars } from '../order-flow/testing/market.ts';
import { ENTRIES } from './entries.ts';

const BARS = randomBars(2500, { seed: 21 });

describe.each(ENTRIES.map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
  it('is silent until warm and finite after', () => expectWarmUp(entry, BARS));
  it('goes on after a restore as if it never stopped', () =>
    expectRestorable(entry, BARS, [0, 1, 15, 40, 300, 1700]));
  it('refuses NaN and older time without harm', () => expectGuarded(entry, BARS.slice(0, 300)));
  it('does not depend on the scale of prices', () => {
    expectScaled(entry, BARS, 1000);
    expectScaled(entry, BARS, 1 / 1000);
  });

  it('gives finite values in a market that never moves and trades nothing', () => {
    const bars = Array.from({ length: 600 }, (_, i) => flatBar(i * 180_000, 100, { volume: 0 }));
    const rows = outputsOf(entry, bars);
    for (const value of rows[599]) expect(Math.abs(value)).toBeLessThanOrEqual(100);
    const directions = rows[599].filter((_, i) => entry.outputs[i].unit === 'direction');
    for (const direction of directions) expect(direction).toBe(0);
  });
});
