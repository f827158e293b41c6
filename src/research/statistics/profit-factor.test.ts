import { describe, expect, it } from 'vitest';
import { DAY0, trade } from '../../../backtests/metrics/testing/trade-fixture.ts';
import { DAY_MS } from '../../engine/units.ts';
import { accountRs, daySeries } from './day-series.ts';
import { bootstrapProfitFactor, profitFactor, shrunkProfitFactor } from './profit-factor.ts';

describe('profit factor by its lower bound', () => {
  it('adds 5 R on both sides', () => {
    expect(shrunkProfitFactor([3, -1, 2, -4])).toBe(10 / 10);
    expect(shrunkProfitFactor([])).toBe(1);
    expect(shrunkProfitFactor([2])).toBe(7 / 5);
  });

  it('prefers a hundred decent trades to three lucky ones', () => {
    const many = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -0.6));
    const lucky = [1, 1, -0.3];
    expect(profitFactor(lucky)).toBeGreaterThan(profitFactor(many) ?? 0);
    expect(shrunkProfitFactor(many)).toBeGreaterThan(shrunkProfitFactor(lucky));
  });

  it('is undefined without a loss where it is not bounded', () => {
    expect(profitFactor([1, 2])).toBeUndefined();
  });

  it('as a bootstrap quantile lies below the measured one and repeats exactly', () => {
    const days = Array.from({ length: 60 }, (_, d) => (d % 3 === 0 ? [1.5] : [-0.5, 0.2]));
    const low = bootstrapProfitFactor(days, { seed: 1 });
    expect(low).toBeLessThan(profitFactor(days.flat()) ?? 0);
    expect(low).toBe(bootstrapProfitFactor(days, { seed: 1 }));
    expect(bootstrapProfitFactor([[], []], { seed: 1 })).toBeUndefined();
    expect(bootstrapProfitFactor([[1], [2]], { seed: 1 })).toBeUndefined();
  });
});

describe('days of a run', () => {
  const span = { startMs: DAY0, endMs: DAY0 + 4 * DAY_MS, startEquity: 10_000, riskPercent: 1 };

  it('hold account-R by closing day, empty days as zero', () => {
    const at = (day: number, netPnl: number) =>
      trade({ closedMs: DAY0 + day * DAY_MS + 1, netPnl });
    // 1 R is 100 at first, 102 after the gain.
    const series = daySeries([at(2, -51), at(0, 200)], span);
    expect(series.r).toEqual([2, 0, -0.5, 0]);
    expect(series.trades).toEqual([1, 0, 1, 0]);
    expect(accountRs([at(2, -51), at(0, 200)], span)).toEqual([2, -0.5]);
  });
});
