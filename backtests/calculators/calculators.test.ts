import { describe, expect, test } from 'vitest';
import { type CompoundingOptions, simulateCompounding, wilson } from './compounding.ts';
import { DOCUMENT_CLAIM, expectedValue, type TradeAssumptions } from './expected-value.ts';

/** The documents' example with a stop that makes their notional true: 7.5 / 150 = 500 bps. */
const DOCUMENT: TradeAssumptions = {
  equity: 1_000,
  riskPercent: 0.75,
  stopBps: 500,
  winRate: 0.65,
  winR: 1,
  lossR: 1,
  makerPercent: 0.06,
  takerPercent: 0.06,
  makerShare: 0,
  slippageBps: 0,
  leverage: 20,
  tradesPerDay: 7,
};

describe('expected value', () => {
  test('gives the numbers of the documents when the stop is 5 % away', () => {
    const value = expectedValue(DOCUMENT);
    expect(value.risk).toBeCloseTo(7.5, 10);
    expect(value.notional).toBeCloseTo(DOCUMENT_CLAIM.notional, 10);
    expect(value.feesPerTrade).toBeCloseTo(DOCUMENT_CLAIM.feesPerTrade, 10);
    expect(value.netPerTrade).toBeCloseTo(DOCUMENT_CLAIM.netPerTrade, 10);
    expect(value.perDay).toBeCloseTo(DOCUMENT_CLAIM.perDay, 10);
    expect(value.monthFraction).toBeCloseTo(DOCUMENT_CLAIM.monthFraction, 4);
  });

  test('a stop of 35 bps costs 0.4 R: by hand', () => {
    const value = expectedValue({
      ...DOCUMENT,
      stopBps: 35,
      makerPercent: 0.02,
      takerPercent: 0.05,
      slippageBps: 2,
    });
    // Notional 7.5 / 0.0035; two taker fills of 0.05 % and 2 bps each.
    expect(value.notional).toBeCloseTo(2_142.857, 3);
    expect(value.costR).toBeCloseTo(0.0014 / 0.0035, 10);
    expect(value.netR).toBeCloseTo(0.3 - 0.4, 10);
    expect(value.breakEvenWinRate).toBeCloseTo(0.7, 10);
    // Winners 0.65 x 0.6 over losers 0.35 x 1.4.
    expect(value.profitFactor).toBeCloseTo(0.39 / 0.49, 10);
    expect(value.isAffordable).toBe(true);
    expect(expectedValue({ ...DOCUMENT, stopBps: 3, leverage: 1 }).isAffordable).toBe(false);
  });

  test('a maker entry saves one taker fill and its slippage', () => {
    const taker = expectedValue({ ...DOCUMENT, makerPercent: 0.02, slippageBps: 1 });
    const maker = expectedValue({ ...DOCUMENT, makerPercent: 0.02, slippageBps: 1, makerShare: 1 });
    expect(taker.feesPerTrade - maker.feesPerTrade).toBeCloseTo(150 * 0.0004, 10);
    expect(taker.slippagePerTrade - maker.slippagePerTrade).toBeCloseTo(150 * 0.0001, 10);
  });
});

const COMPOUND: CompoundingOptions = {
  equity: 1_000,
  riskPercent: 1,
  outcomesR: [1],
  tradesPerDay: 2,
  days: 30,
  paths: 3,
  seed: 1,
  ruinFraction: 0.5,
};

describe('compounding', () => {
  test('a sure gain compounds: 60 trades of 1 % are 1.01 to the 60th', () => {
    const result = simulateCompounding(COMPOUND);
    const grown = 1_000 * Math.exp(60 * Math.log(1.01));
    for (const end of result.endEquity) expect(end).toBeCloseTo(grown, 6);
    expect(result.monthMedian).toBeCloseTo(grown / 1_000 - 1, 9);
    expect([result.ruinShare, result.drawdownP95, result.lossStreakP95]).toEqual([0, 0, 0]);
  });

  test('a sure loss of 1 % a trade is ruin by half after 69 trades', () => {
    const losing = { ...COMPOUND, outcomesR: [-1] };
    expect(simulateCompounding({ ...losing, days: 34 }).ruinShare).toBe(0);
    const ruined = simulateCompounding({ ...losing, days: 35 });
    expect(ruined.ruinShare).toBe(1);
    expect(ruined.lossStreakMedian).toBe(69);
    expect(ruined.endEquity[2]).toBeCloseTo(1_000 * Math.exp(69 * Math.log(0.99)), 6);
  });

  test('the share of ruin of a fair game agrees with the gambler', () => {
    // Fixed stakes would give 1/2 between 0.5 and 1.5; here log equity drifts by -(risk^2)/2.
    const fair = simulateCompounding({
      ...COMPOUND,
      outcomesR: [1, -1],
      riskPercent: 5,
      tradesPerDay: 100,
      days: 100,
      paths: 400,
    });
    // Over 10,000 trades drift -12.5 in log: ruin is all but certain although each trade is fair.
    expect(fair.ruinShare).toBeGreaterThan(0.98);
    expect(fair.meanR).toBe(0);
  });

  test('the same seed repeats, another does not', () => {
    const mixed = { ...COMPOUND, outcomesR: [1, -1, 0.5], paths: 50 };
    expect(simulateCompounding(mixed)).toEqual(simulateCompounding(mixed));
    expect(simulateCompounding({ ...mixed, seed: 2 }).endEquity).not.toEqual(
      simulateCompounding(mixed).endEquity,
    );
  });

  test('risk under the smallest order of the exchange ends a path', () => {
    expect(simulateCompounding({ ...COMPOUND, riskMin: 11 }).ruinShare).toBe(1);
  });

  test('no ruin in 100 paths still leaves up to 3.7 % (Wilson)', () => {
    expect(wilson(0, 100).high).toBeCloseTo(0.036_99, 4);
    expect(() => simulateCompounding({ ...COMPOUND, outcomesR: [] })).toThrow(RangeError);
  });
});
