import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { resampleBars } from '../bars/resample.ts';
import { SIMULATED_SYMBOLS, type SimulatedMarket, simulateMarket } from './market.ts';
import { computeMoments, crossCorrelation } from './moments.ts';

const MINUTE_MS = 60_000;
const TICKS: Record<string, number> = { BTCUSDT: 10, ETHUSDT: 100, SOLUSDT: 100 };
const STEPS: Record<string, number> = { BTCUSDT: 1_000, ETHUSDT: 1_000, SOLUSDT: 100 };
const market = simulateMarket({ seed: 7, days: 30, timeframeMs: MINUTE_MS });

function digest({ series, funding }: SimulatedMarket): string {
  const hash = createHash('sha256');
  for (const bars of series) {
    for (const column of [bars.open, bars.high, bars.low, bars.close, bars.volume]) {
      hash.update(column);
    }
    hash.update(bars.takerBuyVolume).update(bars.openTime);
  }
  for (const table of funding) hash.update(table.rates);
  return hash.digest('hex').slice(0, 16);
}

describe('a seed', () => {
  it('gives the same market on every run, machine and Node version', () => {
    // Pinned: a change of this digest is a change of every result on simulated data.
    expect(digest(simulateMarket({ seed: 42, days: 2, timeframeMs: MINUTE_MS }))).toBe(
      '11469809381a41ab',
    );
  });

  it('gives another market than the next seed', () => {
    const one = simulateMarket({ seed: 1, days: 1, timeframeMs: MINUTE_MS });
    const two = simulateMarket({ seed: 2, days: 1, timeframeMs: MINUTE_MS });
    expect(digest(one)).not.toBe(digest(two));
    const large = simulateMarket({ seed: 1 + 2 ** 40, days: 1, timeframeMs: MINUTE_MS });
    expect(digest(large)).not.toBe(digest(one));
  });

  it('gives one symbol alone the path it has among all', () => {
    const alone = simulateMarket({
      seed: 7,
      days: 30,
      timeframeMs: MINUTE_MS,
      symbols: ['ETHUSDT'],
    });
    expect(alone.series).toHaveLength(1);
    expect(alone.series[0].close).toEqual(market.series[1].close);
    expect(alone.funding[0].rates).toEqual(market.funding[1].rates);
  });

  it('gives a longer market that begins as the shorter one', () => {
    const short = simulateMarket({ seed: 7, days: 3, timeframeMs: MINUTE_MS });
    expect(market.series[2].close.slice(0, 3 * 1_440)).toEqual(short.series[2].close.slice());
  });
});

describe('every bar', () => {
  it.each([0, 1, 2])('is valid, on the grid of time, price and volume (%i)', (s) => {
    const bars = market.series[s];
    const ticks = TICKS[bars.symbol];
    const steps = STEPS[bars.symbol];
    expect(bars.length).toBe(30 * 1_440);
    expect(bars.source.kind).toBe('simulated');
    expect(bars.source.names[0]).toMatch(/^SIMULATED/);
    for (let i = 0; i < bars.length; i++) {
      const { open, high, low, close, volume, takerBuyVolume, openTime } = bars;
      const isValid =
        high[i] >= Math.max(open[i], close[i]) &&
        low[i] <= Math.min(open[i], close[i]) &&
        low[i] > 0 &&
        volume[i] > 0 &&
        takerBuyVolume[i] >= 0 &&
        takerBuyVolume[i] <= volume[i] &&
        openTime[i] === openTime[0] + i * MINUTE_MS &&
        [open, high, low, close].every((c) => Math.round(c[i] * ticks) / ticks === c[i]) &&
        [volume, takerBuyVolume].every((c) => Math.round(c[i] * steps) / steps === c[i]);
      if (!isValid) expect.fail(`${bars.symbol} bar ${i} is not valid`);
    }
  });

  it('of 3m and 15m is the aggregate of its minutes', () => {
    for (const timeframeMs of [180_000, 900_000]) {
      const coarse = simulateMarket({ seed: 7, days: 30, timeframeMs });
      coarse.series.forEach((bars, s) => {
        const expected = resampleBars(market.series[s], timeframeMs);
        expect(bars.timeframeMs).toBe(timeframeMs);
        expect(bars.high).toEqual(expected.high);
        expect(bars.low).toEqual(expected.low);
        expect(bars.close).toEqual(expected.close);
        expect(bars.volume[100]).toBeCloseTo(expected.volume[100], 9);
      });
    }
  });
});

describe('funding', () => {
  it('settles every eight hours at plausible rates of eight decimals', () => {
    for (const { times, rates, intervalHours } of market.funding) {
      expect(times).toHaveLength(90);
      expect(times[1] - times[0]).toBe(8 * 3_600_000);
      expect(new Set(intervalHours)).toEqual(new Set([8]));
      expect(Math.max(...rates.map(Math.abs))).toBeLessThan(0.0015);
      expect(rates.every((rate) => Number(rate.toFixed(8)) === rate)).toBe(true);
      expect(rates.some((rate) => rate === 0.0001)).toBe(true);
    }
  });
});

describe('moments lie near those of the real perpetuals', () => {
  it.each([0, 1, 2])('of one symbol (%i)', (s) => {
    const moments = computeMoments(market.series[s]);
    const lags = moments.absAutocorrelation.map(({ value }) => value);
    const within = (value: number, low: number, high: number) => {
      expect(value).toBeGreaterThan(low);
      expect(value).toBeLessThan(high);
    };
    within(moments.returnSdBps, 3.5, 14);
    within(moments.kurtosis, 8, 120);
    within(moments.kurtosisClipped, 5.5, 11);
    within(moments.beyond4SdPer10k, 40, 85);
    within(moments.returnAutocorrelation1, -0.04, 0.04);
    within(lags[0], 0.18, 0.35);
    within(lags[2], 0.08, 0.22);
    within(lags[4], 0, 0.12);
    expect(lags[0]).toBeGreaterThan(lags[2]);
    expect(lags[2]).toBeGreaterThan(lags[4]);
    within(moments.volumeAbsReturn, 0.45, 0.65);
    within(moments.volumeRange, 0.65, 0.85);
    within(moments.takerReturn, 0.35, 0.55);
    within(moments.rangeToBody, 1.5, 1.95);
    within(moments.rangeToAtr[2].value, 0.8, 0.95);
    within(moments.rangeToAtr[5].value, 2.4, 3.9);
    within(moments.hourRatio, 1.4, 2.8);
    within(moments.varianceRatio15m, 0.85, 1.15);
  });

  it('between symbols', () => {
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const value = crossCorrelation(market.series[a], market.series[b]);
      expect(value).toBeGreaterThan(0.65);
      expect(value).toBeLessThan(0.85);
    }
  });
});

describe('the knobs', () => {
  const base = { seed: 3, days: 10, timeframeMs: MINUTE_MS };

  it('scale volatility', () => {
    const calm = simulateMarket({ ...base, volatilityScale: 1 });
    const wild = simulateMarket({ ...base, volatilityScale: 3 });
    const sd = (m: SimulatedMarket) => computeMoments(m.series[0]).returnSdBps;
    expect(sd(wild) / sd(calm)).toBeCloseTo(3, 1);
  });

  it('set the correlation between jumps', () => {
    const apart = simulateMarket({ ...base, correlation: 0, jumpScale: 0 });
    expect(Math.abs(crossCorrelation(apart.series[0], apart.series[1]))).toBeLessThan(0.05);
    const together = simulateMarket({ ...base, correlation: 1, jumpScale: 0 });
    expect(crossCorrelation(together.series[0], together.series[1])).toBeGreaterThan(0.85);
  });

  it('plant a drift at times of the caller', () => {
    const isNoon = (time: number) => Math.floor(time / 3_600_000) % 24 === 12;
    const drift = (symbol: string, time: number) =>
      symbol === 'BTCUSDT' && isNoon(time) ? 0.0002 : 0;
    const planted = simulateMarket({ ...base, drift });
    const plain = simulateMarket(base);
    const last = plain.series[0].length - 1;
    // Ten noons of sixty minutes of 2 bps each.
    const ratio = planted.series[0].close[last] / plain.series[0].close[last];
    expect(Math.log(ratio)).toBeCloseTo(0.12, 4);
    expect(planted.series[1].close).toEqual(plain.series[1].close);
    expect(planted.label).toContain('planted drift');
  });

  it('are refused when out of range', () => {
    const refused = (options: object) => () => simulateMarket({ ...base, ...options });
    expect(refused({ seed: 1.5 })).toThrow(/seed/);
    expect(refused({ days: 0 })).toThrow(/days/);
    expect(refused({ days: Number.NaN })).toThrow(/days/);
    expect(refused({ timeframeMs: 7 * MINUTE_MS })).toThrow(/timeframe/);
    expect(refused({ startTime: 1 })).toThrow(/00:00/);
    expect(refused({ correlation: 1.1 })).toThrow(/correlation/);
    expect(refused({ symbols: ['DOGEUSDT'] })).toThrow(/DOGEUSDT/);
    expect(SIMULATED_SYMBOLS).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
  });
});
