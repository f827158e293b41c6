import type { CalendarEvent } from '../../data/calendar/calendar.ts';
import { accountR, dayPnl } from '../../strategy/risk/account-r.ts';
import { rampLeverage } from '../../strategy/risk/leverage-ramp.ts';
import type { SessionConfig } from '../compose-live.ts';
import { rampOf, rulesOfPreset } from '../compose-rules.ts';
import type { Engine } from '../engine/engine.ts';
import { MINUTE_MS } from '../engine/units.ts';
import { BreakerProbe, type BreakerState } from '../metrics/breaker-probe.ts';

/** What the guards see now; R is account-R of the day or of the peak. */
export interface GuardStatus {
  /** Guards that would shrink, refuse or close now. */
  breakers: BreakerState[];
  day: { pnlR: number; budgetR: number; breakerR: number };
  equityStop: { reference: string; floor: number; roomR: number; onBreach: string };
  ramp: {
    leverage: number;
    allowed: number;
    closedTrades: number;
    /** Closed trades at which the next step begins; null on the last one. */
    nextAtTrades: number | null;
  };
  /** p95 of ten minutes; null under 30 samples. */
  latencyP95Ms: number | null;
  calendar: { next: string; atMs: number | null; isBlocking: boolean };
  /** The part of the account that trades are sized from; null: all of it. */
  capital: number | null;
}

/** Reads the guards of a session, on rules of its own: asking must not change a decision. */
export class GuardReader {
  declare private readonly kept: SessionConfig;
  declare private readonly probe: BreakerProbe;

  constructor(kept: SessionConfig) {
    this.kept = kept;
    const { config } = kept;
    const { symbol } = config.market;
    const rules = rulesOfPreset(config, {
      mainSymbol: symbol,
      symbols: [symbol, ...kept.legSymbols],
      finestTimeframeMs: kept.finestTimeframeMs,
      signalTimeframeMs: kept.signalTimeframeMs,
      calendar: kept.events,
      equityStopOnBreach: kept.equityStopOnBreach,
      capital: config.account.capital,
    });
    const riskPercent = config.risk.perTradePercent;
    this.probe = new BreakerProbe({ rules, symbol, riskPercent });
  }

  read(engine: Engine): GuardStatus {
    const { config, events } = this.kept;
    const { risk, guards, account } = config;
    const view = engine.riskView();
    const peak = risk.equityStopReference === 'ath' ? view.equityPeak : view.equityPeak20d;
    const dayUnit = accountR(risk.perTradePercent, view.equityAtMidnight);
    const peakUnit = accountR(risk.perTradePercent, peak);
    const limit =
      risk.equityStopUnit === 'r'
        ? risk.equityStopLimit * peakUnit
        : (peak * risk.equityStopLimit) / 100;
    const floor = peak - limit;
    const p95 = view.latencyP95Ms;
    return {
      breakers: this.probe.read(engine).filter(({ outcome }) => outcome !== 'allow'),
      day: {
        pnlR: dayPnl(view) / dayUnit,
        budgetR: risk.dayBudgetR,
        breakerR: risk.circuitBreakerR,
      },
      equityStop: {
        reference: risk.equityStopReference,
        floor,
        roomR: (view.equity - floor) / peakUnit,
        onBreach: this.kept.equityStopOnBreach ?? risk.equityStopOnBreach,
      },
      ramp: this.ramp(view.leverage, view.closedTrades),
      latencyP95Ms: Number.isFinite(p95) ? p95 : null,
      calendar: calendarStatus(events, view.nowMs, guards.eventMarginMinutes * MINUTE_MS),
      capital: account.capital > 0 ? account.capital : null,
    };
  }

  private ramp(leverage: number, closedTrades: number): GuardStatus['ramp'] {
    const steps = rampOf(this.kept.config);
    const next = steps.find(({ untilTrades }) => closedTrades < untilTrades)?.untilTrades;
    const nextAtTrades = next !== undefined && Number.isFinite(next) ? next : null;
    return { leverage, allowed: rampLeverage(steps, closedTrades), closedTrades, nextAtTrades };
  }
}

function calendarStatus(
  events: readonly CalendarEvent[],
  nowMs: number,
  marginMs: number,
): GuardStatus['calendar'] {
  // One that has just been still keeps entries away.
  const next = events.find(({ atMs }) => atMs + marginMs >= nowMs);
  if (next === undefined) return { next: 'NO release known', atMs: null, isBlocking: false };
  const isBlocking = Math.abs(next.atMs - nowMs) <= marginMs;
  return { next: `next release ${next.name}`, atMs: next.atMs, isBlocking };
}
