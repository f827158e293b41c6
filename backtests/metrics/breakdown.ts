import type { TradeRecord } from '../../src/engine/trade-record.ts';
import { type TradeStats, tradeStats } from './trade-stats.ts';

/** The same figures for a part of the trades. */
export interface Slice {
  name: string;
  stats: TradeStats;
}

export interface Breakdown {
  side: Slice[];
  month: Slice[];
  /** Hour of the decision, UTC. */
  hour: Slice[];
  exitReason: Slice[];
  tag: Slice[];
  /** Hurst regime at the decision, where the strategy recorded one. */
  regime: Slice[];
}

export function breakdown(trades: readonly TradeRecord[]): Breakdown {
  return {
    side: slices(trades, (trade) => (trade.direction === 1 ? 'long' : 'short')),
    month: slices(trades, (trade) => new Date(trade.decidedMs).toISOString().slice(0, 7)),
    hour: slices(trades, (trade) => new Date(trade.decidedMs).toISOString().slice(11, 13)),
    exitReason: slices(trades, (trade) => trade.exitReason),
    tag: slices(trades, (trade) => trade.tag),
    regime: slices(trades, (trade) => String(trade.context.regime ?? 'not recorded')),
  };
}

/** Sides whose profit factor stays under 1.2 over at least 500 trades, as the overview asks. */
export function weakSides(sides: readonly Slice[]): string[] {
  return sides
    .filter(({ stats }) => stats.trades >= 500 && (stats.profitFactor ?? 0) < 1.2)
    .map(({ name }) => name);
}

function slices(trades: readonly TradeRecord[], nameOf: (trade: TradeRecord) => string): Slice[] {
  const groups = new Map<string, TradeRecord[]>();
  for (const trade of trades) {
    const name = nameOf(trade);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [trade]);
    else group.push(trade);
  }
  return [...groups.keys()]
    .sort()
    .map((name) => ({ name, stats: tradeStats(groups.get(name) ?? []) }));
}
