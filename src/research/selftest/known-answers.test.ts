import { describe, expect, it } from 'vitest';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { Random } from '../../../data/simulated/random.ts';
import { hashOf, type MarketData } from '../../market-data.ts';
import { type RunSettings, runOn, runOptions } from '../market-run.ts';
import { superiorAbility } from '../statistics/superior-ability.ts';
import { plantEdge } from './planted-edge.ts';
import { EDGE_R, noiseAccepted } from './selftest.ts';

const TRIALS = 30;
const DAYS = 62;
const TRADES_A_DAY = 8;
/** Spread of a real trade's R. */
const SD_R = 0.67;

/** Daily R of trials that share half of their variance; the first has `edgeR` more a trade. */
function population(seed: number, edgeR: number): number[][] {
  const random = new Random(seed, 11);
  const rows = Array.from({ length: TRIALS }, () => new Array<number>(DAYS).fill(0));
  for (let day = 0; day < DAYS; day++) {
    for (let i = 0; i < TRADES_A_DAY; i++) {
      const shared = random.normal();
      for (let k = 0; k < TRIALS; k++) {
        const r = SD_R * (shared + random.normal()) * Math.SQRT1_2;
        rows[k][day] += r + (k === 0 ? edgeR : 0);
      }
    }
  }
  return rows;
}

function rejections(options: { populations: number; edgeR: number }): number {
  let count = 0;
  for (let seed = 0; seed < options.populations; seed++) {
    const test = superiorAbility(population(seed, options.edgeR), { seed, resamples: 300 });
    if ((test.pValue ?? 1) < 0.05) count++;
  }
  return count;
}

describe('populations of trades whose answer is known', () => {
  it('pure noise is rejected in 2 to 18 of 200 at 5 %', () => {
    expect(noiseAccepted(200)).toEqual({ low: 2, high: 18 });
    const count = rejections({ populations: 200, edgeR: 0 });
    expect(count).toBeGreaterThanOrEqual(2);
    expect(count).toBeLessThanOrEqual(18);
  });

  it('fewer markets are judged by the same chances', () => {
    // P(3 or more of 4) = 0.0005, P(none of 20) = 0.36.
    expect(noiseAccepted(4)).toEqual({ low: 0, high: 2 });
    expect(noiseAccepted(20)).toEqual({ low: 0, high: 4 });
  });

  it('an edge of 0.15 R at 500 trades is found in at least 80 %', () => {
    expect(TRADES_A_DAY * DAYS).toBeLessThanOrEqual(500);
    expect(rejections({ populations: 60, edgeR: EDGE_R })).toBeGreaterThanOrEqual(48);
  });

  it('a fifth of that edge is mostly missed: the test has no power it should not have', () => {
    expect(rejections({ populations: 60, edgeR: EDGE_R / 5 })).toBeLessThan(30);
  });
});

describe('a planted edge', () => {
  const [bars] = simulateMarket({
    seed: 3,
    days: 12,
    timeframeMs: 180_000,
    symbols: ['BTCUSDT'],
  }).series;
  const market: MarketData = {
    kind: 'simulated',
    label: 'SIMULATED',
    series: [bars],
    funding: [],
    events: [],
    manifest: [],
    findings: [],
    notes: [],
    dataHash: hashOf(['test']),
    calendarHash: hashOf([]),
  };
  const settings: RunSettings = {
    base: { ignoreFile: true, env: {}, preset: 'smc-stand-in', sets: ['hedge.mode=off'] },
    isPathFree: true,
    isCostFree: true,
  };
  const planted = plantEdge({
    bars,
    compose: (changed) => runOptions({ ...market, series: [changed] }, settings),
    driftR: 0.15,
  });

  it('is in the bars: a fresh run on them makes the same trades', () => {
    const { trades } = runOn({ ...market, series: [planted.bars] }, settings);
    expect(trades.length).toBe(planted.trades);
    const meanR = trades.reduce((total, trade) => total + trade.tradeR, 0) / trades.length;
    expect(meanR).toBe(planted.meanR);
    const plain = runOn(market, settings).trades;
    const plainR = plain.reduce((total, trade) => total + trade.tradeR, 0) / plain.length;
    expect(meanR).toBeGreaterThan(plainR + 0.15);
  });

  it('leaves valid bars, unchanged before the first trade', () => {
    const { trades } = runOn(market, settings);
    const first = bars.openTime.findIndex((time) => time > trades[0].decidedMs);
    expect(first).toBeGreaterThan(100);
    for (let i = 0; i < first; i++) expect(planted.bars.close[i]).toBeCloseTo(bars.close[i], 6);
    for (let i = 0; i < bars.length; i++) {
      const { open, high, low, close } = planted.bars;
      expect(high[i]).toBeGreaterThanOrEqual(Math.max(open[i], close[i]));
      expect(low[i]).toBeLessThanOrEqual(Math.min(open[i], close[i]));
    }
  });
});
