import type { BacktestOptions, BacktestResult } from '../../../backtests/run-options.ts';
import { SkippingRun } from '../../../backtests/skipping-run.ts';
import { loadLearned } from './learned-states.ts';
import type { EntryBar } from './recording.ts';

export interface RecordedRunOptions {
  options: BacktestOptions;
  entries: readonly EntryBar[];
  /** Stops the run as hopeless once equity has fallen this far from its peak; a fraction. */
  drawdownMax?: number;
}

/**
 * The backtest of these options, without the bars on which nothing could happen: from one possible
 * entry to the next, and on while anything is open. Trades and equity are those of the whole walk.
 */
export function runRecorded({ options, entries, drawdownMax }: RecordedRunOptions): {
  result: BacktestResult;
  isPruned: boolean;
} {
  const run = new SkippingRun(options);
  const peak = new Peak(drawdownMax ?? Number.POSITIVE_INFINITY);
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = options;
  for (const entry of entries) {
    if (entry.openMs < fromMs || entry.atMs > toMs || entry.atMs <= run.atMs) continue;
    // Closer than that the bars were walked anyway, and everything has learned from them.
    if (entry.openMs > run.atMs) {
      run.skipTo(entry.openMs);
      loadLearned(options, entry.learned);
    }
    while (run.atMs < entry.atMs && run.advance(1));
    while (!run.isIdle && run.advance(1));
    if (peak.isFallen(run.engine.equity())) {
      run.interrupt();
      return { result: run.finish(), isPruned: true };
    }
  }
  // The last bar closes the books of the last day.
  const lastMs = Math.min(toMs, lastCloseMs(options));
  if (run.isIdle) run.skipTo(lastMs - 1);
  while (run.advance(1));
  return { result: run.finish(), isPruned: false };
}

class Peak {
  private highest = Number.NEGATIVE_INFINITY;
  declare private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  isFallen(equity: number): boolean {
    if (equity > this.highest) this.highest = equity;
    return (this.highest - equity) / this.highest > this.limit;
  }
}

function lastCloseMs({ feeds, toMs = Number.POSITIVE_INFINITY }: BacktestOptions): number {
  let lastMs = 0;
  for (const bars of feeds) {
    let at = bars.length - 1;
    while (at > 0 && bars.openTime[at] + bars.timeframeMs > toMs) at--;
    lastMs = Math.max(lastMs, bars.openTime[at] + bars.timeframeMs);
  }
  return lastMs;
}
