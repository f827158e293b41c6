import type { BarClosed } from '../../../src/engine/event.ts';
import type { TradePlan } from '../../../src/engine/plan.ts';
import type { Proposal, RiskView } from '../../../src/engine/risk-gate.ts';
import { testPlan } from '../../../src/engine/testing/engine-fixture.ts';

/** A quiet account: 10,000 USDT, at its peak, nothing open. 2025-01-06 12:00 UTC. */
export function riskView(overrides: Partial<RiskView> = {}): RiskView {
  return {
    nowMs: Date.UTC(2025, 0, 6, 12),
    mode: 'backtest',
    equity: 10_000,
    equityAtMidnight: 10_000,
    equityPeak: 10_000,
    equityPeak20d: 10_000,
    freeMargin: 10_000,
    leverage: 20,
    openRisk: 0,
    openPackages: 0,
    closedTrades: 0,
    dayTradeR: () => 0,
    positionDirection: () => 0,
    openSymbols: [],
    lastPrice: () => 100_000,
    fundingRate: () => 0.0001,
    fundingIntervalHours: () => 8,
    latencyP95Ms: Number.NaN,
    ...overrides,
  };
}

/** 0.75 % risk, stop 0.56 % away, 0.1 R costs as planned and 0.2 R at worst. */
export function proposal(
  overrides: Partial<Proposal> = {},
  plan: Partial<TradePlan> = {},
): Proposal {
  return {
    plan: testPlan(plan),
    riskPercent: 0.75,
    stopFraction: 0.0056,
    notional: 13_393,
    packageR: 1,
    costRPlanned: 0.1,
    costRWorst: 0.2,
    ...overrides,
  };
}

export function riskBar(overrides: Partial<BarClosed> = {}): BarClosed {
  return {
    kind: 'bar.closed',
    symbol: 'BTCUSDT',
    timeframeMs: 60_000,
    openTime: 0,
    open: 100_000,
    high: 100_000,
    low: 100_000,
    close: 100_000,
    volume: 10,
    takerBuyVolume: 5,
    isWarmUp: false,
    ...overrides,
  };
}
