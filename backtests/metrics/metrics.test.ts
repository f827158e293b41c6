import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../src/engine/units.ts';
import { activityOf } from './activity.ts';
import { tradeIntervals } from './bootstrap.ts';
import { breakdown, weakSides } from './breakdown.ts';
import { doubtOf } from './doubt.ts';
import { dailyReturns, equityStats, maxDrawdown } from './equity-stats.ts';
import { summarise } from './summarise.ts';
import { DAY0, resultOf, trade, tradesOf } from './testing/trade-fixture.ts';
import { quantile, sampleSd, tradeStats } from './trade-stats.ts';

describe('trade figures', () => {
  const stats = tradeStats(tradesOf(1, -1, 2, -0.5, -0.5, 0));

  it('count a net R of zero as no win', () => {
    expect([stats.trades, stats.wins, stats.losses]).toEqual([6, 2, 4]);
    expect(stats.winRate).toBeCloseTo(1 / 3, 12);
  });

  it('are the field’s: mean, median, profit factor, expectancy, streaks', () => {
    expect(stats.meanR).toBeCloseTo(1 / 6, 12);
    expect(stats.medianR).toBe(-0.25);
    expect(stats.profitFactor).toBe(30 / 20);
    expect(stats.expectancy).toBeCloseTo(10 / 6, 12);
    expect([stats.longestWinStreak, stats.longestLossStreak]).toEqual([1, 3]);
    expect([stats.bestR, stats.worstR]).toEqual([2, -1]);
    expect(stats.meanHoldMinutes).toBe(60);
  });

  it('leave the profit factor undefined without a loss, and everything without a trade', () => {
    expect(tradeStats(tradesOf(1, 2)).profitFactor).toBeUndefined();
    const none = tradeStats([]);
    expect([none.winRate, none.meanR, none.profitFactor, none.expectancy]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('call fewer than 100 trades insufficient', () => {
    expect(tradeStats(Array.from({ length: 99 }, () => trade())).isInsufficient).toBe(true);
    expect(tradeStats(Array.from({ length: 100 }, () => trade())).isInsufficient).toBe(false);
  });

  it('use n - 1 and the common quantile', () => {
    expect(sampleSd([1, 2, 3, 4])).toBeCloseTo(1.2909944487, 9);
    expect(sampleSd([1])).toBeUndefined();
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
  });
});

describe('equity figures', () => {
  it('measure drawdown from the running peak', () => {
    const points = [100, 120, 90, 130, 104].map((equity, i) => ({ atMs: i, equity }));
    expect(maxDrawdown(points)).toEqual({ money: 30, fraction: 0.25 });
  });

  it('keep zero days in Sharpe and Sortino', () => {
    // +1 %, 0, -1 %, 0: one win and one loss on four days.
    const result = resultOf([], 4);
    const days = [10_000, 10_100, 10_100, 9_999, 9_999].map((equity, i) => ({
      atMs: result.days[i].atMs,
      equity,
    }));
    const returns = dailyReturns({ days, endMs: result.endMs, endEquity: 9_999 });
    expect(returns.map((r) => Math.round(r * 1e6) / 1e6)).toEqual([0.01, 0, -0.01, 0]);
    const { sharpe, sortino } = equityStats({ ...result, days, endEquity: 9_999, riskPercent: 1 });
    expect(sharpe).toBeCloseTo(0, 9);
    expect(sortino).toBeCloseTo(0, 9);
  });

  it('annualise with 365 days', () => {
    // Daily returns 2 % and 0 %: mean 1 %, sample sd 1.41421 %.
    const days = [100, 102, 102].map((equity, i) => ({ atMs: DAY0 + i * 24 * HOUR_MS, equity }));
    const input = { equity: days, days, endMs: days[2].atMs, endEquity: 102, riskPercent: 1 };
    expect(equityStats(input).sharpe).toBeCloseTo((1 / Math.SQRT2) * Math.sqrt(365), 9);
    expect(equityStats(input).sortino).toBeUndefined();
  });

  it('measure the worst day against its own midnight, in account-R', () => {
    // Day 1: 10,000 falls to 9,850: 150 = 2 R of 0.75 %. Day 2 starts at 9,850 and loses 1 %.
    const input = resultOf(tradesOf(-15, -9.85), 2);
    const { worstDayR, worstDayMs } = equityStats({ ...input, riskPercent: 0.75 });
    expect(worstDayR).toBeCloseTo(2, 9);
    expect(worstDayMs).toBe(DAY0);
  });

  it('compound months by their days', () => {
    const start = Date.UTC(2025, 0, 30);
    const days = [100, 110, 121, 121].map((equity, i) => ({
      atMs: start + i * 24 * HOUR_MS,
      equity,
    }));
    const input = { equity: days, days, endMs: days[3].atMs, endEquity: 121, riskPercent: 1 };
    expect(equityStats(input).months.map(({ month, days: count }) => [month, count])).toEqual([
      ['2025-01', 2],
      ['2025-02', 1],
    ]);
    expect(equityStats(input).months[0].returnFraction).toBeCloseTo(0.21, 12);
  });
});

describe('intervals by day blocks', () => {
  const trades = tradesOf(...Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? 1.5 : -0.5)));
  const span = { startMs: DAY0, endMs: DAY0 + 200 * 24 * HOUR_MS };

  it('hold the measured value and repeat exactly', () => {
    const once = tradeIntervals(trades, span);
    expect(once).toEqual(tradeIntervals(trades, span));
    const stats = tradeStats(trades);
    for (const [interval, value] of [
      [once.winRate, stats.winRate],
      [once.meanR, stats.meanR],
      [once.profitFactor, stats.profitFactor],
    ] as const) {
      expect(interval?.low).toBeLessThan(value ?? Number.NaN);
      expect(interval?.high).toBeGreaterThan(value ?? Number.NaN);
    }
  });

  it('are as wide as the binomial says for one trade a day', () => {
    const { winRate } = tradeIntervals(trades, span);
    const p = 67 / 200;
    const half = 1.96 * Math.sqrt((p * (1 - p)) / 200);
    expect((winRate?.high ?? 0) - (winRate?.low ?? 0)).toBeGreaterThan(1.6 * half);
    expect((winRate?.high ?? 0) - (winRate?.low ?? 0)).toBeLessThan(2.4 * half);
  });

  it('do not exist without a trade', () => {
    expect(tradeIntervals([], span).winRate).toBeUndefined();
  });
});

describe('parts and activity', () => {
  it('split by side, exit reason and hour', () => {
    const trades = [trade(), trade({ direction: -1, tradeR: -1, exitReason: 'stop' })];
    const parts = breakdown(trades);
    expect(parts.side.map(({ name, stats }) => [name, stats.trades])).toEqual([
      ['long', 1],
      ['short', 1],
    ]);
    expect(parts.exitReason.map(({ name }) => name)).toEqual(['stop', 'targets']);
    expect(parts.hour.map(({ name }) => name)).toEqual(['01']);
  });

  it('flag a side with a profit factor under 1.2 only from 500 trades on', () => {
    const rs = (count: number) => Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1));
    expect(weakSides(breakdown(tradesOf(...rs(500))).side)).toEqual(['long']);
    expect(weakSides(breakdown(tradesOf(...rs(499))).side)).toEqual([]);
  });

  it('count overlapping positions once in exposure', () => {
    const hours = (from: number, to: number) =>
      trade({ firstFillMs: DAY0 + from * HOUR_MS, closedMs: DAY0 + to * HOUR_MS });
    const span = { startMs: DAY0, endMs: DAY0 + 10 * HOUR_MS, startEquity: 100 };
    const activity = activityOf([hours(1, 3), hours(2, 4), hours(8, 9)], span);
    expect(activity.exposure).toBeCloseTo(0.4, 12);
    expect(activity.turnover).toBeCloseTo((3 * 201) / 100, 12);
  });

  it('measure drawdown in R on the running sum', () => {
    const span = { startMs: DAY0, endMs: DAY0 + HOUR_MS, startEquity: 1 };
    expect(activityOf(tradesOf(2, -1, -1.5, 1), span).maxDrawdownR).toBe(2.5);
  });
});

describe('targets and doubt', () => {
  it('give no verdict on per-trade figures under 100 trades', () => {
    const { targets } = summarise(resultOf(tradesOf(1, 1, -1), 3), { riskPercent: 0.75 });
    const verdicts = Object.fromEntries(targets.map(({ name, verdict }) => [name, verdict]));
    expect(verdicts['win rate']).toBe('not enough data');
    expect(verdicts['worst day']).toBe('pass');
    expect(verdicts['signals a day']).toBe('miss');
  });

  it('pass and miss from 100 trades on', () => {
    const rs = Array.from({ length: 100 }, (_, i) => (i < 65 ? 0.5 : -0.6));
    const { targets } = summarise(resultOf(tradesOf(...rs), 100), { riskPercent: 0.75 });
    const verdicts = targets.map(({ name, verdict }) => `${name}: ${verdict}`);
    // PF = 32.5 / 21 = 1.548.
    expect(verdicts).toContain('win rate: pass');
    expect(verdicts).toContain('profit factor (strategy document): miss');
    expect(verdicts).toContain('profit factor (overview): pass');
  });

  it('walk from profit before costs to net profit', () => {
    const costs = { grossPnl: 10, hedgePnl: 2, fees: 3, slippage: 1, funding: -0.5, netPnl: 8.5 };
    const doubt = doubtOf(resultOf([trade(costs)], 1));
    expect(doubt.pnlBeforeCosts).toBe(13);
    expect(doubt.pnlAfterSlippage).toBe(12);
    expect(doubt.pnlAfterFees).toBe(9);
    expect(doubt.pnlAfterFunding).toBe(8.5);
    expect(doubt.costRPaid?.median).toBeCloseTo(0.4, 12);
  });

  it('tell first targets reached by stop distance', () => {
    const stops = [99.5, 98.8, 98.2, 97, 95];
    const trades = stops.map((initialStop, i) => trade({ initialStop, targetsFilled: i % 2 }));
    expect(doubtOf(resultOf(trades, 1)).firstTargetByStop).toEqual([
      { stopAtr: '< 1', trades: 1, reached: 0 },
      { stopAtr: '1-1.5', trades: 1, reached: 1 },
      { stopAtr: '1.5-2', trades: 1, reached: 0 },
      { stopAtr: '3-4', trades: 1, reached: 1 },
      { stopAtr: '4-6', trades: 1, reached: 0 },
    ]);
  });
});
