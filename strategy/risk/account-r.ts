import type { RiskView } from '../../src/engine/risk-gate.ts';

/** 1 account-R in quote currency: base risk % x reference equity, never the throttled risk. */
export function accountR(baseRiskPercent: number, referenceEquity: number): number {
  return (baseRiskPercent / 100) * referenceEquity;
}

/** Marked profit and loss since 00:00 UTC, quote currency; transfers are already taken out. */
export function dayPnl(view: RiskView): number {
  return view.equity - view.equityAtMidnight;
}

/** Drawdown from the all-time peak as a fraction, 0 at the peak. */
export function drawdown(view: RiskView): number {
  return view.equityPeak > 0 ? Math.max(0, 1 - view.equity / view.equityPeak) : 0;
}
