import { beforeAll, describe, expect, it } from 'vitest';
import type { Bars } from '../../../data/bars/bars.ts';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { DAY_MS, HOUR_MS } from '../../engine/units.ts';
import { hashOf, type MarketData } from '../../market-data.ts';
import { completeDays, resampleDays } from './bar-days.ts';
import { missedFills } from './execution-noise.ts';
import {
  CRASH_DEPTH,
  FUNDING_SPIKE,
  withCorrelationOne,
  withFlashCrashes,
  withFundingSpikes,
  withOutages,
} from './stress-markets.ts';

let market: MarketData;
let startMs: number;

beforeAll(() => {
  const made = simulateMarket({ seed: 5, days: 20, timeframeMs: 180_000 });
  startMs = made.series[0].openTime[0];
  market = {
    kind: 'simulated',
    label: made.label,
    series: made.series,
    funding: made.funding.flatMap((table) =>
      Array.from(table.times, (atMs, i) => ({
        symbol: table.symbol,
        atMs,
        rate: table.rates[i],
        intervalHours: 8,
      })),
    ),
    events: [{ atMs: startMs + 3 * DAY_MS + 13 * HOUR_MS, name: 'CPI' }],
    manifest: [],
    findings: [],
    notes: [],
    dataHash: hashOf(['made']),
    calendarHash: hashOf([]),
  };
});

function returnsOf(bars: Bars): number[] {
  return Array.from({ length: bars.length - 1 }, (_, i) =>
    Math.log(bars.close[i + 1] / bars.close[i]),
  );
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const cov = mean(a.map((value, i) => (value - ma) * (b[i] - mb)));
  const spread = (values: readonly number[], m: number) =>
    Math.sqrt(mean(values.map((value) => (value - m) ** 2)));
  return cov / (spread(a, ma) * spread(b, mb));
}

describe('resampled days', () => {
  it('keep the three symbols, the grid of 15 minutes and the times of funding together', () => {
    const made = resampleDays(market, 1);
    const [btc, eth] = made.series;
    expect(btc.length).toBe(market.series[0].length);
    expect(btc.openTime).toEqual(market.series[0].openTime);
    // A day of BTC comes with the same day of ETH: correlation stays.
    const before = correlation(returnsOf(market.series[0]), returnsOf(market.series[1]));
    expect(correlation(returnsOf(btc), returnsOf(eth))).toBeGreaterThan(before - 0.05);
    for (const { atMs } of made.funding) expect((atMs - startMs) % (8 * HOUR_MS)).toBe(0);
    for (const { atMs } of made.events) expect((atMs - startMs) % DAY_MS).toBe(13 * HOUR_MS);
  });

  it('are made of returns of whole days: no seam shows a jump between price levels', () => {
    const [bars] = resampleDays(market, 2).series;
    const perDay = DAY_MS / bars.timeframeMs;
    const known = new Set(returnsOf(market.series[0]).map((value) => value.toFixed(9)));
    let inside = 0;
    const made = returnsOf(bars);
    for (let i = 0; i < made.length; i++) {
      if ((i + 1) % perDay === 0) expect(Math.abs(made[i])).toBeLessThan(0.02);
      else if (known.has(made[i].toFixed(9))) inside++;
    }
    expect(inside / made.length).toBeGreaterThan(0.99);
    for (let i = 0; i < bars.length; i++) {
      expect(bars.high[i]).toBeGreaterThanOrEqual(Math.max(bars.open[i], bars.close[i]));
    }
  });

  it('differ by seed, repeat by seed and stay SIMULATED', () => {
    const [once, again, other] = [1, 1, 2].map((seed) => resampleDays(market, seed));
    expect(once.series[0].close).toEqual(again.series[0].close);
    expect(once.series[0].close).not.toEqual(other.series[0].close);
    expect(once.label).toMatch(/^SIMULATED/);
    expect(once.dataHash).not.toBe(market.dataHash);
  });

  it('leave out days with a hole in any symbol', () => {
    const [btc, ...others] = market.series;
    const holed = withOutages(
      { ...market, series: [btc] },
      { spans: [{ fromMs: startMs + HOUR_MS, toMs: startMs + HOUR_MS }], count: 1, seed: 1 },
    ).series[0];
    expect(completeDays([holed, ...others])).toHaveLength(19);
    expect(() => resampleDays({ ...market, series: [{ ...btc, length: 480 }] }, 1)).toThrow(
      /1 complete days/,
    );
  });
});

describe('stressed markets', () => {
  const at = () => startMs + 5 * DAY_MS + 60_000;
  const spans = () => [{ fromMs: at(), toMs: at() }];

  it('crash between two bars and give half back', () => {
    const crash = withFlashCrashes(market, { spans: spans(), count: 1, seed: 1 });
    for (const [s, bars] of crash.series.entries()) {
      const was = market.series[s];
      const i = bars.openTime.findIndex((time) => time >= at());
      expect(bars.close[i - 1]).toBe(was.close[i - 1]);
      expect(bars.open[i] / was.open[i]).toBeCloseTo(1 - CRASH_DEPTH, 12);
      expect(bars.close[i + 5] / was.close[i + 5]).toBeCloseTo(1 - CRASH_DEPTH / 2, 9);
      expect(bars.low[i + 3]).toBeLessThanOrEqual(Math.min(bars.open[i + 3], bars.close[i + 3]));
    }
    expect(crash.label).toMatch(/^SIMULATED, STRESSED \(flash crash x 1\)/);
  });

  it('fall silent for two hours', () => {
    const out = withOutages(market, { spans: spans(), count: 3, seed: 1 });
    expect(market.series[0].length - out.series[0].length).toBe(40);
  });

  it('pay the cap of funding on some days, in both directions', () => {
    const rates = withFundingSpikes(market, 3).funding.map((row) => row.rate);
    const spikes = rates.filter((rate) => Math.abs(rate) === FUNDING_SPIKE);
    expect(spikes.length).toBeGreaterThan(0);
    expect(spikes.length).toBeLessThan(rates.length / 2);
  });

  it('move as one at correlation 1, each at its own volatility', () => {
    const [btc, eth] = withCorrelationOne(market, 'BTCUSDT').series;
    const [a, b] = [returnsOf(btc), returnsOf(eth)];
    expect(correlation(a, b)).toBeGreaterThan(0.999_999);
    const sd = (values: number[]) =>
      Math.sqrt(values.reduce((x, y) => x + y * y, 0) / values.length);
    expect(sd(b) / sd(returnsOf(market.series[1]))).toBeCloseTo(1, 2);
  });
});

it('missed fills are as many as asked', () => {
  const rule = missedFills(0.3, 1);
  let refused = 0;
  for (let i = 0; i < 10_000; i++) {
    if (rule.check({} as never, {} as never).outcome === 'refuse') refused++;
  }
  expect(refused / 10_000).toBeCloseTo(0.3, 1);
});
