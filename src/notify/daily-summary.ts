import { tradeStats } from '../../backtests/metrics/trade-stats.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { DAY_MS } from '../engine/units.ts';

/** The documents: "auto-flag if either side's PF < 1.2 over 500 trades". */
export const FLAG_TRADES = 500;
export const FLAG_PROFIT_FACTOR = 1.2;

/** Profit factor of the last trades of one side, and whether it is flagged. */
export interface SideFlag {
  side: 'long' | 'short';
  /** Trades looked at, at most 500. */
  trades: number;
  /** Undefined without a losing trade. */
  profitFactor: number | undefined;
  /** Never with fewer than 500 trades: less says nothing. */
  isFlagged: boolean;
}

/** Over the last 500 filled trades of each side, by the time they closed. */
export function sideFlags(trades: readonly TradeRecord[]): SideFlag[] {
  return (['long', 'short'] as const).map((side) => {
    const last = trades.filter((trade) => isOf(trade, side)).slice(-FLAG_TRADES);
    const { profitFactor } = tradeStats(last);
    const isEnough = last.length === FLAG_TRADES;
    const isFlagged = isEnough && profitFactor !== undefined && profitFactor < FLAG_PROFIT_FACTOR;
    return { side, trades: last.length, profitFactor, isFlagged };
  });
}

/**
 * The day's trades by side (count, win rate, profit factor, mean R, net), equity, and the flag over
 * the last 500 trades of each side.
 * @param trades closed trades, oldest first; those of other days only count for the flag
 */
export function dailySummary(
  trades: readonly TradeRecord[],
  facts: { dayStartMs: number; equity: number; label: string },
): string {
  const { dayStartMs, equity, label } = facts;
  const today = trades.filter(
    ({ closedMs }) => closedMs >= dayStartMs && closedMs < dayStartMs + DAY_MS,
  );
  const net = today.reduce((sum, { netPnl }) => sum + netPnl, 0);
  const date = new Date(dayStartMs).toISOString().slice(0, 10);
  return [
    `${label}: ${date} UTC`,
    sideLine('long', today),
    sideLine('short', today),
    `net ${signed(net)}, equity ${equity.toFixed(2)}`,
    ...sideFlags(trades).map(flagLine),
  ].join('\n');
}

function sideLine(side: 'long' | 'short', trades: readonly TradeRecord[]): string {
  const stats = tradeStats(trades.filter((trade) => isOf(trade, side)));
  if (stats.trades === 0) return `${side}: no trade`;
  const { winRate = 0, meanR = 0, netPnl } = stats;
  const count = `${stats.trades} ${stats.trades === 1 ? 'trade' : 'trades'}`;
  const won = `won ${(winRate * 100).toFixed(0)} %`;
  const factor = `PF ${factorText(stats.profitFactor)}`;
  return `${side}: ${count}, ${won}, ${factor}, mean ${signed(meanR)} R, net ${signed(netPnl)}`;
}

function flagLine({ side, trades, profitFactor, isFlagged }: SideFlag): string {
  const what = `${side}, last ${trades} trades: PF ${factorText(profitFactor)}`;
  if (isFlagged) return `FLAG ${what}, under ${FLAG_PROFIT_FACTOR}`;
  return trades < FLAG_TRADES ? `${what} (no flag before ${FLAG_TRADES})` : what;
}

function isOf({ direction, quantity }: TradeRecord, side: 'long' | 'short'): boolean {
  return quantity > 0 && (direction === 1) === (side === 'long');
}

function factorText(factor: number | undefined): string {
  return factor === undefined ? 'none (no loss)' : factor.toFixed(2);
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(2)}`;
}
