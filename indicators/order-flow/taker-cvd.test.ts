import { describe, expect, it } from 'vitest';
import { TakerCvd } from './taker-cvd.ts';
import { flatBar, randomBars } from './testing/market.ts';

const flow = (i: number, volume: number, takerBuyVolume: number) =>
  flatBar(i * 60_000, 100, { volume, takerBuyVolume });

describe('TakerCvd', () => {
  it('adds what takers bought and takes away what they sold', () => {
    const cvd = new TakerCvd({ lookbackBars: 2 });
    const seen = [flow(0, 10, 7), flow(1, 10, 2), flow(2, 4, 4), flow(3, 6, 3)].map((bar) => {
      cvd.update(bar);
      return [cvd.delta, cvd.value, cvd.change];
    });
    expect(seen).toEqual([
      [4, 4, Number.NaN],
      [-6, -2, -2],
      [4, 2, -2],
      [0, 2, 4],
    ]);
  });

  it('changes by the difference of two of its values', () => {
    const cvd = new TakerCvd();
    const values: number[] = [];
    for (const bar of randomBars(3000)) {
      cvd.update(bar);
      values.push(cvd.value);
      const before = values[values.length - 6] ?? 0;
      if (values.length >= 5) expect(cvd.change).toBeCloseTo(cvd.value - before, 8);
    }
  });

  it('counts bars of unknown flow and withholds the change until they have left', () => {
    const cvd = new TakerCvd({ lookbackBars: 2 });
    const changes = [
      flow(0, 10, 6),
      flow(1, 10, 6),
      flow(2, 10, Number.NaN),
      flow(3, 10, 6),
      flow(4, 10, 7),
    ].map((bar) => {
      cvd.update(bar);
      return [cvd.value, cvd.change];
    });
    expect(cvd.missing).toBe(1);
    expect(changes).toEqual([
      [2, Number.NaN],
      [4, 4],
      [4, Number.NaN],
      [6, Number.NaN],
      [10, 6],
    ]);
  });

  it('needs a whole lookback of at least one bar', () => {
    expect(() => new TakerCvd({ lookbackBars: 0 })).toThrow(RangeError);
    expect(() => new TakerCvd({ lookbackBars: 1.5 })).toThrow(RangeError);
  });
});
