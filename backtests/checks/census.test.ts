import { describe, expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { countCensus } from './census.ts';
import { CENSUS_RATES, censusTable, verdictOf } from './census-table.ts';

const FIVE_MINUTES_MS = 300_000;
const DAYS = 65;
const [BARS] = simulateMarket({ seed: 9, days: DAYS, timeframeMs: FIVE_MINUTES_MS }).series;
const { whole, windows } = countCensus(BARS, 0.1);

describe('the census of a SIMULATED market', () => {
  test('counts every bar after the warm-up, once', () => {
    expect(whole.bars).toBe(DAYS * 288 - 2_000);
    expect(windows.map((counts) => counts.bars)).toEqual([Math.round(52.8 * 288)]);
  });

  test('up- and down-crosses alternate', () => {
    expect(Math.abs(whole.hwUps - whole.hwDowns)).toBeLessThanOrEqual(1);
    expect(whole.hwUps).toBeGreaterThan(1_000);
  });

  test('each internal break makes one block', () => {
    const breaks = whole.internalBos + whole.internalChoch + whole.internalChochPlus;
    expect(Math.abs(whole.blocksCreated / breaks - 1)).toBeLessThan(0.03);
  });
});

test('a rate within 25 % needs no reason, one outside gives its own or is marked', () => {
  const rate = { name: 'x', minutes: 5 as const, of: () => 1.24, published: 1 };
  expect(verdictOf(rate, whole)).toBe('within 25 %');
  expect(verdictOf({ ...rate, of: () => 0.74 }, whole)).toBe('NOT EXPLAINED');
  const because = () => 'measured';
  expect(verdictOf({ ...rate, of: () => 1.26, because }, whole)).toBe('measured');
});

test.each(CENSUS_RATES.filter((rate) => rate.because !== undefined))(
  'the reason of "$name" is a measurement: other counts, other words',
  (rate) => {
    const twice = { ...whole, bars: 2 * whole.bars, hwUpsOther: 1, hwDownsOther: 1, reversals: 1 };
    expect(rate.because?.(twice)).not.toBe(rate.because?.(whole));
  },
);

test('a narrower count finds no more than the count itself', () => {
  expect(whole.grabsOncePivots).toBeGreaterThan(0);
  expect(whole.grabsOnce).toBeGreaterThan(whole.grabsOncePivots);
  expect(whole.grabs).toBeGreaterThan(whole.grabsOnce);
  expect(whole.reversalsMajor).toBeGreaterThan(whole.reversalsMajorSameBar);
  expect(whole.swingBreaks40).toBeGreaterThan(whole.swingBreaks);
});

test('the table has a line a rate, with the census beside ours', () => {
  const series = { symbol: 'SOLUSDT', minutes: 5, whole, windows };
  const lines = censusTable([series], 'SOLUSDT').split('\n');
  expect(lines.length).toBe(CENSUS_RATES.length + 2);
  const entries = lines.find((line) => line.includes('entries per block'));
  expect(entries).toContain('2.2705');
});
