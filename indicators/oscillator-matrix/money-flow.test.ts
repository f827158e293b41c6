import { expect, test } from 'vitest';
import type { Bar } from '../indicator.ts';
import { MoneyFlow, noOverflow } from './money-flow.ts';
import { bar, walkBars } from './testing/walk-bars.ts';

/** The definition written out with slices of history, as slow as it reads. */
function literal(bars: readonly Bar[], length: number, smooth: number): (number[] | null)[] {
  const typical = bars.map((b) => (b.high + b.low + b.close) / 3);
  const sum = (from: number, to: number, of: (i: number) => number) => {
    let total = 0;
    for (let i = from; i <= to; i++) total += of(i);
    return total;
  };
  const raw = (t: number, n: number) => {
    const from = t - n + 1;
    const money = (side: number) => (i: number) =>
      i > 0 && side * (typical[i] - typical[i - 1]) > 0 ? typical[i] * bars[i].volume : 0;
    const [up, down] = [sum(from, t, money(1)), sum(from, t, money(-1))];
    const volume = sum(from, t, (i) => bars[i].volume);
    const place = sum(from, t, (i) => {
      const { high, low, close } = bars[i];
      return high > low ? ((close - low - (high - close)) / (high - low)) * bars[i].volume : 0;
    });
    const mfi = up + down > 0 ? (100 * up) / (up + down) : 50;
    return 0.4 * mfi + 0.6 * (50 + 50 * (volume > 0 ? place / volume : 0));
  };
  const flow = (t: number, n: number) => sum(t - smooth + 1, t, (i) => raw(i, n)) / smooth;
  const slow = bars.map((_, t) => (t >= length + smooth - 2 ? flow(t, length) : Number.NaN));
  const volume = (t: number, n: number) => sum(t - n + 1, t, (i) => bars[i].volume) / n;
  return bars.map((_, t) => {
    if (t < 150) return null;
    const excess = (side: number) =>
      sum(t - length + 1, t, (i) => Math.max(0, side * (slow[i] - 50))) / length;
    const [upper, lower] = [50 + excess(1), 50 - excess(-1)];
    const fast = flow(t, Math.round(length / 5));
    const isHeavy = volume(t, smooth) > volume(t, length);
    const bull = isHeavy && slow[t] > upper && fast > slow[t] ? 1 : 0;
    const bear = isHeavy && slow[t] < lower && fast < slow[t] ? 1 : 0;
    return [slow[t], upper, lower, bull, bear];
  });
}

test.each([
  [35, 6],
  [34, 6],
  [10, 3],
])('length %i, smooth %i equals the definition written out', (length, smooth) => {
  const bars = walkBars(700, 5).map((b, i) => (i % 97 > 90 ? { ...b, volume: 0 } : b));
  const expected = literal(bars, length, smooth);
  const flow = new MoneyFlow({ length, smooth });
  let overflows = 0;
  bars.forEach((b, i) => {
    flow.update(b);
    const { mf, mfUpper, mfLower, bullOverflow, bearOverflow } = flow;
    const row = [mf, mfUpper, mfLower, bullOverflow, bearOverflow];
    if (expected[i] === null) {
      expect(row.every(Number.isNaN)).toBe(true);
      return;
    }
    row.forEach((value, c) => {
      expect(value).toBeCloseTo(expected[i]?.[c] ?? Number.NaN, 9);
    });
    overflows += bullOverflow + bearOverflow;
  });
  expect(overflows).toBeGreaterThan(10);
});

test('without volume, and on a flat price, the flow is exactly 50 and nothing overflows', () => {
  for (const change of [{ volume: 0 }, { open: 7, high: 7, low: 7, close: 7 }] as const) {
    const flow = new MoneyFlow();
    walkBars(600, 8).forEach((b, i) => {
      flow.update(i < 200 ? b : { ...b, ...change });
    });
    const { mf, mfUpper, mfLower, bullOverflow, bearOverflow } = flow;
    expect([mf, mfUpper, mfLower, bullOverflow, bearOverflow]).toEqual([50, 50, 50, 0, 0]);
  }
});

test('typical prices that only round apart are equal', () => {
  // 0.1 + 0.2 + 0.3 and 0.2 + 0.1 + 0.3 style sums: same prices in other roles, same total.
  const rises = (of: readonly [number, number, number][]) => {
    const flow = new MoneyFlow({ length: 2, smooth: 1 });
    for (let index = 0; index < 400; index++) {
      const [high, low, close] = of[index % of.length];
      flow.update({ ...bar({ index, close, volume: 5 }), high, low });
    }
    return flow;
  };
  const one = (1.13 + 0.97 + 1.05) / 3;
  const other = (1.12 + 0.95 + 1.08) / 3;
  expect(one).not.toBe(other);
  const flow = rises([
    [1.13, 0.97, 1.05],
    [1.12, 0.95, 1.08],
  ]);
  // No rise, no fall: MFI 50. Place in the bar: 0 and 0.09 / 0.17, equal volumes.
  expect(flow.mf).toBeCloseTo(0.4 * 50 + 0.6 * (50 + (50 * (0.09 / 0.17)) / 2), 9);
});

test('counters tell how long an overflow lasts and how long ago it was', () => {
  const flow = new MoneyFlow();
  let active = 0;
  let since = Number.POSITIVE_INFINITY;
  for (const b of walkBars(3000, 21)) {
    flow.update(b);
    if (Number.isNaN(flow.mf)) continue;
    active = flow.bullOverflow === 1 ? active + 1 : 0;
    since = flow.bullOverflow === 1 ? 0 : since + 1;
    expect([flow.bullOverflowAge, flow.barsSinceBullOverflow]).toEqual([active, since]);
  }
  expect(since).toBeLessThan(3000);
});

test('NO_OVERFLOW: either side, or only the side of the trade', () => {
  const bull = { bullOverflow: 1, bearOverflow: 0 };
  const none = { bullOverflow: 0, bearOverflow: 0 };
  const cold = { bullOverflow: Number.NaN, bearOverflow: Number.NaN };
  expect(noOverflow(none, { side: 1, scope: 'any' })).toBe(true);
  expect(noOverflow(bull, { side: 1, scope: 'any' })).toBe(false);
  expect(noOverflow(bull, { side: -1, scope: 'any' })).toBe(false);
  expect(noOverflow(bull, { side: 1, scope: 'sameSide' })).toBe(false);
  expect(noOverflow(bull, { side: -1, scope: 'sameSide' })).toBe(true);
  expect(noOverflow(cold, { side: 1, scope: 'sameSide' })).toBe(false);
});

test('lengths that are no lengths are refused', () => {
  expect(() => new MoneyFlow({ length: 0 })).toThrow(RangeError);
  expect(() => new MoneyFlow({ smooth: 1.5 })).toThrow(RangeError);
});
