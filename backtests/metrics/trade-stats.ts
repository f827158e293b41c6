import type { TradeRecord } from '../../src/engine/trade-record.ts';

/** Below this a per-slice profit factor is noise (`docs/` has the odds); reports say so. */
export const TRADES_SUFFICIENT = 100;

/** Figures of a set of finished trades. Money in quote currency, R in planned R of each trade. */
export interface TradeStats {
  trades: number;
  /** Net R > 0. */
  wins: number;
  /** Net R <= 0. */
  losses: number;
  /** wins / trades; undefined without a trade. */
  winRate: number | undefined;
  meanR: number | undefined;
  medianR: number | undefined;
  /** Sample standard deviation of R. */
  sdR: number | undefined;
  bestR: number | undefined;
  worstR: number | undefined;
  sumR: number;
  /** Sum of winning / |sum of losing| net profit; undefined, not infinite, without a loss. */
  profitFactor: number | undefined;
  /** Mean net profit of a trade. */
  expectancy: number | undefined;
  grossPnl: number;
  hedgePnl: number;
  fees: number;
  /** Received minus paid. */
  funding: number;
  slippage: number;
  netPnl: number;
  meanHoldMinutes: number | undefined;
  medianHoldMinutes: number | undefined;
  longestWinStreak: number;
  longestLossStreak: number;
  /** Mean of the largest open loss and gain in R. */
  meanMaeR: number | undefined;
  meanMfeR: number | undefined;
  /** Part of the traded notional, legs included, that was filled as maker. */
  makerShare: number | undefined;
  /** Fewer trades than a conclusion needs. */
  isInsufficient: boolean;
}

export function tradeStats(trades: readonly TradeRecord[]): TradeStats {
  const rs = trades.map((trade) => trade.tradeR);
  const holds = trades.map((trade) => (trade.closedMs - trade.firstFillMs) / 60_000);
  const wins = rs.filter((r) => r > 0).length;
  const gains = sum(trades.map((trade) => Math.max(0, trade.netPnl)));
  const lost = -sum(trades.map((trade) => Math.min(0, trade.netPnl)));
  const netPnl = sum(trades.map((trade) => trade.netPnl));
  return {
    trades: trades.length,
    wins,
    losses: trades.length - wins,
    winRate: trades.length > 0 ? wins / trades.length : undefined,
    meanR: mean(rs),
    medianR: median(rs),
    sdR: sampleSd(rs),
    bestR: rs.length > 0 ? Math.max(...rs) : undefined,
    worstR: rs.length > 0 ? Math.min(...rs) : undefined,
    sumR: sum(rs),
    profitFactor: lost > 0 ? gains / lost : undefined,
    expectancy: trades.length > 0 ? netPnl / trades.length : undefined,
    grossPnl: sum(trades.map((trade) => trade.grossPnl)),
    hedgePnl: sum(trades.map((trade) => trade.hedgePnl)),
    fees: sum(trades.map((trade) => trade.fees)),
    funding: sum(trades.map((trade) => trade.funding)),
    slippage: sum(trades.map((trade) => trade.slippage)),
    netPnl,
    meanHoldMinutes: mean(holds),
    medianHoldMinutes: median(holds),
    longestWinStreak: longestStreak(rs, (r) => r > 0),
    longestLossStreak: longestStreak(rs, (r) => r <= 0),
    meanMaeR: mean(trades.map((trade) => trade.maeR)),
    meanMfeR: mean(trades.map((trade) => trade.mfeR)),
    makerShare: makerShareOf(trades),
    isInsufficient: trades.length < TRADES_SUFFICIENT,
  };
}

/** Over all trades, each weighed by its notional; undefined without one. */
export function makerShareOf(trades: readonly TradeRecord[]): number | undefined {
  const notionals = trades.map(tradedNotional);
  const total = sum(notionals);
  if (!(total > 0)) return undefined;
  return sum(trades.map((trade, i) => trade.makerShare * notionals[i])) / total;
}

/** Bought and sold, hedge legs included; quote currency. */
export function tradedNotional(trade: TradeRecord): number {
  const main = trade.quantity * (trade.entryPrice + trade.exitPrice);
  const legs = trade.legs
    .filter((leg) => leg.quantity > 0)
    .map((leg) => leg.quantity * (leg.entryPrice + leg.exitPrice));
  return main + sum(legs);
}

export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

export function mean(values: readonly number[]): number | undefined {
  return values.length > 0 ? sum(values) / values.length : undefined;
}

/** Divides by n - 1; undefined under two values. */
export function sampleSd(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const middle = sum(values) / values.length;
  let squares = 0;
  for (const value of values) squares += (value - middle) * (value - middle);
  return Math.sqrt(squares / (values.length - 1));
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}

/** Linear between order statistics (type 7 of Hyndman and Fan); undefined without values. */
export function quantile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}

function longestStreak(values: readonly number[], holds: (value: number) => boolean): number {
  let longest = 0;
  let current = 0;
  for (const value of values) {
    current = holds(value) ? current + 1 : 0;
    if (current > longest) longest = current;
  }
  return longest;
}
