import { describe, expect, test } from 'vitest';
import type { Bar } from '../indicator.ts';
import { type DivergenceMode, Divergences } from './divergences.ts';
import { Hyperwave } from './hyperwave.ts';
import { bar, walkBars } from './testing/walk-bars.ts';

interface Told {
  bull: number[];
  bear: number[];
}

/** Feeds 200 calm bars, then the values; indexes of events count from the first of those. */
function run(mode: DivergenceMode, values: readonly number[], prices: readonly number[]): Told {
  const divergences = new Divergences({ sensitivity: 30, mode });
  const told: Told = { bull: [], bear: [] };
  for (let i = 0; i < 200; i++) divergences.update({ hw: 50 }, bar({ index: i, close: 100 }));
  values.forEach((hw, i) => {
    divergences.update({ hw }, bar({ index: 200 + i, close: prices[i] }));
    if (divergences.bullDivergence === 1) told.bull.push(i);
    if (divergences.bearDivergence === 1) told.bear.push(i);
  });
  return told;
}

const upsideDown = (values: readonly number[], axis: number) => values.map((v) => axis - v);

describe('span 2: lows of 20 at index 2 and of 25 at index 7', () => {
  const values = [40, 30, 20, 30, 40, 41, 33, 25, 34, 43, 44, 45];
  const lower = [100, 99, 95, 98, 99, 99, 97, 94, 96, 99, 100, 101];
  const equal = lower.map((price, i) => (i === 7 ? 95 : price));

  test('a lower price with a higher value is told two bars after the pivot', () => {
    expect(run('confirmed', values, lower)).toEqual({ bull: [9], bear: [] });
  });

  test('an equal price is none', () => {
    expect(run('confirmed', values, equal)).toEqual({ bull: [], bear: [] });
  });

  test('the mirror image is bearish', () => {
    const told = run('confirmed', upsideDown(values, 100), upsideDown(lower, 200));
    expect(told).toEqual({ bull: [], bear: [9] });
  });

  test('in real time it is told on the pivot, once, marked provisional', () => {
    expect(run('realtime', values, lower)).toEqual({ bull: [7], bear: [] });
    const on = [...values.slice(0, 8), 24, 23, 30, 31];
    expect(
      run(
        'realtime',
        on,
        lower.map((p, i) => (i > 7 ? 90 : p)),
      ).bull,
    ).toEqual([7]);
  });

  test('values closer than 1e-9 are a tie, and a tie is no pivot', () => {
    const tied = values.map((v, i) => (i === 6 ? 25 + 4e-10 : v));
    expect(run('confirmed', tied, lower).bull).toEqual([]);
    const apart = values.map((v, i) => (i === 6 ? 25 + 4e-9 : v));
    expect(run('confirmed', apart, lower).bull).toEqual([9]);
  });
});

test('the span follows the sensitivity, 2 to 30', () => {
  const spans = [1, 2, 10, 20, 30, 100].map((s) => new Divergences({ sensitivity: s }).span);
  expect(spans).toEqual([30, 30, 6, 3, 2, 2]);
  for (const sensitivity of [0, 101, Number.NaN]) {
    expect(() => new Divergences({ sensitivity })).toThrow(RangeError);
  }
  expect(() => new Divergences({ mode: 'late' as 'realtime' })).toThrow(RangeError);
});

test.each([2, 20])('sensitivity %i on a wandering price equals the definition', (sensitivity) => {
  const bars = walkBars(6000, 17);
  const wave = new Hyperwave();
  const divergences = new Divergences({ sensitivity });
  const values: number[] = [];
  const told: string[] = [];
  bars.forEach((b, i) => {
    wave.update(b);
    values.push(wave.hw);
    divergences.update(wave, b);
    if (divergences.bullDivergence === 1) told.push(`bull ${i}`);
    if (divergences.bearDivergence === 1) told.push(`bear ${i}`);
  });
  const first = values.findIndex(Number.isFinite);
  const expected = [...literal(values, bars, divergences.span, 1)];
  expected.push(...literal(values, bars, divergences.span, -1));
  const shown = expected.filter((e) => Number(e.split(' ')[1]) >= first + 200);
  expect(told.sort()).toEqual(shown.sort());
  expect(told.length).toBeGreaterThan(sensitivity === 2 ? 5 : 50);
});

/** Pivots and comparisons written out; `side` 1 looks at lows. */
function literal(
  values: readonly number[],
  bars: readonly Bar[],
  span: number,
  side: number,
): string[] {
  const out: string[] = [];
  let before = -1;
  for (let k = span; k + span < values.length; k++) {
    const around = values.slice(k - span, k + span + 1).map((v) => side * v);
    const others = around.filter((_, i) => i !== span);
    if (!others.every((v) => v - around[span] >= 1e-9)) continue;
    const price = (i: number) => (side === 1 ? bars[i].low : -bars[i].high);
    const isDivergence =
      before >= 0 && price(k) < price(before) && side * (values[k] - values[before]) >= 1e-9;
    if (isDivergence) out.push(`${side === 1 ? 'bull' : 'bear'} ${k + span}`);
    before = k;
  }
  return out;
}
