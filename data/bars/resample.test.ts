import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBars } from './bars.ts';
import { BarAggregator, type Bucket, resampleBars } from './resample.ts';

const MINUTE = 60_000;

/** Minutes with the given indices present, seeded prices. */
function minutes(indices: readonly number[]) {
  const source = { kind: 'file' as const, names: [] };
  const bars = createBars({ symbol: 'X', timeframeMs: MINUTE, length: indices.length, source });
  indices.forEach((index, i) => {
    const price = 100 + ((index * 7_919) % 31);
    bars.openTime[i] = index * MINUTE;
    bars.open[i] = price;
    bars.high[i] = price + (index % 5);
    bars.low[i] = price - (index % 3);
    bars.close[i] = price + (index % 2);
    bars.volume[i] = index % 4;
    bars.takerBuyVolume[i] = index % 11 === 0 ? Number.NaN : 1;
  });
  return bars;
}

describe('resampling', () => {
  it('makes a 3m bar of three minutes', () => {
    const out = resampleBars(minutes([3, 4, 5]), 3 * MINUTE);
    const parts = minutes([3, 4, 5]);
    expect(out.length).toBe(1);
    expect(out.openTime[0]).toBe(3 * MINUTE);
    expect(out.open[0]).toBe(parts.open[0]);
    expect(out.high[0]).toBe(Math.max(...parts.high));
    expect(out.low[0]).toBe(Math.min(...parts.low));
    expect(out.close[0]).toBe(parts.close[2]);
    expect(out.volume[0]).toBe(3 + 0 + 1);
    expect(out.takerBuyVolume[0]).toBe(3);
  });

  it('never shows a bucket that has not closed', () => {
    expect(resampleBars(minutes([0, 1]), 3 * MINUTE).length).toBe(0);
    expect(resampleBars(minutes([0, 1, 2, 3]), 3 * MINUTE).length).toBe(1);
  });

  it('emits a bucket with a hole once it is over', () => {
    const out = resampleBars(minutes([0, 1, 5]), 3 * MINUTE);
    expect([...out.openTime]).toEqual([0, 3 * MINUTE]);
  });

  it('is the same streaming and at once, by prefix, for any holes', () => {
    const indices = fc
      .uniqueArray(fc.nat(60), { minLength: 1 })
      .map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(indices, fc.constantFrom(3, 5, 15), (list, ratio) => {
        const whole = resampleBars(minutes(list), ratio * MINUTE);
        const stream = new BarAggregator({ fromMs: MINUTE, toMs: ratio * MINUTE });
        const got: number[] = [];
        const push = (bucket: Bucket) => got.push(bucket.openTime, bucket.close, bucket.volume);
        list.forEach((_, i) => {
          const prefix = minutes(list.slice(0, i + 1));
          const bar = {
            openTime: prefix.openTime[i],
            open: prefix.open[i],
            high: prefix.high[i],
            low: prefix.low[i],
            close: prefix.close[i],
            volume: prefix.volume[i],
            takerBuyVolume: prefix.takerBuyVolume[i],
          };
          if (stream.add(bar, push)) push(stream.done);
          const cut = resampleBars(prefix, ratio * MINUTE);
          expect(got.length / 3).toBe(cut.length);
        });
        const expected: number[] = [];
        for (let i = 0; i < whole.length; i++) {
          expected.push(whole.openTime[i], whole.close[i], whole.volume[i]);
        }
        expect(got).toEqual(expected);
      }),
    );
  });

  it('refuses a grid that does not fit', () => {
    expect(() => resampleBars(minutes([0]), 100_000)).toThrow('not a multiple');
  });
});
