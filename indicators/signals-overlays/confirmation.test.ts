import { describe, expect, test } from 'vitest';
import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import { Rsi } from '../basic/rsi.ts';
import type { Bar } from '../indicator.ts';
import { walkBars } from '../oscillator-matrix/testing/walk-bars.ts';
import { type ConfirmationOptions, Confirmations } from './confirmation.ts';
import { SuperTrendBank } from './super-trend-bank.ts';

const BARS = walkBars(5000, 51);
const UP = { direction: 1 };

interface Row {
  confirmation: number;
  strong: number;
  rating: number;
  exitBull: number;
  exitBear: number;
  sensitivity: number;
  active: number;
  barColor: number;
}

function run(options: ConfirmationOptions, catcher = UP, bars: readonly Bar[] = BARS): Row[] {
  const signals = new Confirmations(options);
  return bars.map((b) => {
    signals.update(b, catcher);
    const { confirmation, strong, rating, exitBull, exitBear } = signals;
    const { sensitivity, active, barColor } = signals;
    return { confirmation, strong, rating, exitBull, exitBear, sensitivity, active, barColor };
  });
}

/** Directions of the SuperTrends of these sensitivities, bar by bar. */
function trends(sensitivities: readonly number[]): number[][] {
  const bank = new SuperTrendBank(sensitivities.map((s) => s / 6));
  const atr = new Atr(10);
  return BARS.map((b) => {
    atr.update(b.high, b.low, b.close);
    bank.update(b, atr);
    return [...bank.direction];
  });
}

describe('without autopilot', () => {
  const rows = run({});

  test('signals are the turns of SuperTrend(10, sensitivity / 6) from bar 800 on', () => {
    const [twelve, eighteen] = [trends([12]), trends([18])];
    const turns = (of: number[][], t: number) => (of[t][0] === of[t - 1][0] ? 0 : of[t][0]);
    const slow = run({ sensitivity: 18 });
    rows.forEach((row, t) => {
      expect(row.confirmation).toBe(t < 800 ? Number.NaN : turns(twelve, t));
      expect(slow[t].confirmation).toBe(t < 800 ? Number.NaN : turns(eighteen, t));
    });
    expect(rows.filter((row) => Math.abs(row.confirmation) === 1).length).toBeGreaterThan(50);
  });

  test('strong needs the side of EMA(200) and the Catcher on it; off signal bars 0', () => {
    const trend = new Ema(200);
    const down = run({}, { direction: -1 });
    BARS.forEach((b, t) => {
      trend.update(b.close);
      if (t < 800) return;
      const side = rows[t].confirmation;
      expect(rows[t].strong).toBe(side === 1 && b.close > trend.value ? 1 : 0);
      expect(down[t].strong).toBe(side === -1 && b.close < trend.value ? 1 : 0);
    });
  });

  test('rating is there on signal bars only, sensitivity is the one given', () => {
    for (const row of rows.slice(800)) {
      expect(Number.isNaN(row.rating)).toBe(row.confirmation === 0);
      expect(row.sensitivity).toBe(12);
    }
  });
});

test('exits: RSI(14) falls back through 70 in profit, after the signal, and may repeat', () => {
  const rows = run({});
  const rsi = new Rsi(14);
  let [before, side, entry, exits, repeats, last] = [Number.NaN, 0, 0, 0, 0, 0];
  BARS.forEach((b, t) => {
    const now = rsi.update(b.close);
    if (t >= 800) {
      const { confirmation, exitBull, exitBear } = rows[t];
      if (confirmation !== 0) [side, entry, last] = [confirmation, b.close, 0];
      const isTurn = confirmation === 0;
      const bull = isTurn && side === 1 && before >= 70 && now < 70 && b.close > entry;
      const bear = isTurn && side === -1 && before <= 30 && now > 30 && b.close < entry;
      expect([exitBull, exitBear]).toEqual([bull ? 1 : 0, bear ? 1 : 0]);
      if (bull || bear) {
        exits++;
        if (last > 0) repeats++;
        last = t;
      }
    }
    before = now;
  });
  expect(exits).toBeGreaterThan(20);
  expect(repeats).toBeGreaterThan(0);
});

test('active: a signal of enough rating until an exit or any other signal', () => {
  for (const ratingMin of [1, 2, 3]) {
    let active = 0;
    let ended = 0;
    for (const row of run({ ratingMin }).slice(800)) {
      if (row.confirmation !== 0) active = row.rating >= ratingMin ? row.confirmation : 0;
      else if (row.exitBull + row.exitBear > 0) {
        active = 0;
        ended++;
      }
      expect(row.active).toBe(active);
    }
    expect(ended).toBeGreaterThan(0);
  }
});

test('the bar colour is the side of the last signal from when it is strong', () => {
  let color = 0;
  let late = 0;
  const trend = new Ema(200);
  let side = 0;
  const rows = run({});
  BARS.forEach((b, t) => {
    trend.update(b.close);
    if (t < 800) return;
    const { confirmation, strong, barColor } = rows[t];
    if (confirmation !== 0) {
      side = confirmation;
      color = strong === 1 ? side : 0;
    } else if (color === 0 && side === 1 && b.close > trend.value) {
      color = 1;
      late++;
    }
    expect(barColor).toBe(color);
  });
  expect(late).toBeGreaterThan(0);
});

describe.each([
  ['short', 8, 12, 12],
  ['medium', 10, 16, 12],
  ['long', 14, 20, 20],
] as const)('autopilot %s', (autopilot, low, high, start) => {
  const candidates = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const rows = run({ autopilot });

  /** The rule written out: every candidate's legs are added up afresh on every bar. */
  function literal(): { signal: number[]; sensitivity: number[] } {
    const directions = trends(candidates);
    const flips: { at: number; side: number }[][] = candidates.map(() => []);
    const [signal, sensitivity]: [number[], number[]] = [[], []];
    let inForce = start as number;
    let kept = -1;
    directions.forEach((now, t) => {
      sensitivity.push(inForce);
      let told = 0;
      candidates.forEach((s, i) => {
        const before = t > 0 ? directions[t - 1][i] : 0;
        if (before === 0 || now[i] === before) return;
        flips[i].push({ at: t, side: now[i] });
        if (s === inForce && now[i] !== kept) told = kept = now[i];
      });
      signal.push(told);
      if (now[0] === 0) return;
      let best = Number.NEGATIVE_INFINITY;
      candidates.forEach((s, i) => {
        let sum = 0;
        for (let k = 1; k < flips[i].length; k++) {
          const { at, side } = flips[i][k - 1];
          if (at < t - 249) continue;
          sum += side * (BARS[flips[i][k].at].close / BARS[at].close - 1);
        }
        if (sum >= best) [best, inForce] = [sum, s];
      });
    });
    return { signal, sensitivity };
  }

  test('sensitivity and signals equal the rule written out, from bar 1000 on', () => {
    const { signal, sensitivity } = literal();
    rows.forEach((row, t) => {
      expect(row.confirmation).toBe(t < 1000 ? Number.NaN : signal[t]);
      expect(row.sensitivity).toBe(t < 1000 ? Number.NaN : sensitivity[t]);
    });
    const used = new Set(rows.slice(1000).map((row) => row.sensitivity));
    expect(used.size).toBeGreaterThan(2);
  });

  test('signals alternate', () => {
    const sides = rows.slice(1000).flatMap((row) => (row.confirmation ? [row.confirmation] : []));
    expect(sides.length).toBeGreaterThan(20);
    for (let i = 1; i < sides.length; i++) expect(sides[i]).toBe(0 - sides[i - 1]);
  });
});

test('contrarian signals are the same turns read the other way, with one exit each', () => {
  const plain = run({});
  const faded = run({ mode: 'contrarian' });
  const rsi = new Rsi(14);
  let exits = 0;
  let strong = 0;
  BARS.forEach((b, t) => {
    const now = rsi.update(b.close);
    if (t < 800) return;
    const row = faded[t];
    expect(row.confirmation).toBe(0 - plain[t].confirmation || 0);
    if (row.confirmation !== 0) {
      expect(row.rating).toBe(plain[t].rating);
      expect(row.strong).toBe((row.confirmation === 1 ? now <= 30 : now >= 70) ? 1 : 0);
      strong += row.strong;
      exits = 0;
    }
    exits += row.exitBull + row.exitBear;
    expect(exits).toBeLessThanOrEqual(1);
  });
  expect(strong).toBeGreaterThan(0);
});

test('options outside their range are refused', () => {
  expect(() => new Confirmations({ sensitivity: 0 })).toThrow(RangeError);
  expect(() => new Confirmations({ autopilot: 'on' as 'off' })).toThrow(RangeError);
  expect(() => new Confirmations({ mode: 'both' as 'contrarian' })).toThrow(RangeError);
  expect(() => new Confirmations({ ratingMin: 5 })).toThrow(RangeError);
});
