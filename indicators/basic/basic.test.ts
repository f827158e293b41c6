import * as technical from 'technicalindicators';
import * as signals from 'trading-signals';
import { describe, expect, test } from 'vitest';
import { loadState, saveState } from '../state.ts';
import { Atr } from './atr.ts';
import { Cmf } from './cmf.ts';
import { Ema, EmaFirst } from './ema.ts';
import { Mfi } from './mfi.ts';
import { Rma } from './rma.ts';
import { RollingMax, RollingMin } from './rolling-extreme.ts';
import { RollingSum } from './rolling-sum.ts';
import { Rsi } from './rsi.ts';
import { Sma } from './sma.ts';
import { RollingMedian, RollingPercentRank, SortedWindow } from './sorted-window.ts';
import { Stdev } from './stdev.ts';
import { SuperTrend } from './super-trend.ts';
import { TrueRange } from './true-range.ts';
import { Wma } from './wma.ts';

interface Candle {
  high: number;
  low: number;
  close: number;
  volume: number;
}

const CANDLES = candles(3000);
const CLOSES = CANDLES.map((candle) => candle.close);

describe('agreement with trading-signals', () => {
  const cases: [string, Single, { add: (x: number) => number | null }][] = [
    ['SMA', new Sma(20), new signals.SMA(20)],
    ['EMA from the first value', new EmaFirst(20), new signals.EMA(20)],
    ['WMA', new Wma(20), new signals.WMA(20)],
    ['RSI', new Rsi(14), new signals.RSI(14)],
  ];
  test.each(cases)('%s', (_, ours, theirs) => {
    let compared = 0;
    for (const x of CLOSES) {
      const value = ours.update(x);
      const expected = theirs.add(x);
      if (expected === null || expected === undefined) continue;
      expect(relative(value, expected)).toBeLessThan(1e-11);
      compared++;
    }
    expect(compared).toBeGreaterThan(2900);
  });

  test('ATR', () => {
    const ours = new Atr(14);
    const theirs = new signals.ATR(14);
    for (const candle of CANDLES) {
      const value = ours.update(candle.high, candle.low, candle.close);
      const expected = theirs.add(candle);
      if (expected !== null) expect(relative(value, expected)).toBeLessThan(1e-11);
      else expect(value).toBeNaN();
    }
  });

  test('SuperTrend, once the first direction is forgotten', () => {
    const ours = new SuperTrend({ factor: 3, atrLength: 10 });
    const theirs = new signals.SuperTrend({ interval: 10, multiplier: 3 });
    CANDLES.forEach((candle, i) => {
      ours.update(candle.high, candle.low, candle.close);
      const expected = theirs.add(candle);
      if (i < 200 || expected === null) return;
      expect(ours.direction).toBe(expected.trend === 'BULLISH' ? 1 : -1);
      expect(relative(ours.value, expected.supertrend)).toBeLessThan(1e-11);
    });
  });
});

describe('agreement with technicalindicators', () => {
  test.each([
    ['SMA', new Sma(20), technical.SMA.calculate({ period: 20, values: CLOSES })],
    ['EMA from a mean', new Ema(20), technical.EMA.calculate({ period: 20, values: CLOSES })],
    ['WMA', new Wma(20), technical.WMA.calculate({ period: 20, values: CLOSES })],
    ['RMA', new Rma(14), technical.WEMA.calculate({ period: 14, values: CLOSES })],
    ['standard deviation', new Stdev(20), technical.SD.calculate({ period: 20, values: CLOSES })],
  ] as [string, Single, number[]][])('%s', (_, ours, theirs) => {
    const values = CLOSES.map((x) => ours.update(x)).filter((value) => !Number.isNaN(value));
    expect(values.length).toBe(theirs.length);
    values.forEach((value, i) => {
      expect(relative(value, theirs[i])).toBeLessThan(1e-9);
    });
  });

  test('RSI, which they round to two decimals', () => {
    const ours = new Rsi(14);
    const values = CLOSES.map((x) => ours.update(x)).filter((value) => !Number.isNaN(value));
    const theirs = technical.RSI.calculate({ period: 14, values: CLOSES });
    expect(values.length).toBe(theirs.length);
    values.forEach((value, i) => {
      expect(Math.abs(value - theirs[i])).toBeLessThan(0.005 + 1e-9);
    });
  });
});

describe('agreement with the definition', () => {
  const LENGTH = 37;
  const last = (i: number, count = LENGTH) => CLOSES.slice(i + 1 - count, i + 1);
  const sorted = (i: number) => last(i).sort((a, b) => a - b);
  const cases: [string, Single, (i: number) => number][] = [
    ['rolling sum', new RollingSum(LENGTH), (i) => sum(last(i))],
    ['rolling maximum', new RollingMax(LENGTH), (i) => Math.max(...last(i))],
    ['rolling minimum', new RollingMin(LENGTH), (i) => Math.min(...last(i))],
    ['rolling median', new RollingMedian(LENGTH), (i) => sorted(i)[18]],
    ['median of an even number', new RollingMedian(2), (i) => (CLOSES[i - 1] + CLOSES[i]) / 2],
    [
      'percent rank',
      new RollingPercentRank(LENGTH),
      (i) => {
        const earlier = CLOSES.slice(i - LENGTH, i);
        return (100 * earlier.filter((x) => x <= CLOSES[i]).length) / LENGTH;
      },
    ],
    [
      'standard deviation',
      new Stdev(LENGTH),
      (i) => {
        const mean = sum(last(i)) / LENGTH;
        return Math.sqrt(sum(last(i).map((x) => (x - mean) * (x - mean))) / LENGTH);
      },
    ],
    ['weighted average', new Wma(3), (i) => sum(last(i, 3).map((x, k) => x * (k + 1))) / 6],
  ];
  test.each(cases)('%s', (_, ours, definition) => {
    CLOSES.forEach((x, i) => {
      const value = ours.update(x);
      if (Number.isNaN(value)) expect(i).toBeLessThan(LENGTH);
      else if (relative(value, definition(i)) > 1e-10) expect(value).toBe(definition(i));
    });
    expect(ours.value).not.toBeNaN();
  });

  test('money flow index and Chaikin money flow', () => {
    const mfi = new Mfi(LENGTH);
    const cmf = new Cmf(LENGTH);
    CANDLES.forEach((candle, i) => {
      const { high, low, close, volume } = candle;
      const flow = mfi.update(close, volume);
      const chaikin = cmf.update(high, low, close, volume);
      if (i < LENGTH) return;
      const window = CANDLES.slice(i + 1 - LENGTH, i + 1);
      const changes = last(i, LENGTH + 1);
      const moved = (sign: number) =>
        sum(window.map((c, k) => ((c.close - changes[k]) * sign > 0 ? c.close * c.volume : 0)));
      const up = moved(1);
      const clv = (c: Candle) => (2 * c.close - c.high - c.low) / (c.high - c.low);
      const net = sum(window.map((c) => clv(c) * c.volume));
      expect(relative(flow, (100 * up) / (up + moved(-1)))).toBeLessThan(1e-10);
      expect(Math.abs(chaikin - net / sum(window.map((c) => c.volume)))).toBeLessThan(1e-12);
    });
  });

  test('of equal extremes the oldest gives the age', () => {
    const highest = new RollingMax(4);
    const lowest = new RollingMin(4);
    for (const x of [1, 5, 5, 2]) {
      highest.update(x);
      lowest.update(x);
    }
    expect([highest.value, highest.age]).toEqual([5, 2]);
    expect([lowest.value, lowest.age]).toEqual([1, 3]);
  });

  test('a sorted window counts what is below and at most', () => {
    const window = new SortedWindow(5);
    for (const x of [9, 3, 3, 7, 1, 3]) window.update(x);
    expect([0, 1, 2, 3, 4, 5].map((i) => window.at(i))).toEqual([1, 3, 3, 3, 7, Number.NaN]);
    expect([window.countBelow(3), window.countAtMost(3), window.countBelow(0)]).toEqual([1, 4, 0]);
  });
});

describe('every average and window', () => {
  const makers: [string, () => Single][] = [
    ['Sma', () => new Sma(14)],
    ['Ema', () => new Ema(14)],
    ['EmaFirst', () => new EmaFirst(14)],
    ['Rma', () => new Rma(14)],
    ['Wma', () => new Wma(14)],
    ['Rsi', () => new Rsi(14)],
    ['Stdev', () => new Stdev(14)],
    ['RollingSum', () => new RollingSum(14)],
    ['RollingMax', () => new RollingMax(14)],
    ['RollingMin', () => new RollingMin(14)],
    ['RollingMedian', () => new RollingMedian(14)],
    ['RollingPercentRank', () => new RollingPercentRank(14)],
  ];

  test.each(makers)('%s ignores NaN inputs', (_, make) => {
    const plain = make();
    const holed = make();
    for (const x of CLOSES.slice(0, 200)) {
      holed.update(Number.NaN);
      expect(holed.update(x)).toBe(plain.update(x));
      expect(holed.update(Number.NaN)).toBe(plain.value);
    }
  });

  test.each(makers)('%s saved and loaded equals never stopped', (_, make) => {
    const whole = make();
    const first = make();
    for (const x of CLOSES.slice(0, 1500)) {
      whole.update(x);
      first.update(x);
    }
    const second = make();
    loadState(second, structuredClone(saveState(first)));
    for (const x of CLOSES.slice(1500)) expect(second.update(x)).toBe(whole.update(x));
  });

  test.each(makers)('%s on a flat price after a move has no rest of it', (name, make) => {
    const indicator = make();
    for (const x of CLOSES) indicator.update(x);
    for (let i = 0; i < 3000; i++) indicator.update(0.1);
    const expected: Record<string, number> = { Stdev: 0, RollingPercentRank: 100 };
    if (name === 'Rsi') expect(indicator.value).toBeGreaterThanOrEqual(0);
    else if (name === 'RollingSum') expect(indicator.value).toBe(0.1 * 14);
    else expect(indicator.value).toBeCloseTo(expected[name] ?? 0.1, 12);
  });

  test.each([0, -1, 1.5, Number.NaN])('a length of %s is refused', (length) => {
    for (const Type of [Sma, Ema, EmaFirst, Rma, Wma, Rsi, Stdev, RollingSum, RollingMax, Atr]) {
      expect(() => new Type(length)).toThrow(RangeError);
    }
  });
});

describe('edges', () => {
  test('RSI is 50 where price never moved', () => {
    const rsi = new Rsi(3);
    expect([7, 7, 7, 7, 7].map((x) => rsi.update(x)).slice(2)).toEqual([Number.NaN, 50, 50]);
  });

  test('no volume: MFI 50, CMF 0', () => {
    const mfi = new Mfi(3);
    const cmf = new Cmf(3);
    for (let i = 0; i < 9; i++) {
      mfi.update(100 + i, i < 5 ? 0.3 : 0);
      cmf.update(101 + i, 99 + i, 100.3 + i, i < 5 ? 0.3 : 0);
    }
    expect([mfi.value, cmf.value]).toEqual([50, 0]);
  });

  test('a bar without height has no Chaikin flow', () => {
    const cmf = new Cmf(1);
    expect(cmf.update(5, 5, 5, 10)).toBe(0);
  });

  test('the true range reaches to the previous close, except on the first bar', () => {
    const range = new TrueRange();
    expect(range.update(10, 8, 9)).toBe(2);
    expect(range.update(15, 12, 13)).toBe(6);
    expect(range.update(11, 10, 10)).toBe(3);
  });

  test('SuperTrend starts down and keeps its direction when the close touches a band', () => {
    const trend = new SuperTrend({ factor: 1, atrLength: 1 });
    trend.update(11, 9, 10);
    expect([trend.direction, trend.flipped]).toEqual([-1, 0]);
    // Upper band of the first bar: 10 + 2 = 12; a close at 12 is not above it.
    trend.update(12, 12, 12);
    expect(trend.direction).toBe(-1);
    trend.update(20, 18, 20);
    expect([trend.direction, trend.flipped]).toEqual([1, 1]);
  });

  test('a million updates do not drift', () => {
    const wma = new Wma(20);
    const deviation = new Stdev(20);
    const window = new Float64Array(20);
    for (let i = 0; i < 1_000_000; i++) {
      const x = CLOSES[(i * 7) % CLOSES.length];
      window[i % 20] = x;
      wma.update(x);
      deviation.update(x);
    }
    const fresh = new Wma(20);
    const exact = new Stdev(20);
    for (let i = 0; i < 20; i++) {
      fresh.update(window[i]);
      exact.update(window[i]);
    }
    expect(relative(wma.value, fresh.value)).toBeLessThan(1e-12);
    expect(relative(deviation.value, exact.value)).toBeLessThan(1e-9);
  });
});

interface Single {
  value: number;
  update: (x: number) => number;
}

function relative(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-9);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, x) => total + x, 0);
}

/** Seeded candles with ties: prices on a grid, a linear congruential generator. */
function candles(count: number): Candle[] {
  let state = 12_345;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  let close = 60_000;
  return Array.from({ length: count }, () => {
    const open = close;
    close = Math.round((open + (random() - 0.5) * 200) * 2) / 2;
    const high = Math.max(open, close) + Math.round(random() * 80) / 2 + 0.5;
    const low = Math.min(open, close) - Math.round(random() * 80) / 2;
    return { high, low, close, volume: Math.round(random() * 1000) / 10 };
  });
}
