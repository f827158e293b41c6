import { describe, expect, it } from 'vitest';
import { simulateMarket } from './market.ts';
import { crossCorrelation, momentsOf } from './moments.ts';

const market = simulateMarket({ seed: 7, days: 20 });

describe('simulated market', () => {
  it('is the same market for the same seed and another for another', () => {
    const again = simulateMarket({ seed: 7, days: 20 });
    const other = simulateMarket({ seed: 8, days: 20 });
    for (let i = 0; i < 3; i++) {
      expect(again.series[i].close).toEqual(market.series[i].close);
      expect(again.series[i].volume).toEqual(market.series[i].volume);
      expect(other.series[i].close).not.toEqual(market.series[i].close);
    }
  });

  it('has honest bars on the grid of time and price', () => {
    for (const bars of market.series) {
      const scale = bars.symbol === 'BTCUSDT' ? 10 : 100;
      for (let i = 0; i < bars.length; i++) {
        const { open, high, low, close, volume, takerBuyVolume, openTime } = bars;
        const isHonest =
          high[i] >= Math.max(open[i], close[i]) &&
          low[i] <= Math.min(open[i], close[i]) &&
          low[i] > 0 &&
          volume[i] > 0 &&
          takerBuyVolume[i] >= 0 &&
          takerBuyVolume[i] <= volume[i] &&
          openTime[i] === openTime[0] + i * 60_000 &&
          Math.round(close[i] * scale) / scale === close[i];
        if (!isHonest) expect.fail(`${bars.symbol} bar ${i}`);
      }
    }
  });

  it('clusters, has fat tails, and ties volume to moves like the real thing', () => {
    for (const bars of market.series) {
      const moments = momentsOf(bars);
      expect(moments.kurtosis).toBeGreaterThan(6);
      expect(moments.kurtosis).toBeLessThan(60);
      expect(Math.abs(moments.returnLag1)).toBeLessThan(0.03);
      expect(moments.absLag1).toBeGreaterThan(0.15);
      expect(moments.absLag1).toBeLessThan(0.35);
      expect(moments.absLag100).toBeGreaterThan(0.04);
      expect(moments.volumeMove).toBeGreaterThan(0.5);
      expect(moments.volumeMove).toBeLessThan(0.75);
      expect(moments.rangeAtrMedian).toBeCloseTo(0.87, 1);
    }
    const correlation = crossCorrelation(market.series[0], market.series[1]);
    expect(correlation).toBeGreaterThan(0.65);
    expect(correlation).toBeLessThan(0.85);
  });

  it('settles funding every eight hours and says what it is', () => {
    const { times, rates } = market.funding[0];
    expect(times).toHaveLength(60);
    expect(times[0] % 28_800_000).toBe(0);
    expect(Math.max(...rates)).toBeLessThanOrEqual(0.003);
    expect(market.label).toMatch(/^SIMULATED/);
    expect(market.series[0].source.kind).toBe('simulated');
  });

  it('resamples on request', () => {
    const coarse = simulateMarket({ seed: 7, days: 20, timeframeMs: 180_000 });
    expect(coarse.series[0].length).toBe(market.series[0].length / 3);
    expect(coarse.series[0].close[0]).toBe(market.series[0].close[2]);
  });
});
