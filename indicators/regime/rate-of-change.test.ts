import { ROC } from 'technicalindicators';
import { describe, expect, it } from 'vitest';
import { flatBar, randomBars } from '../order-flow/testing/market.ts';
import { RateOfChange } from './rate-of-change.ts';

describe('RateOfChange', () => {
  it('is the change over its length in percent', () => {
    const roc = new RateOfChange({ length: 2 });
    const values = [100, 110, 120, 99].map((close, i) => {
      roc.update(flatBar(i, close));
      return roc.value;
    });
    expect(values.slice(0, 2)).toEqual([Number.NaN, Number.NaN]);
    expect(values[2]).toBeCloseTo(20, 12);
    expect(values[3]).toBeCloseTo(-10, 12);
  });

  it('equals an independent library', () => {
    const closes = randomBars(1000).map((bar) => bar.close);
    const expected = ROC.calculate({ period: 10, values: closes });
    const roc = new RateOfChange();
    for (const [i, close] of closes.entries()) {
      roc.update(flatBar(i, close));
      if (i >= 10) expect(roc.value).toBeCloseTo(expected[i - 10], 10);
    }
  });

  it('is silent against a close of zero', () => {
    const roc = new RateOfChange({ length: 1 });
    roc.update(flatBar(0, 0));
    roc.update(flatBar(1, 5));
    expect(roc.value).toBeNaN();
  });
});
