import { describe, expect, it } from 'vitest';
import { type Bars, createBars } from '../bars/bars.ts';
import { computeMoments, crossCorrelation } from './moments.ts';
import { Random } from './random.ts';

const MINUTE_MS = 60_000;

/** Bars of a random walk of one return a bar; each bar's range is its body. */
function walk(options: { symbol: string; length: number; draw: (i: number) => number }): Bars {
  const bars = createBars({
    symbol: options.symbol,
    timeframeMs: MINUTE_MS,
    length: options.length,
    source: { kind: 'derived', names: ['random walk'] },
  });
  let price = 100;
  for (let i = 0; i < options.length; i++) {
    const next = price * Math.exp(options.draw(i));
    bars.openTime[i] = i * MINUTE_MS;
    bars.open[i] = price;
    bars.close[i] = next;
    bars.high[i] = Math.max(price, next);
    bars.low[i] = Math.min(price, next);
    bars.volume[i] = 1 + 1e5 * Math.abs(next / price - 1);
    price = next;
  }
  return bars;
}

describe('computeMoments', () => {
  it('finds the known moments of a normal random walk', () => {
    const random = new Random(1, 0);
    const bars = walk({ symbol: 'A', length: 100_000, draw: () => 1e-3 * random.normal() });
    const moments = computeMoments(bars);
    expect(moments.returnSdBps).toBeCloseTo(10, 0);
    expect(moments.kurtosis).toBeCloseTo(3, 0);
    expect(moments.beyond4SdPer10k).toBeLessThan(2);
    expect(Math.abs(moments.returnAutocorrelation1)).toBeLessThan(0.01);
    for (const { value } of moments.absAutocorrelation) expect(Math.abs(value)).toBeLessThan(0.015);
    expect(moments.varianceRatio15m).toBeCloseTo(1, 1);
    expect(moments.rangeToBody).toBe(1);
    expect(moments.opensAtClose).toBeCloseTo(1, 3);
    expect(moments.volumeAbsReturn).toBeGreaterThan(0.7);
    expect(moments.takerReturn).toBeNaN();
  });

  it('sees alternation, clustering and a busy hour', () => {
    const random = new Random(2, 0);
    const alternating = walk({
      symbol: 'A',
      length: 5_000,
      draw: (i) => (i % 2 === 0 ? 1e-3 : -1e-3) * (1 + 0.1 * random.uniform()),
    });
    expect(computeMoments(alternating).returnAutocorrelation1).toBeLessThan(-0.95);
    expect(computeMoments(alternating).varianceRatio15m).toBeLessThan(0.1);
    const busy = walk({
      symbol: 'A',
      length: 1_440 * 10,
      draw: (i) => (Math.floor(i / 60) % 24 === 14 ? 3e-3 : 1e-3) * random.normal(),
    });
    const moments = computeMoments(busy);
    expect(moments.hourRatio).toBeGreaterThan(2.7);
    expect(moments.absAutocorrelation[0].value).toBeGreaterThan(0.15);
    expect(moments.kurtosis).toBeGreaterThan(4);
  });

  it('refuses to speak of fewer than 1,000 bars', () => {
    expect(() => computeMoments(walk({ symbol: 'A', length: 999, draw: () => 1e-3 }))).toThrow(
      RangeError,
    );
  });
});

describe('crossCorrelation', () => {
  it('joins by open time, not by row', () => {
    const random = new Random(3, 0);
    const shocks = Float64Array.from({ length: 3_000 }, () => 1e-3 * random.normal());
    const a = walk({ symbol: 'A', length: 3_000, draw: (i) => shocks[i] });
    const late = walk({ symbol: 'B', length: 2_000, draw: (i) => shocks[i + 500] });
    late.openTime.forEach((time, i) => {
      late.openTime[i] = time + 500 * MINUTE_MS;
    });
    expect(crossCorrelation(a, late)).toBeCloseTo(1, 9);
  });
});
