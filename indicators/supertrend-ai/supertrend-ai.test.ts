import { describe, expect, test } from 'vitest';
import type { Bar } from '../indicator.ts';
import { FactorClusters } from './factor-clusters.ts';
import { SuperTrendAi } from './supertrend-ai.ts';

describe('clusters', () => {
  test.each([1, 2, 3, 5, 9, 17])('of %s values equal the plain algorithm', (count) => {
    const random = generator(count);
    const fast = new FactorClusters(count, 1001);
    const values = new Float64Array(count);
    for (let round = 0; round < 2000; round++) {
      // Coarse values make ties, between values and between distances.
      for (let i = 0; i < count; i++) values[i] = Math.round(random() * 12) - 6;
      fast.update(values);
      expect(asLists(fast)).toEqual(plainClusters(Array.from(values), 1001));
    }
  });

  test('starting points are Hazen percentiles', () => {
    // One pass only: the assignment to the starting points is what is left.
    const once = new FactorClusters(5, 1);
    once.update(Float64Array.of(0, 10, 11, 12, 40));
    // Points 7.5, 11 and 19: with (q - 1) * p they would be 10, 11 and 12, and 10 would be worst.
    expect(Array.from(once.members)).toEqual([0b00001, 0b01110, 0b10000]);
  });
});

describe('SuperTrend AI', () => {
  test('has a factor for each step', () => {
    expect(Array.from(new SuperTrendAi().factors)).toEqual([1, 1.5, 2, 2.5, 3]);
    const nine = new SuperTrendAi({ factorMin: 1, factorMax: 5, factorStep: 0.5 });
    expect(nine.factors.length).toBe(9);
    expect(Array.from(new SuperTrendAi({ factorMax: 1.7 }).factors)).toEqual([1, 1.5]);
  });

  test('a market that stands still from the start leaves the average finite', () => {
    const ai = new SuperTrendAi({ cluster: 'worst' });
    for (let t = 0; t < 300; t++) ai.update(flat(t));
    expect(ai.performanceIndex).toBeNaN();
    expect(ai.performanceAma).toBe(500);
    for (let t = 300; t < 400; t++) ai.update({ ...flat(t), close: 500 + t, high: 500 + t });
    expect(ai.performanceAma).toBeGreaterThan(500);
  });

  test('tells the bar on which the side turns', () => {
    const ai = new SuperTrendAi({ cluster: 'worst' });
    const random = generator(5);
    let close = 1000;
    let side = 0;
    let turns = 0;
    for (let t = 0; t < 3000; t++) {
      close += random() * 10 - 5;
      ai.update({ ...flat(t), open: close, high: close + 3, low: close - 3, close });
      expect(ai.buy).toBe(Number(ai.side > side));
      expect(ai.sell).toBe(Number(ai.side < side));
      turns += ai.buy + ai.sell;
      side = ai.side;
    }
    expect(turns).toBeGreaterThan(20);
  });

  test('refuses options that make no sense', () => {
    const wrong = [
      { factorMin: 0 },
      { factorMax: 0.5 },
      { factorStep: 0 },
      { factorMax: 100 },
      { memory: 1 },
      { atrLength: 0 },
      { cluster: 'bets' as 'best' },
    ];
    for (const options of wrong) expect(() => new SuperTrendAi(options)).toThrow(RangeError);
  });
});

/** The algorithm as it is written down, with sets and NaN for an empty cluster. */
function plainClusters(values: readonly number[], passes: number): (readonly number[])[] {
  const sorted = [...values].sort((a, b) => a - b);
  let centers = [0.25, 0.5, 0.75].map((p) => {
    const place = Math.min(Math.max(p * sorted.length - 0.5, 0), sorted.length - 1);
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
  });
  let clusters: number[][] = [[], [], []];
  for (let pass = 0; pass < passes; pass++) {
    const next: number[][] = [[], [], []];
    values.forEach((x, i) => {
      let nearest = 0;
      for (let j = 1; j < 3; j++) {
        if (Math.abs(x - centers[j]) < Math.abs(x - centers[nearest])) nearest = j;
      }
      next[nearest].push(i);
    });
    clusters = next;
    const means = next.map((members) => {
      return members.reduce((sum, i) => sum + values[i], 0) / members.length;
    });
    if (means.every((mean, j) => mean === centers[j])) break;
    centers = means;
  }
  return clusters;
}

function asLists(clusters: FactorClusters): (readonly number[])[] {
  return Array.from(clusters.members, (mask, j) => {
    const list: number[] = [];
    for (let i = 0; i < 31; i++) if (((mask >> i) & 1) === 1) list.push(i);
    expect(list.length).toBe(clusters.counts[j]);
    return list;
  });
}

function flat(t: number): Bar {
  return {
    openTime: 1_700_000_100_000 + t * 180_000,
    open: 500,
    high: 500,
    low: 500,
    close: 500,
    volume: 1,
    takerBuyVolume: 0.5,
  };
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
