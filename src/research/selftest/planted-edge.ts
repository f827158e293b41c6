import { BacktestRun } from '../../../backtests/run.ts';
import type { BacktestOptions } from '../../../backtests/run-options.ts';
import { type Bars, createBars } from '../../../data/bars/bars.ts';
import type { Direction } from '../../engine/units.ts';

export interface PlantedEdge {
  /** The main symbol's bars with the edge in them. */
  bars: Bars;
  /** Trades of the run that the edge was planted for. */
  trades: number;
  meanR: number;
}

/**
 * Plants an edge for one set of settings: while a trade of it is open, each following bar is moved
 * its way by a fixed part of the trade's stop distance. Bars change only after the decisions that
 * they follow from, so the result is a market in which that strategy, and no other, is right.
 */
export function plantEdge(options: {
  bars: Bars;
  /** A run of the strategy on the bars it is given. */
  compose: (bars: Bars) => BacktestOptions;
  /** Drift of a bar, in R of the open trade. */
  driftR: number;
}): PlantedEdge {
  const bars = copyBars(options.bars);
  const run = options.compose(bars);
  const { mainSymbol } = run;
  const spec = run.account.instruments.find(({ symbol }) => symbol === mainSymbol);
  const tick = Number(spec?.tickSize);
  let factor = 1;
  const backtest: BacktestRun = new BacktestRun({
    ...run,
    observer: ({ event }) => {
      if (event.kind !== 'bar.closed' || event.symbol !== mainSymbol) return;
      if (event.timeframeMs !== bars.timeframeMs) return;
      const next = indexAfter(bars, event.openTime);
      if (next >= bars.length) return;
      const held = openTrade(backtest, mainSymbol);
      const before = factor;
      if (held !== undefined) factor *= 1 + held.direction * held.stopFraction * options.driftR;
      moveBar(bars, next, { open: before, close: factor, tick });
    },
  });
  while (backtest.advance(50_000));
  const { trades } = backtest.finish();
  const sum = trades.reduce((total, trade) => total + trade.tradeR, 0);
  return { bars, trades: trades.length, meanR: trades.length > 0 ? sum / trades.length : 0 };
}

interface HeldTrade {
  direction: Direction;
  /** Distance of the stop as a fraction of the price. */
  stopFraction: number;
}

function openTrade(run: BacktestRun, symbol: string): HeldTrade | undefined {
  for (const trade of run.engine.inspect().open.values()) {
    const { plan, phase } = trade;
    if (plan.symbol !== symbol || phase !== 'open') continue;
    const stopFraction = Math.abs(plan.stopPrice / plan.entry.decisionPrice - 1);
    return { direction: plan.direction, stopFraction };
  }
  return undefined;
}

/** The factor glides from open to close; high and low stay around both, prices on their ticks. */
function moveBar(bars: Bars, at: number, by: { open: number; close: number; tick: number }): void {
  const perUnit = Math.round(1 / by.tick);
  const onTick = (price: number) => Math.round(price * perUnit) / perUnit;
  const open = onTick(bars.open[at] * by.open);
  const close = onTick(bars.close[at] * by.close);
  const middle = (by.open + by.close) / 2;
  bars.high[at] = Math.max(open, close, onTick(bars.high[at] * middle));
  bars.low[at] = Math.min(open, close, onTick(bars.low[at] * middle));
  bars.open[at] = open;
  bars.close[at] = close;
}

/** Index of the first bar that opens after a time. */
function indexAfter(bars: Bars, openTime: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars.openTime[middle] > openTime) high = middle;
    else low = middle + 1;
  }
  return low;
}

function copyBars(bars: Bars): Bars {
  const { symbol, timeframeMs, length, source } = bars;
  const copy = createBars({ symbol, timeframeMs, length, source });
  copy.openTime.set(bars.openTime);
  copy.open.set(bars.open);
  copy.high.set(bars.high);
  copy.low.set(bars.low);
  copy.close.set(bars.close);
  copy.volume.set(bars.volume);
  copy.takerBuyVolume.set(bars.takerBuyVolume);
  return copy;
}
