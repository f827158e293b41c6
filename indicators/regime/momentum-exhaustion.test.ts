import { describe, expect, it } from 'vitest';
import type { Bar } from '../indicator.ts';
import { flatBar, randomBars } from '../order-flow/testing/market.ts';
import { MomentumExhaustion } from './momentum-exhaustion.ts';

function run(bars: readonly Bar[]): MomentumExhaustion {
  const exhaustion = new MomentumExhaustion();
  for (const bar of bars) exhaustion.update(bar);
  return exhaustion;
}

const candle = (i: number, close: number, range = 1) =>
  flatBar(i, close, { high: close + range / 2, low: close - range / 2 });

describe('MomentumExhaustion', () => {
  it('adds extremity, stretch and fade', () => {
    // A climb of 1 a bar: RSI 100; EMA20 seeded by a mean lags by 9.5; true range 1.5; the closes
    // of 20 bars with half a point around make the range 20; momentum is 10 throughout, so no fade.
    const bars = Array.from({ length: 40 }, (_, i) => candle(i, 1000 + i));
    const { upScore, downScore } = run(bars);
    const atr = 1.5 - (0.5 / 14) * (13 / 14) ** 26;
    expect(upScore).toBeCloseTo((100 * (1 + Math.min(1, 9.5 / (3 * atr)) + 0)) / 3, 9);
    expect(downScore).toBe(0);
  });

  it('rises as a climb slows down at its high', () => {
    let close = 1000;
    const steps = [...Array(40).fill(3), ...Array(8).fill(0.5)];
    const bars = steps.map((step, i) => candle(i, (close += step)));
    const running = run(bars.slice(0, 40));
    const slowing = run(bars);
    expect(running.direction).toBe(0);
    expect(slowing.upScore).toBeGreaterThan(running.upScore);
    expect(slowing.direction).toBe(-1);
  });

  it('mirrors with prices', () => {
    const up = new MomentumExhaustion();
    const down = new MomentumExhaustion();
    let signals = 0;
    for (const bar of randomBars(1500, { seed: 12 })) {
      const flip = (price: number) => 100_000 - price;
      up.update(bar);
      const mirrored = { high: flip(bar.low), low: flip(bar.high), close: flip(bar.close) };
      down.update({ ...bar, open: flip(bar.open), ...mirrored });
      if (Number.isNaN(up.upScore)) continue;
      expect(down.downScore).toBeCloseTo(up.upScore, 6);
      expect(down.upScore).toBeCloseTo(up.downScore, 6);
      expect(down.direction).toBe(0 - up.direction);
      signals += Math.abs(up.direction);
    }
    expect(signals).toBeGreaterThan(5);
  });

  it('finds nothing to exhaust in flat prices', () => {
    const { upScore, downScore, direction } = run(flat(60));
    expect([upScore, downScore, direction]).toEqual([0, 0, 0]);
  });

  it('refuses sizes that measure nothing', () => {
    expect(() => new MomentumExhaustion({ stretchAtrs: 0 })).toThrow(RangeError);
    expect(() => new MomentumExhaustion({ momentumLength: 0 })).toThrow(RangeError);
    expect(() => new MomentumExhaustion({ fadeLength: 0.5 })).toThrow(RangeError);
  });
});

const flat = (count: number) => Array.from({ length: count }, (_, i) => flatBar(i, 100));
