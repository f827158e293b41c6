import { describe, expect, it } from 'vitest';
import { DAY0, trade } from '../../../backtests/metrics/testing/trade-fixture.ts';
import { Random } from '../../../data/simulated/random.ts';
import { DAY_MS, HOUR_MS } from '../../engine/units.ts';
import type { DesignTrial } from '../walk-forward/trial-design.ts';
import { assessTrials } from './assess-trials.ts';
import { daySeries } from './day-series.ts';

const span = { startMs: DAY0, endMs: DAY0 + 100 * DAY_MS, startEquity: 10_000, riskPercent: 0.1 };

/** One trial of `perDay` trades a day with this mean R. */
function made(options: { seed: number; meanR: number; perDay?: number }): DesignTrial {
  const random = new Random(options.seed, 2);
  const { perDay = 4 } = options;
  const trades = Array.from({ length: 100 * perDay }, (_, i) => {
    const tradeR = options.meanR + 0.67 * random.normal();
    const closedMs = DAY0 + Math.floor(i / perDay) * DAY_MS + HOUR_MS * (i % perDay);
    return trade({ tradeId: `t${i}`, tradeR, netPnl: 10 * tradeR, closedMs });
  });
  return { sets: [`a=${options.seed}`], trades, days: daySeries(trades, span) };
}

describe('what a search is worth', () => {
  const noise = Array.from({ length: 12 }, (_, seed) => made({ seed, meanR: 0 }));

  it('finds one good trial among noise by every measure', () => {
    const { best, pbo, superior, refusals } = assessTrials(
      [...noise, made({ seed: 99, meanR: 0.2 })],
      {
        seed: 1,
        everLookedAt: 13,
      },
    );
    expect(best?.sets).toEqual(['a=99']);
    expect(superior.best).toBe(12);
    expect(superior.pValue).toBeLessThan(0.01);
    expect(best?.deflated).toBeGreaterThan(0.95);
    expect(pbo?.pbo).toBeLessThan(0.1);
    expect(refusals).toEqual([]);
  });

  it('finds nothing in noise, the less the more was ever looked at', () => {
    const few = assessTrials(noise, { seed: 1, everLookedAt: 12 });
    const many = assessTrials(noise, { seed: 1, everLookedAt: 5_000 });
    expect(few.superior.pValue).toBeGreaterThan(0.05);
    expect(few.best?.deflated).toBeLessThan(0.95);
    expect(many.best?.deflated).toBeLessThan(few.best?.deflated ?? 0);
    expect(many.best?.luckySharpe).toBeGreaterThan(few.best?.luckySharpe ?? 0);
  });

  it('refuses a deflated Sharpe ratio under 100 trades, and says why', () => {
    const rare = Array.from({ length: 3 }, (_, seed) => {
      const trial = made({ seed, meanR: 0.5, perDay: 1 });
      const trades = trial.trades.slice(0, 99);
      return { ...trial, trades, days: daySeries(trades, span) };
    });
    const { best, refusals } = assessTrials(rare, { seed: 1, everLookedAt: 3 });
    expect(best?.deflated).toBeUndefined();
    expect(refusals.join()).toMatch(/the best trial has 99 trades, 100 are needed/);
  });

  it('says what it cannot say when nothing traded', () => {
    const idle = { sets: [], trades: [], days: daySeries([], span) };
    const { best, superior, refusals } = assessTrials([idle, idle], { seed: 1, everLookedAt: 2 });
    expect([best, superior.pValue]).toEqual([undefined, undefined]);
    expect(refusals).toHaveLength(3);
  });
});
