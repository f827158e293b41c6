import { describe, expect, test } from 'vitest';
import { confluenceLower, confluenceMeter, confluenceUpper } from './confluence.ts';
import { Divergences } from './divergences.ts';
import { Hyperwave } from './hyperwave.ts';
import { MoneyFlow } from './money-flow.ts';
import { Reversals } from './reversals.ts';

/** Parts in a state set by hand, as they would be at the end of one bar. */
function parts() {
  const wave = Object.assign(new Hyperwave(), { hw: 25, hwSignal: 22, difference: 3 });
  Object.assign(wave, { hwUp: 1, hwDown: 0, hwOversoldUp: 0, hwOverboughtDown: 0, barsBelow: 5 });
  const flow = Object.assign(new MoneyFlow(), { mf: 45, bullOverflow: 0, bearOverflow: 0 });
  return { wave, flow, divergences: new Divergences() };
}

/** Grades of up and down. */
function judge(reversals: Reversals, of: ReturnType<typeof parts>): number[] {
  const { wave, flow, divergences } = of;
  return [reversals.up(wave, flow, divergences), reversals.down(wave, flow, divergences)];
}

describe('reversal up', () => {
  test('needs the cross, hw under 30 and `factor` bars below the signal', () => {
    expect(judge(new Reversals(), parts())).toEqual([1, 0]);
    for (const change of [{ hwUp: 0 }, { hw: 30 }, { barsBelow: 4 }]) {
      const one = parts();
      Object.assign(one.wave, change);
      expect(judge(new Reversals(), one)).toEqual([0, 0]);
    }
    const few = parts();
    few.wave.barsBelow = 3;
    expect(judge(new Reversals({ factor: 3 }), few)).toEqual([1, 0]);
  });

  test('is major with a bearish overflow or a bullish divergence up to 10 bars ago', () => {
    for (const [bars, major] of [
      [0, 1],
      [10, 1],
      [11, 0],
    ]) {
      const late = parts();
      late.flow.barsSinceBearOverflow = bars;
      expect(judge(new Reversals(), late)).toEqual([1 + major, 0]);
      const diverged = parts();
      diverged.divergences.barsSinceBull = bars;
      expect(judge(new Reversals(), diverged)).toEqual([1 + major, 0]);
    }
    const wrongSide = parts();
    wrongSide.flow.barsSinceBullOverflow = 0;
    wrongSide.divergences.barsSinceBear = 0;
    expect(judge(new Reversals(), wrongSide)).toEqual([1, 0]);
  });
});

test('reversal down mirrors it', () => {
  const one = parts();
  Object.assign(one.wave, { hw: 81, hwUp: 0, hwOverboughtDown: 1, barsAbove: 5, barsBelow: 0 });
  one.flow.barsSinceBullOverflow = 4;
  expect(judge(new Reversals(), one)).toEqual([0, 2]);
});

test('nothing is said while a part is cold', () => {
  const cold = parts();
  cold.flow.mf = Number.NaN;
  expect(judge(new Reversals(), cold).every(Number.isNaN)).toBe(true);
  expect(() => new Reversals({ factor: 11 })).toThrow(RangeError);
});

describe('confluence', () => {
  function meter(change: (of: ReturnType<typeof parts>) => void): number[] {
    const of = parts();
    change(of);
    const { wave, flow, divergences } = of;
    const zones = [confluenceUpper(wave, flow), confluenceLower(wave, flow)];
    return [...zones, confluenceMeter(wave, flow, divergences)];
  }

  test('zones count what is above and below 50, the meter adds five signs of ten points', () => {
    // hw 25 above its signal, flow 45: 50 + 10 - 10 - 10.
    expect(meter(() => {})).toEqual([0, 2, 40]);
    expect(meter(({ flow }) => Object.assign(flow, { mf: 50 }))).toEqual([0, 1, 50]);
    expect(meter(({ flow }) => Object.assign(flow, { bearOverflow: 1 }))).toEqual([0, 2, 50]);
    expect(meter(({ divergences }) => Object.assign(divergences, { barsSinceBull: 10 }))).toEqual([
      0, 2, 50,
    ]);
    expect(meter(({ divergences }) => Object.assign(divergences, { barsSinceBull: 11 }))).toEqual([
      0, 2, 40,
    ]);
  });

  test('all signs on one side are 100', () => {
    const all = meter(({ wave, flow, divergences }) => {
      Object.assign(wave, { hw: 60 });
      Object.assign(flow, { mf: 60, bearOverflow: 1 });
      Object.assign(divergences, { barsSinceBull: 0 });
    });
    expect(all).toEqual([2, 0, 100]);
  });
});
