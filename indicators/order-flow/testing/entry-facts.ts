import { expect } from 'vitest';
import type { Bar, IndicatorEntry } from '../../indicator.ts';
import { loadState, saveState } from '../../state.ts';

/** One row of outputs a bar. */
export function outputsOf(entry: IndicatorEntry, bars: readonly Bar[]): number[][] {
  const indicator = entry.create();
  return bars.map((bar) => {
    indicator.update(bar);
    return entry.outputs.map((output) => output.read(indicator));
  });
}

/** Values are silent before `warmUpBars` and at least one speaks right at it; none is infinite. */
export function expectWarmUp(entry: IndicatorEntry, bars: readonly Bar[]): void {
  const { warmUpBars } = entry.create();
  const rows = outputsOf(entry, bars);
  const isValue = (column: number) => !/event|direction|flag/.test(entry.outputs[column].unit);
  for (const [i, row] of rows.entries()) {
    for (const [column, value] of row.entries()) {
      expect(Math.abs(value)).not.toBe(Number.POSITIVE_INFINITY);
      if (i + 1 < warmUpBars && !isValue(column)) expect(value).toBe(0);
    }
  }
  expect(rows.length).toBeGreaterThan(warmUpBars);
  const last = rows[rows.length - 1];
  for (const value of last) expect(value).not.toBeNaN();
  expect(
    rows[warmUpBars - 1].some((value, column) => isValue(column) && !Number.isNaN(value)),
  ).toBe(true);
}

/** A run that is saved, thrown away and restored at any of `cuts` goes on as if it never stopped. */
export function expectRestorable(
  entry: IndicatorEntry,
  bars: readonly Bar[],
  cuts: readonly number[],
): void {
  const whole = outputsOf(entry, bars);
  for (const cut of cuts) {
    const first = entry.create();
    for (const bar of bars.slice(0, cut)) first.update(bar);
    const second = entry.create();
    loadState(second, saveState(first));
    const rest = bars.slice(cut).map((bar) => {
      second.update(bar);
      return entry.outputs.map((output) => output.read(second));
    });
    expect(rest).toEqual(whole.slice(cut));
  }
}

/** A bar that holds a NaN or does not move time forward is refused and changes nothing. */
export function expectGuarded(entry: IndicatorEntry, bars: readonly Bar[]): void {
  const indicator = entry.create();
  for (const bar of bars) indicator.update(bar);
  const last = bars[bars.length - 1];
  const next = { ...last, openTime: last.openTime + 180_000 };
  const before = saveState(indicator);
  for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) {
    expect(() => indicator.update({ ...next, [field]: Number.NaN })).toThrow(RangeError);
  }
  expect(() => indicator.update(last)).toThrow(RangeError);
  expect(() => indicator.update({ ...last, openTime: last.openTime - 1 })).toThrow(RangeError);
  expect(saveState(indicator)).toEqual(before);
}

/** A price scale moves prices by it and leaves everything else alone. */
export function expectScaled(entry: IndicatorEntry, bars: readonly Bar[], scale: number): void {
  const scaled = bars.map((bar) => ({
    ...bar,
    open: bar.open * scale,
    high: bar.high * scale,
    low: bar.low * scale,
    close: bar.close * scale,
  }));
  const plain = outputsOf(entry, bars);
  for (const [i, row] of outputsOf(entry, scaled).entries()) {
    for (const [column, value] of row.entries()) {
      const factor = entry.outputs[column].unit === 'price' ? scale : 1;
      const expected = plain[i][column] * factor;
      if (Number.isNaN(expected)) expect(value).toBeNaN();
      else expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-8 * (1 + Math.abs(expected)));
    }
  }
}
