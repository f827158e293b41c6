import { describe, expect, it } from 'vitest';
import { ENTRIES } from './entries.ts';
import {
  expectGuarded,
  expectRestorable,
  expectScaled,
  expectWarmUp,
  outputsOf,
} from './testing/entry-facts.ts';
import { flatBar, randomBars } from './testing/market.ts';

const BARS = randomBars(2500, { seed: 7 });

describe.each(ENTRIES.map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
  it('is silent until warm and finite after', () => expectWarmUp(entry, BARS));
  it('goes on after a restore as if it never stopped', () =>
    expectRestorable(entry, BARS, [0, 1, 19, 21, 300, 1700]));
  it('refuses NaN and older time without harm', () => expectGuarded(entry, BARS.slice(0, 300)));
  it('follows the scale of prices', () => {
    expectScaled(entry, BARS, 1000);
    expectScaled(entry, BARS, 1 / 1000);
  });

  it('survives flat prices and zero volume', () => {
    const flat = Array.from({ length: 600 }, (_, i) => flatBar(i * 180_000, 100));
    const dead = flat.map((bar) => ({ ...bar, volume: 0, takerBuyVolume: 0 }));
    const after = randomBars(600).map((bar, i) => ({ ...bar, openTime: (600 + i) * 180_000 }));
    for (const start of [flat, dead]) {
      const rows = outputsOf(entry, [...start, ...after]);
      for (const row of rows) {
        for (const value of row) expect(Math.abs(value)).not.toBe(Number.POSITIVE_INFINITY);
      }
      for (const value of rows[rows.length - 1]) expect(value).not.toBeNaN();
    }
  });

  it('says nothing it cannot know where taker volume is missing', () => {
    const isFlow = /cvd|flow|absorption|aggression/.test(entry.name);
    const bars = BARS.slice(0, 700).map((bar, i) => (i === 600 ? unknownFlow(bar) : bar));
    const row = outputsOf(entry, bars)[600];
    const values = row.filter((_, column) => entry.outputs[column].unit === 'ratio');
    if (isFlow) for (const value of values) expect(value).toBeNaN();
    else for (const value of row) expect(value).not.toBeNaN();
  });
});

const unknownFlow = (bar: (typeof BARS)[0]) => ({ ...bar, takerBuyVolume: Number.NaN });
