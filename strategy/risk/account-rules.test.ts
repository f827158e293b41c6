import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';
import { CostGate } from './cost-gate.ts';
import { DayBudget } from './day-budget.ts';
import { DirectionBreaker } from './direction-breaker.ts';
import { DrawdownThrottle } from './drawdown-throttle.ts';
import { EquityStop } from './equity-stop.ts';
import { DOCUMENT_RAMP, LeverageRamp, rampLeverage } from './leverage-ramp.ts';
import { MaxPackages } from './max-packages.ts';
import { proposal, riskView } from './testing/risk-fixture.ts';

const DAY_MS = 86_400_000;

describe('day budget: 2.5 account-R of 75 USDT', () => {
  const rule = new DayBudget({ limitR: 2.5, baseRiskPercent: 0.75 });
  // [day PnL, open risk, outcome, factor]
  const table: [number, number, string, number?][] = [
    [0, 0, 'allow'],
    [-90, 0, 'allow'],
    // 187.5 - 120 = 67.5 left for 1.2 R of 74.1 (risk is 0.75 % of 9,880).
    [-120, 0, 'shrink', 67.5 / 1.2 / 74.1],
    [0, 150, 'shrink', 37.5 / 1.2 / 75],
    [-180, 0, 'refuse'],
    [-187.5, 0, 'refuse'],
    [200, 0, 'allow'],
  ];
  it.each(table)('day %d with %d at risk: %s', (dayPnl, openRisk, outcome, factor) => {
    const verdict = rule.check(proposal(), riskView({ equity: 10_000 + dayPnl, openRisk }));
    expect(verdict.outcome).toBe(outcome);
    if (verdict.outcome === 'shrink') expect(verdict.factor).toBeCloseTo(factor ?? 0, 10);
  });

  it('counts the legs of a hedged package', () => {
    const view = riskView({ equity: 9_900 });
    expect(rule.check(proposal({ packageR: 1.9 }), view).outcome).toBe('shrink');
    expect(rule.check(proposal({ packageR: 0.9 }), view).outcome).toBe('allow');
  });
});

describe('direction breaker: -3 R of one side', () => {
  const rule = new DirectionBreaker({ limitR: 3 });
  it.each([
    [-2.99, 'allow'],
    [-3, 'refuse'],
    [1, 'allow'],
  ])('longs at %d R today: %s', (dayR, outcome) => {
    const view = riskView({ dayTradeR: (direction) => (direction === 1 ? dayR : 0) });
    expect(rule.check(proposal(), view).outcome).toBe(outcome);
    expect(rule.check(proposal({}, { direction: -1 }), view).outcome).toBe('allow');
  });
});

describe('circuit breaker: -3 account-R of the marked day', () => {
  it('flattens, refuses for the rest of the day, and opens again at 00:00 UTC', () => {
    const rule = new CircuitBreaker({ limitR: 3, baseRiskPercent: 0.75 });
    expect(rule.mustFlatten(riskView({ equity: 9_776 }))).toBeUndefined();
    expect(rule.mustFlatten(riskView({ equity: 9_775 }))).toContain('3 R');
    // Latched: a recovery within the day changes nothing.
    expect(rule.check(proposal(), riskView({ equity: 9_900 })).outcome).toBe('refuse');
    const tomorrow = riskView({ nowMs: riskView().nowMs + DAY_MS, equityAtMidnight: 9_775 });
    expect(rule.check(proposal(), tomorrow).outcome).toBe('allow');
  });
});

describe('equity stop', () => {
  const base = { limit: { r: 6 }, baseRiskPercent: 0.75, reference: 'ath' } as const;

  it('latches at 6 account-R under the peak until the peak is reset', () => {
    const rule = new EquityStop({ ...base, onBreach: 'latch' });
    expect(rule.check(proposal(), riskView({ equity: 9_551 })).outcome).toBe('allow');
    expect(rule.check(proposal(), riskView({ equity: 9_550 })).outcome).toBe('refuse');
    expect(rule.check(proposal(), riskView({ equity: 9_900 })).outcome).toBe('refuse');
    const resumed = riskView({ equity: 9_900, equityPeak: 9_900 });
    expect(rule.check(proposal(), resumed).outcome).toBe('allow');
  });

  it('re-arms above the limit', () => {
    const rule = new EquityStop({ ...base, onBreach: 'rearm' });
    expect(rule.check(proposal(), riskView({ equity: 9_500 })).outcome).toBe('refuse');
    expect(rule.check(proposal(), riskView({ equity: 9_600 })).outcome).toBe('allow');
  });

  it('only notes when it observes', () => {
    const rule = new EquityStop({ ...base, onBreach: 'observe' });
    expect(rule.check(proposal(), riskView({ equity: 9_000 })).outcome).toBe('allow');
    expect(rule.firstBreachMs).toBe(riskView().nowMs);
  });

  it('reads the 20-day high and percents', () => {
    const options = { ...base, reference: 'high20d', limit: { percent: 6 } } as const;
    const rule = new EquityStop({ ...options, onBreach: 'rearm' });
    const view = riskView({ equity: 9_399, equityPeak: 20_000, equityPeak20d: 10_000 });
    expect(rule.check(proposal(), view).outcome).toBe('refuse');
    expect(rule.check(proposal(), riskView({ equity: 9_401 })).outcome).toBe('allow');
  });
});

describe('drawdown throttle: max(0.5, 1 - DD / 8 %)', () => {
  const rule = new DrawdownThrottle({ rangePercent: 8, floor: 0.5 });
  it.each([
    [10_000, 1],
    [9_900, 1 - 0.01 / 0.08],
    [9_600, 0.5],
    [9_000, 0.5],
  ])('equity %d: factor %d', (equity, factor) => {
    const verdict = rule.check(proposal(), riskView({ equity }));
    if (factor === 1) expect(verdict.outcome).toBe('allow');
    else expect(verdict).toMatchObject({ outcome: 'shrink', factor: expect.closeTo(factor, 10) });
  });
});

describe('cost gate', () => {
  it.each([
    [0.5, 'allow'],
    [0.51, 'refuse'],
    [Number.NaN, 'refuse'],
  ])('worst costs of %d R: %s', (costRWorst, outcome) => {
    const rule = new CostGate({ costRMax: 0.5 });
    expect(rule.check(proposal({ costRWorst })).outcome).toBe(outcome);
  });
});

describe('leverage ramp 5 -> 10 -> 20', () => {
  it.each([
    [0, 5],
    [49, 5],
    [50, 10],
    [149, 10],
    [150, 20],
  ])('after %d trades %d x', (trades, leverage) => {
    expect(rampLeverage(DOCUMENT_RAMP, trades)).toBe(leverage);
    const rule = new LeverageRamp({ steps: DOCUMENT_RAMP });
    const at = (x: number) => riskView({ closedTrades: trades, leverage: x });
    expect(rule.check(proposal(), at(leverage)).outcome).toBe('allow');
    expect(rule.check(proposal(), at(leverage + 1)).outcome).toBe('refuse');
  });
});

describe('packages at once', () => {
  it('refuses the second', () => {
    const rule = new MaxPackages({ packagesMax: 1 });
    expect(rule.check(proposal(), riskView()).outcome).toBe('allow');
    expect(rule.check(proposal(), riskView({ openPackages: 1 })).outcome).toBe('refuse');
  });
});
