import { CapitalCap } from '../strategy/risk/capital-cap.ts';
import { CircuitBreaker } from '../strategy/risk/circuit-breaker.ts';
import { CorrelationThrottle } from '../strategy/risk/correlation-throttle.ts';
import { CostGate } from '../strategy/risk/cost-gate.ts';
import { DayBudget } from '../strategy/risk/day-budget.ts';
import { DirectionBreaker } from '../strategy/risk/direction-breaker.ts';
import { DrawdownThrottle } from '../strategy/risk/drawdown-throttle.ts';
import { EquityStop } from '../strategy/risk/equity-stop.ts';
import { type CalendarEvent, EventGuard } from '../strategy/risk/event-guard.ts';
import { FlashGuard } from '../strategy/risk/flash-guard.ts';
import { FundingFilter } from '../strategy/risk/funding-filter.ts';
import { LatencyGuard } from '../strategy/risk/latency-guard.ts';
import { LeverageRamp, type RampStep } from '../strategy/risk/leverage-ramp.ts';
import { MaxPackages } from '../strategy/risk/max-packages.ts';
import { ValueAtRiskCap } from '../strategy/risk/value-at-risk.ts';
import { VolatilityGuard } from '../strategy/risk/volatility-guard.ts';
import type { RiskRule } from './engine/risk-gate.ts';
import { MINUTE_MS } from './engine/units.ts';
import type { TradePreset } from './trade-presets.ts';

/**
 * The rules of a preset in the order they are asked: first what stops everything, then what judges
 * the market, then what judges the trade, last what shrinks it (the day budget sees the shrunk one).
 */
export function rulesOfPreset(
  preset: TradePreset,
  context: {
    mainSymbol: string;
    symbols: readonly string[];
    finestTimeframeMs: number;
    signalTimeframeMs: number;
    calendar: readonly CalendarEvent[];
    /** Backtests and research only observe the equity stop (decision 39). */
    equityStopOnBreach?: 'latch' | 'rearm' | 'observe';
    /** Part of the account to size from; 0 or left out means all of it. */
    capital?: number;
  },
): RiskRule[] {
  const { risk, guards } = preset;
  const { mainSymbol: symbol, symbols } = context;
  const baseRiskPercent = risk.perTradePercent;
  const limit = risk.equityStopUnit === 'r' ? 'r' : 'percent';
  return [
    new CircuitBreaker({ limitR: risk.circuitBreakerR, baseRiskPercent }),
    new EquityStop({
      reference: risk.equityStopReference,
      limit: limit === 'r' ? { r: risk.equityStopLimit } : { percent: risk.equityStopLimit },
      onBreach: context.equityStopOnBreach ?? risk.equityStopOnBreach,
      baseRiskPercent,
    }),
    new MaxPackages({ packagesMax: risk.packagesMax }),
    new LeverageRamp({ steps: rampOf(preset) }),
    new DirectionBreaker({ limitR: risk.directionBreakerR }),
    new CostGate({ costRMax: risk.costRMax }),
    new FlashGuard({ symbols, movePercent: guards.flashMovePercent }),
    new VolatilityGuard({ symbol, multiple: guards.volatilityMultiple }),
    new EventGuard({ marginMinutes: guards.eventMarginMinutes, events: context.calendar }),
    new FundingFilter({ limitPercent8h: guards.fundingMaxPercent8h, mode: guards.fundingMode }),
    new CorrelationThrottle({
      symbols,
      timeframeMs: context.finestTimeframeMs,
      bars: Math.max(20, Math.round((60 * MINUTE_MS) / context.finestTimeframeMs)),
      correlationMax: risk.correlationMax,
    }),
    new LatencyGuard({
      halfAboveMs: guards.latencyHalfAboveMs,
      blockAboveMs: guards.latencyBlockAboveMs,
      releaseBelowMs: guards.latencyReleaseBelowMs,
    }),
    ...(context.capital ? [new CapitalCap({ capital: context.capital })] : []),
    new DrawdownThrottle({
      rangePercent: risk.throttleRangePercent,
      floor: risk.throttleFloor,
    }),
    new ValueAtRiskCap({
      symbols,
      timeframeMs: context.signalTimeframeMs,
      limitR: risk.varLimitR,
      baseRiskPercent,
    }),
    new DayBudget({ limitR: risk.dayBudgetR, baseRiskPercent }),
  ];
}

/** JSON has no infinity: a step without an end is written as null. */
export function rampOf(preset: TradePreset): RampStep[] {
  return preset.leverage.ramp.map(({ leverage, untilTrades }) => ({
    leverage,
    untilTrades: untilTrades ?? Number.POSITIVE_INFINITY,
  }));
}
