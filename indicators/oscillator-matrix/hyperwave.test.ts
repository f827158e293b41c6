import { RSI, SMA, WSMA } from 'trading-signals';
import { describe, expect, test } from 'vitest';
import type { Bar } from '../indicator.ts';
import { Hyperwave } from './hyperwave.ts';
import { bar, walkBars } from './testing/walk-bars.ts';

const BARS = walkBars(1200, 11);

function values(wave: Hyperwave, bars: readonly Bar[]): number[][] {
  return bars.map((b) => {
    wave.update(b);
    return [wave.hw, wave.hwSignal];
  });
}

describe('against trading-signals', () => {
  const typical = (b: Bar) => (b.open + b.high + b.low + b.close) / 4;

  test('form A is the mean of the RSI', () => {
    const [rsi, mean, signal] = [new RSI(7, WSMA), new SMA(3), new SMA(3)];
    const expected = BARS.map((b) => {
      const strength = rsi.update(typical(b), false);
      const hw = strength === null ? null : mean.update(Number(strength), false);
      return hw === null ? null : [Number(hw), Number(signal.update(hw, false))];
    });
    expectClose(values(new Hyperwave(), BARS), expected);
  });

  test('form B is the RSI of the mean', () => {
    const [rsi, mean, signal] = [new RSI(14, WSMA), new SMA(3), new SMA(3)];
    const expected = BARS.map((b) => {
      const x = mean.update(typical(b), false);
      const hw = x === null ? null : rsi.update(Number(x), false);
      return hw === null ? null : [Number(hw), Number(signal.update(Number(hw), false))];
    });
    expectClose(values(new Hyperwave({ length: 14, form: 'B' }), BARS), expected);
  });
});

test('the first value is at max(150, 22 x length), the first cross one later', () => {
  for (const [length, first] of [
    [5, 150],
    [7, 154],
    [14, 308],
  ]) {
    const wave = new Hyperwave({ length });
    const rows = values(wave, BARS);
    expect(rows.findIndex((row) => row.every(Number.isFinite))).toBe(first);
    const early = new Hyperwave({ length });
    for (let i = 0; i <= first; i++) early.update(BARS[i]);
    expect(early.hwUp + early.hwDown + early.hwOversoldUp + early.hwOverboughtDown).toBe(0);
  }
});

test('crosses alternate, and each is exactly one of regular and extreme', () => {
  const wave = new Hyperwave();
  let last = 0;
  const counts = [0, 0, 0, 0];
  for (const b of walkBars(6000, 4)) {
    const before = wave.difference;
    wave.update(b);
    const marks = [wave.hwUp, wave.hwDown, wave.hwOversoldUp, wave.hwOverboughtDown];
    const sum = marks.reduce((a, m) => a + (m === 1 ? 1 : 0), 0);
    if (sum === 0) continue;
    expect(sum).toBe(1);
    const side = marks[0] + marks[2] === 1 ? 1 : -1;
    expect(side * before <= 0 && side * wave.difference > 0).toBe(true);
    expect(side).not.toBe(last);
    expect(marks[2] === 1).toBe(side === 1 && wave.hw < 20);
    expect(marks[3] === 1).toBe(side === -1 && wave.hw > 80);
    last = side;
    marks.forEach((m, i) => {
      counts[i] += m;
    });
  }
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

test('a flat price gives 50 from the start, keeps its level after a move, never crosses', () => {
  const flat = new Hyperwave();
  for (let index = 0; index < 400; index++) flat.update(bar({ index, close: 100 }));
  expect([flat.hw, flat.hwSignal, flat.hwUp, flat.hwDown]).toEqual([50, 50, 0, 0]);
  const moved = new Hyperwave();
  for (let index = 0; index < 400; index++) {
    const close = index < 160 ? BARS[index].close : BARS[159].close;
    moved.update(bar({ index, close }));
    const { hwUp, hwDown, hwOversoldUp, hwOverboughtDown } = moved;
    if (index > 170) expect(hwUp + hwDown + hwOversoldUp + hwOverboughtDown).toBe(0);
  }
  expect(Math.abs(moved.hw - 50)).toBeGreaterThan(0.1);
  expect(moved.difference).toBe(0);
});

test('options outside their range are refused', () => {
  expect(() => new Hyperwave({ length: 0 })).toThrow(RangeError);
  expect(() => new Hyperwave({ signalLength: 2.5 })).toThrow(RangeError);
  expect(() => new Hyperwave({ form: 'C' as 'A' })).toThrow(RangeError);
});

function expectClose(actual: number[][], expected: (number[] | null)[]): void {
  let compared = 0;
  actual.forEach((row, i) => {
    if (!row.every(Number.isFinite)) return;
    compared++;
    row.forEach((value, c) => {
      expect(value).toBeCloseTo(expected[i]?.[c] ?? Number.NaN, 8);
    });
  });
  expect(compared).toBeGreaterThan(800);
}
