import type { TradeRecord } from '../../engine/trade-record.ts';
import type { MarketData } from '../../market-data.ts';
import { configOf, type RunSettings, runOn } from '../market-run.ts';
import { type DaySeries, daySeries } from '../statistics/day-series.ts';

/** One point of a fixed design and what it made of the whole search span. */
export interface DesignTrial {
  /** Settings as on the command line. */
  sets: readonly string[];
  trades: readonly TradeRecord[];
  days: DaySeries;
}

/** Trials that were all run over the same span, at fixed risk, without path-dependent rules. */
export interface TrialDesign {
  startMs: number;
  endMs: number;
  startEquity: number;
  riskPercent: number;
  trials: readonly DesignTrial[];
}

export interface DesignOptions {
  data: MarketData;
  base: RunSettings['base'];
  points: readonly (readonly string[])[];
  /** End of what searches may see; the hold-out lies behind it. */
  toMs: number;
  isCostFree?: boolean;
  onProgress?: (done: number, total: number) => void;
}

/** Runs every point once; the caller counts them in the ledger. */
export function runDesign(options: DesignOptions): TrialDesign {
  const { data, base, points, toMs, isCostFree } = options;
  const { config } = configOf({ base });
  const startEquity = config.account.equity;
  const riskPercent = config.risk.perTradePercent;
  const startMs = Math.min(...data.series.map((bars) => bars.openTime[0]));
  const trials = points.map((sets, i): DesignTrial => {
    const { trades } = runOn(data, { base, sets, toMs, isPathFree: true, isCostFree });
    options.onProgress?.(i + 1, points.length);
    const span = { startMs, endMs: toMs, startEquity, riskPercent };
    return { sets, trades, days: daySeries(trades, span) };
  });
  return { startMs, endMs: toMs, startEquity, riskPercent, trials };
}
