import { EMA } from 'trading-signals';
import { describe, expect, test } from 'vitest';
import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import { SuperTrend } from '../basic/super-trend.ts';
import type { Bar } from '../indicator.ts';
import { bar, mirrored, walkBars } from '../oscillator-matrix/testing/walk-bars.ts';
import { NeoCloud } from './neo-cloud.ts';
import { ReversalZones } from './reversal-zones.ts';
import { SmartTrail } from './smart-trail.ts';
import { TrendCatcher } from './trend-catcher.ts';
import { TrendStrength } from './trend-strength.ts';
import { TrendTracer } from './trend-tracer.ts';

const BARS = walkBars(3000, 61);

function trailRows(trail: SmartTrail, bars: readonly Bar[]): number[][] {
  return bars.map((b) => {
    trail.update(b);
    return [trail.smartTrail, trail.smartTrailExtremity, trail.smartTrailDir];
  });
}

describe('Smart Trail', () => {
  /** The formula with history instead of state; the first turn shown is at 84 or later. */
  function literal(bars: readonly Bar[], setting: number, tick: number): (number | null)[][] {
    const p = 28;
    const range = (t: number) => bars[t].high - bars[t].low;
    const mean = (of: (i: number) => number, from: number) => {
      let sum = 0;
      for (let i = from; i < from + p; i++) sum += of(i);
      return sum / p;
    };
    const widest = (t: number) => {
      const { high: h, low: l } = bars[t];
      const { high: hb, low: lb, close: cb } = bars[t - 1];
      const cap = Math.min(range(t), 1.5 * mean(range, t - p + 1));
      const up = l <= hb ? h - cb : h - cb - 0.5 * (l - hb);
      const down = h >= lb ? cb - l : cb - l - 0.5 * (lb - h);
      return Math.max(cap, up, down);
    };
    let average = Number.NaN;
    let [side, trail, extreme, isShown] = [0, 0, 0, false];
    return bars.map(({ high, low, close }, t) => {
      if (t < 2 * p - 2) return [null, null, 0];
      average = t === 2 * p - 2 ? mean(widest, p - 1) : (average * (p - 1) + widest(t)) / p;
      const loss = setting * average;
      const begin = (s: number) => {
        [side, trail, extreme] = [s, close - s * loss, s === 1 ? high : low];
      };
      if (side === 0) begin(1);
      else if (side * (close - trail) < -tick / 2) {
        begin(-side);
        isShown ||= t >= 84;
      } else if (side === 1) {
        [trail, extreme] = [Math.max(trail, close - loss), Math.max(extreme, high)];
      } else [trail, extreme] = [Math.min(trail, close + loss), Math.min(extreme, low)];
      if (!isShown) return [null, null, 0];
      return [trail, trail + (extreme - trail) * 0.382, side];
    });
  }

  test.each([
    [3, 0],
    [2, 0.5],
    [5, 0],
  ])('setting %i, tick %d equals the formula written out', (setting, tickSize) => {
    const rows = trailRows(new SmartTrail({ setting, tickSize }), BARS);
    const expected = literal(BARS, setting, tickSize);
    rows.forEach((row, t) => {
      expect(row[2]).toBe(expected[t][2]);
      for (const c of [0, 1]) {
        const value = expected[t][c];
        if (value === null) expect(row[c]).toBeNaN();
        else expect(row[c]).toBeCloseTo(value, 6);
      }
    });
    expect(new Set(rows.map((row) => row[2]))).toEqual(new Set([0, 1, -1]));
  });

  test('lines and direction mirror once both have turned', () => {
    const plain = trailRows(new SmartTrail(), BARS);
    const image = trailRows(new SmartTrail(), mirrored(BARS, 60_000));
    for (let t = 400; t < BARS.length; t++) {
      expect(image[t][2]).toBe(0 - plain[t][2]);
      for (const c of [0, 1]) expect(image[t][c]).toBeCloseTo(60_000 - plain[t][c], 6);
    }
  });

  test('`switched` marks the turns of a warm trail', () => {
    const trail = new SmartTrail();
    let [before, turns] = [0, 0];
    for (const b of BARS) {
      trail.update(b);
      expect(trail.switched).toBe(trail.smartTrailDir === before ? 0 : trail.smartTrailDir);
      turns += Math.abs(trail.switched);
      before = trail.smartTrailDir;
    }
    expect(turns).toBeGreaterThan(20);
  });

  test('a flat price never turns it, with or without a tick', () => {
    for (const tickSize of [0, 0.5]) {
      const trail = new SmartTrail({ tickSize });
      const flat = BARS.slice(0, 300);
      trailRows(trail, flat);
      const still = flat[299].close;
      let turns = 0;
      for (let index = 300; index < 2500; index++) {
        trail.update(bar({ index, close: still }));
        turns += Math.abs(trail.switched);
      }
      expect(turns).toBeLessThanOrEqual(1);
    }
  });
});

test('Trend Catcher: slope of EMA(10) beyond a tenth of ATR(14), else as before', () => {
  const [ema, atr, catcher] = [new Ema(10), new Atr(14), new TrendCatcher()];
  let direction = 0;
  const seen = new Set<number>();
  BARS.forEach((b, t) => {
    const before = ema.value;
    const slope = ema.update(b.close) - before;
    const band = 0.1 * atr.update(b.high, b.low, b.close);
    if (slope > band) direction = 1;
    if (slope < -band) direction = -1;
    catcher.update(b);
    expect(catcher.catcherDir).toBe(t < 250 ? Number.NaN : direction);
    seen.add(direction);
  });
  expect(seen.size).toBe(3);
  expect(() => new TrendCatcher({ setting: 0 })).toThrow(RangeError);
});

test('Trend Tracer: SuperTrend of ATR 10 and the setting as factor', () => {
  const [tracer, trend] = [new TrendTracer({ setting: 2 }), new SuperTrend({ factor: 2 })];
  BARS.forEach((b, t) => {
    tracer.update(b);
    trend.update(b.high, b.low, b.close);
    expect(tracer.tracerDir).toBe(t < 250 ? Number.NaN : trend.direction);
    expect(tracer.tracer).toBe(t < 250 ? Number.NaN : trend.value);
  });
});

test('Neo Cloud: two EMAs, as trading-signals has them once seeds are forgotten', () => {
  const [cloud, lead, lag] = [new NeoCloud(), new EMA(26), new EMA(68)];
  BARS.forEach((b, t) => {
    cloud.update(b);
    lead.update(b.close, false);
    lag.update(b.close, false);
    if (t < 1600) {
      expect(Number.isNaN(cloud.neoLead)).toBe(t < 600);
      return;
    }
    expect(cloud.neoLead).toBeCloseTo(Number(lead.getResult()), 6);
    expect(cloud.neoLag).toBeCloseTo(Number(lag.getResult()), 6);
    expect(cloud.neoDir).toBe(Math.sign(cloud.neoLead - cloud.neoLag));
  });
});

test('Reversal Zones: EMA(100) and bands at 1.5, 2.25 and 3 ATR(100), from bar 600', () => {
  const [zones, ema, atr] = [new ReversalZones(), new Ema(100), new Atr(100)];
  BARS.forEach((b, t) => {
    zones.update(b);
    ema.update(b.close);
    atr.update(b.high, b.low, b.close);
    const { r3, r2, r1, average, s1, s2, s3 } = zones;
    const steps = [3, 2.25, 1.5, 0, -1.5, -2.25, -3];
    const expected = steps.map((k) => (t < 600 ? Number.NaN : ema.value + k * atr.value));
    expect([r3, r2, r1, average, s1, s2, s3]).toEqual(expected);
  });
});

describe('Trend Strength', () => {
  test('is the rank of the efficiency ratio, in whole ticks so that ties are exact', () => {
    const strength = new TrendStrength();
    const ticks = BARS.map((b) => Math.round(b.close * 2));
    const ratios: [number, number][] = [];
    BARS.forEach((b, t) => {
      strength.update(b);
      if (t < 20) return;
      let path = 0;
      for (let i = t - 19; i <= t; i++) path += Math.abs(ticks[i] - ticks[i - 1]);
      const moved = Math.abs(ticks[t] - ticks[t - 20]);
      const before = ratios.slice(-250);
      ratios.push([moved, path]);
      const atMost = before.filter(([m, p]) => m * path <= moved * p).length;
      expect(strength.trendStrength).toBe(before.length < 250 ? Number.NaN : atMost / 2.5);
    });
    expect(ratios.length).toBe(2980);
  });

  test('a flat price has ratio 0, which is at most 0', () => {
    const strength = new TrendStrength();
    for (let index = 0; index < 400; index++) strength.update(bar({ index, close: 9 }));
    expect([strength.efficiency, strength.trendStrength]).toEqual([0, 100]);
  });
});
