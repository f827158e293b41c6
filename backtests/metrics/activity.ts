import type { TradeRecord } from '../../src/engine/trade-record.ts';
import { DAY_MS } from '../../src/engine/units.ts';
import { sum, tradedNotional } from './trade-stats.ts';

/** How much the account was in the market. */
export interface Activity {
  /** Part of the span with a position open. */
  exposure: number;
  /** Notional bought and sold over start equity, hedge legs included. */
  turnover: number;
  tradesPerDay: number;
  /** Largest fall of the running sum of trade R from its peak. */
  maxDrawdownR: number;
}

export function activityOf(
  trades: readonly TradeRecord[],
  span: { startMs: number; endMs: number; startEquity: number },
): Activity {
  const spanMs = Math.max(1, span.endMs - span.startMs);
  return {
    exposure: unionMs(trades) / spanMs,
    turnover: sum(trades.map(tradedNotional)) / span.startEquity,
    tradesPerDay: trades.length / (spanMs / DAY_MS),
    maxDrawdownR: maxDrawdownR(trades),
  };
}

/** Time covered by at least one position; several may overlap. */
function unionMs(trades: readonly TradeRecord[]): number {
  const spans = [...trades].sort((a, b) => a.firstFillMs - b.firstFillMs);
  let covered = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const { firstFillMs, closedMs } of spans) {
    covered += Math.max(0, closedMs - Math.max(untilMs, firstFillMs));
    untilMs = Math.max(untilMs, closedMs);
  }
  return covered;
}

function maxDrawdownR(trades: readonly TradeRecord[]): number {
  let total = 0;
  let peak = 0;
  let worst = 0;
  for (const trade of trades) {
    total += trade.tradeR;
    if (total > peak) peak = total;
    worst = Math.max(worst, peak - total);
  }
  return worst;
}
