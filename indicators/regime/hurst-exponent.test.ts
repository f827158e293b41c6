import { linearRegression, mean, standardDeviation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { flatBar, gaussian, randomBars, seededRandom } from '../order-flow/testing/market.ts';
import { HurstExponent, hurstOf as hurstAtOnce } from './hurst-exponent.ts';

function hurstOf(closes: readonly number[], length = 240): HurstExponent {
  const hurst = new HurstExponent({ length });
  for (const [i, close] of closes.entries()) hurst.update(flatBar(i, close));
  return hurst;
}

/** Closes whose returns remember `memory` of the one before. */
function walk(count: number, options: { memory: number; seed: number }): number[] {
  const normal = gaussian(seededRandom(options.seed));
  let change = 0;
  let level = Math.log(100);
  return Array.from({ length: count }, () => {
    change = options.memory * change + 0.001 * normal();
    level += change;
    return Math.exp(level);
  });
}

describe('HurstExponent', () => {
  it('is half the slope of the five log means', () => {
    const closes = randomBars(1500, { seed: 3 }).map((bar) => bar.close);
    const logs = closes.map(Math.log);
    const hurst = new HurstExponent({ length: 100 });
    for (const [i, close] of closes.entries()) {
      hurst.update(flatBar(i, close));
      if (i < 115) expect(hurst.value).toBeNaN();
      if (i < 115 || i % 11 !== 0) continue;
      const points = [1, 2, 4, 8, 16].map((lag) => {
        const squares = Array.from({ length: 100 }, (_, k) => {
          const change = logs[i - k] - logs[i - k - lag];
          return change * change;
        });
        return [Math.log(lag), Math.log(mean(squares))];
      });
      const expected = linearRegression(points).m / 2;
      expect(hurst.value).toBeCloseTo(Math.max(0, Math.min(1, expected)), 9);
    }
  });

  it('tells memory, none and reversal apart on the average of many walks', () => {
    const average = (memory: number) =>
      Array.from({ length: 300 }, (_, i) => hurstOf(walk(256, { memory, seed: 100 + i })).value);
    const plain = average(0);
    expect(Math.abs(mean(plain) - 0.495)).toBeLessThan(0.01);
    expect(Math.abs(standardDeviation(plain) - 0.051)).toBeLessThan(0.01);
    expect(mean(average(0.3))).toBeGreaterThan(0.57);
    expect(mean(average(-0.3))).toBeLessThan(0.42);
  });

  it('is 1 for a steady climb and 0 for a zigzag', () => {
    const climb = hurstOf(Array.from({ length: 300 }, (_, i) => Math.exp(0.001 * i)));
    expect(climb.value).toBeCloseTo(1, 9);
    expect(climb.regime).toBe(1);
    const zigzag = hurstOf(Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 100 : 101)));
    expect([zigzag.value, zigzag.regime]).toEqual([0, -1]);
  });

  it('is 0.5 where nothing moves, also after a market that did', () => {
    const still = hurstOf([...walk(400, { memory: 0, seed: 1 }), ...Array(256).fill(100)]);
    expect([still.value, still.regime]).toEqual([0.5, 0]);
  });

  it('refuses closes without a logarithm', () => {
    expect(() => hurstOf([1, 0])).toThrow(RangeError);
    expect(() => hurstOf([1, -1])).toThrow(RangeError);
  });
});

it('at once or bar by bar, the exponent of 256 closes is the same', () => {
  const closes = Array.from({ length: 256 }, (_, i) => 100 + 5 * Math.sin(i / 9) + ((i * 37) % 11));
  const indicator = new HurstExponent();
  closes.forEach((close, i) => {
    const bar = { open: close, high: close, low: close, close, volume: 1, takerBuyVolume: 0 };
    indicator.update({ ...bar, openTime: i });
  });
  expect(hurstAtOnce(Float64Array.from(closes, Math.log))).toBeCloseTo(indicator.value, 9);
});
