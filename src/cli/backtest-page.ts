import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AlertDrawing, collectDrawings } from '../../backtests/chart-drawings.ts';
import { runPage } from '../../backtests/report/run-page.ts';
import { runPageData } from '../../backtests/report/run-page-data.ts';
import type { RunSummary } from '../../backtests/report/summary.ts';
import type { BacktestOptions, BacktestResult } from '../../backtests/run-options.ts';
import { sliceBars } from '../../data/bars/bars.ts';
import { resampleBars } from '../../data/bars/resample.ts';
import type { Config } from '../config.ts';
import { MINUTE_MS } from '../engine/units.ts';
import { instrumentFor } from '../instrument-table.ts';

/** Bars shown before the first that traded. */
const LEAD_BARS = 500;

/** An alert is raised when its bar closes; it is drawn at the bar. */
function alertsOf(result: BacktestResult, barMs: number): AlertDrawing[] {
  const decided = new Set(result.trades.map((trade) => trade.decidedMs));
  return result.alerts.map(({ atMs, side, price, tags }) => ({
    side: side === 'BUY' ? 1 : -1,
    atMs: atMs - barMs,
    price,
    isEntry: decided.has(atMs),
    tags,
  }));
}

/** Writes report.html of a run; returns its path, undefined without bars. */
export function writeBacktestPage(
  folder: string,
  run: { config: Config; options: BacktestOptions; result: BacktestResult; summary: RunSummary },
): string | undefined {
  const { config, options, result, summary } = run;
  const feed = options.feeds.find((bars) => bars.symbol === options.mainSymbol);
  if (feed === undefined) return undefined;
  const all = resampleBars(feed, options.signalTimeframeMs);
  const first = all.openTime.findIndex((ms) => ms >= result.startMs);
  const after = all.openTime.findIndex((ms) => ms >= result.endMs);
  const bars = sliceBars(all, Math.max(0, first - LEAD_BARS), after < 0 ? all.length : after + 1);
  const tick = Number(instrumentFor(feed).spec.tickSize);
  const drawings = collectDrawings(all, {
    signal: config.signal,
    biasTimeframeMs: config.market.biasMinutes * MINUTE_MS,
    tickSize: tick,
    fromMs: bars.openTime[0],
    toMs: result.endMs,
  });
  const { trades, equity } = result;
  // The alerts of the run itself: what the strategy raised, not what the tags alone would.
  const alerts = alertsOf(result, options.signalTimeframeMs);
  const data = runPageData({ bars, tick, drawings: { ...drawings, alerts }, trades, equity });
  const path = join(folder, 'report.html');
  writeFileSync(path, runPage({ summary, trades, data }));
  return path;
}
