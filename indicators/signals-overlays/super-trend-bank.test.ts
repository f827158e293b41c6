import { expect, test } from 'vitest';
import { Atr } from '../basic/atr.ts';
import type { Bar } from '../indicator.ts';
import { bar, mirrored, walkBars } from '../oscillator-matrix/testing/walk-bars.ts';
import { SuperTrendBank } from './super-trend-bank.ts';

const FACTORS = [10, 12, 16].map((s) => s / 6);

function directions(bars: readonly Bar[], factors = FACTORS): number[][] {
  const bank = new SuperTrendBank(factors);
  const atr = new Atr(10);
  return bars.map((b) => {
    atr.update(b.high, b.low, b.close);
    bank.update(b, atr);
    return [...bank.direction];
  });
}

/** One SuperTrend from the rule, with history instead of state. */
function literal(bars: readonly Bar[], factor: number): number[] {
  const atr = new Atr(10);
  const upper: number[] = [];
  const lower: number[] = [];
  const out: number[] = [];
  bars.forEach((b, t) => {
    const range = atr.update(b.high, b.low, b.close);
    const [top, bottom] = [1, -1].map((s) => (b.high + b.low) / 2 + s * factor * range);
    const before = t > 0 ? bars[t - 1].close : Number.NaN;
    const isFirst = t === 0 || Number.isNaN(upper[t - 1]);
    upper.push(isFirst || before > upper[t - 1] ? top : Math.min(top, upper[t - 1]));
    lower.push(isFirst || before < lower[t - 1] ? bottom : Math.max(bottom, lower[t - 1]));
    if (Number.isNaN(range)) out.push(0);
    else if (isFirst) out.push(-1);
    else if (out[t - 1] === -1) out.push(b.close > upper[t] ? 1 : -1);
    else out.push(b.close < lower[t] ? -1 : 1);
  });
  return out;
}

test('every member equals one SuperTrend from the rule, and flips are the changes', () => {
  const bars = walkBars(3000, 31);
  const rows = directions(bars);
  FACTORS.forEach((factor, i) => {
    expect(rows.map((row) => row[i])).toEqual(literal(bars, factor));
  });
  const bank = new SuperTrendBank([2]);
  const atr = new Atr(10);
  let before = 0;
  let flips = 0;
  for (const b of bars) {
    atr.update(b.high, b.low, b.close);
    bank.update(b, atr);
    const [now] = bank.direction;
    expect(bank.flipped[0]).toBe(before !== 0 && now !== before ? now : 0);
    flips += Math.abs(bank.flipped[0]);
    before = now;
  }
  expect(flips).toBeGreaterThan(40);
});

test('mirrored prices give mirrored directions once each has turned', () => {
  const bars = walkBars(3000, 32);
  const plain = directions(bars);
  const image = directions(mirrored(bars, 60_000));
  for (let i = 500; i < bars.length; i++) {
    expect(image[i]).toEqual(plain[i].map((d) => 0 - d));
  }
});

test('a fall through the lower band whose bar closes above the fresh upper one turns down', () => {
  const bars: Bar[] = [];
  for (let index = 0; index < 40; index++) {
    const close = 1000 + 2 * index;
    bars.push({ ...bar({ index, close }), high: close + 1, low: close - 1 });
  }
  // A tall bar far below: its close is under the lower band, yet over middle + 2 * ATR.
  bars.push({ ...bar({ index: 40, close: 1040 }), high: 1041, low: 800 });
  const bank = new SuperTrendBank([0.5]);
  const atr = new Atr(10);
  for (const b of bars) {
    atr.update(b.high, b.low, b.close);
    bank.update(b, atr);
  }
  expect(1040).toBeGreaterThan((1041 + 800) / 2 + 0.5 * atr.value);
  expect([...bank.direction, ...bank.flipped]).toEqual([-1, -1]);
});

test('factors must be positive', () => {
  expect(() => new SuperTrendBank([2, 0])).toThrow(RangeError);
});
