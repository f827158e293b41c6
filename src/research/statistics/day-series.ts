import type { TradeRecord } from '../../engine/trade-record.ts';
import { DAY_MS } from '../../engine/units.ts';

/** What a run made of each UTC day of its span; days without a trade stay in, as zero. */
export interface DaySeries {
  /** 00:00 UTC of the first day, ms. */
  startMs: number;
  /** Net account-R of each day: profit over base risk x equity before the trade. */
  r: number[];
  /** Trades closed on each day. */
  trades: number[];
}

export interface DaySpan {
  startMs: number;
  endMs: number;
}

/**
 * Trades as daily account-R. The equity before each trade is followed, so that a quantity cut by
 * leverage or lots counts as the smaller risk it was. One package at a time is assumed.
 */
export function daySeries(
  trades: readonly TradeRecord[],
  options: DaySpan & { startEquity: number; riskPercent: number },
): DaySeries {
  const { startMs, endMs, startEquity, riskPercent } = options;
  const first = Math.floor(startMs / DAY_MS);
  const count = Math.max(1, Math.ceil(endMs / DAY_MS) - first);
  const out: DaySeries = {
    startMs: first * DAY_MS,
    r: new Array<number>(count).fill(0),
    trades: new Array<number>(count).fill(0),
  };
  let equity = startEquity;
  for (const trade of [...trades].sort((a, b) => a.closedMs - b.closedMs)) {
    const day = Math.floor(trade.closedMs / DAY_MS) - first;
    const at = Math.min(count - 1, Math.max(0, day));
    out.r[at] += accountR(trade, equity, riskPercent);
    out.trades[at]++;
    equity += trade.netPnl;
  }
  return out;
}

/** Account-R of each trade in order of their ends; 0 once the account is empty. */
export function accountRs(
  trades: readonly TradeRecord[],
  options: { startEquity: number; riskPercent: number },
): number[] {
  let equity = options.startEquity;
  return [...trades]
    .sort((a, b) => a.closedMs - b.closedMs)
    .map((trade) => {
      const r = accountR(trade, equity, options.riskPercent);
      equity += trade.netPnl;
      return r;
    });
}

function accountR(trade: TradeRecord, equity: number, riskPercent: number): number {
  return equity > 0 ? trade.netPnl / ((riskPercent / 100) * equity) : 0;
}
