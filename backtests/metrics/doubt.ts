import type { TradeRecord } from '../../src/engine/trade-record.ts';
import type { BacktestResult } from '../run-options.ts';
import { makerShareOf, quantile, sum } from './trade-stats.ts';

/** What the result hangs on besides the strategy: costs, guesses inside bars, fills never made. */
export interface Doubt {
  /** Bars in which both stop and target lay, and the trades that met one. */
  ambiguousBars: number;
  ambiguousTrades: number;
  /** Net profit of those trades, stop first. */
  ambiguousPnl: number;
  /** Of the net profit of all trades; undefined when that is zero. */
  ambiguousShare: number | undefined;
  /** Profit before costs, then after each: fees, slippage, funding. Hedge legs included. */
  pnlBeforeCosts: number;
  pnlAfterSlippage: number;
  pnlAfterFees: number;
  pnlAfterFunding: number;
  makerShare: number | undefined;
  /** Costs over planned R as expected at the gate with taker fills everywhere. */
  costRWorst: Quartiles | undefined;
  /** Fees plus slippage as paid over planned R. */
  costRPaid: Quartiles | undefined;
  /** Approved and sent, not filled. */
  notFilled: number;
  /** Ended by time with neither a target reached nor the stop hit. */
  undecided: number;
  /** Trades that reached their first target, by stop distance in ATR. */
  firstTargetByStop: { stopAtr: string; trades: number; reached: number }[];
  liquidations: number;
}

export interface Quartiles {
  p10: number;
  median: number;
  p90: number;
}

export function doubtOf(result: BacktestResult): Doubt {
  const { trades } = result;
  const ambiguous = new Set(result.ambiguousTradeIds);
  const net = sum(trades.map((trade) => trade.netPnl));
  const fees = sum(trades.map((trade) => trade.fees));
  const slippage = sum(trades.map((trade) => trade.slippage));
  const funding = sum(trades.map((trade) => trade.funding));
  const afterSlippage = net + fees - funding;
  const inDoubt = trades.filter((trade) => ambiguous.has(trade.tradeId));
  const ambiguousPnl = sum(inDoubt.map((trade) => trade.netPnl));
  return {
    ambiguousBars: result.ambiguousBars,
    ambiguousTrades: ambiguous.size,
    ambiguousPnl,
    ambiguousShare: net === 0 ? undefined : ambiguousPnl / net,
    pnlBeforeCosts: afterSlippage + slippage,
    pnlAfterSlippage: afterSlippage,
    pnlAfterFees: afterSlippage - fees,
    pnlAfterFunding: net,
    makerShare: makerShareOf(trades),
    costRWorst: quartiles(trades.map((trade) => trade.costRWorst)),
    costRPaid: quartiles(trades.map((trade) => (trade.fees + trade.slippage) / trade.plannedR)),
    notFilled: result.unfilled.length,
    undecided: trades.filter((trade) => trade.exitReason === 'timeout' && trade.targetsFilled === 0)
      .length,
    firstTargetByStop: firstTargetByStop(trades),
    liquidations: result.liquidations,
  };
}

function quartiles(values: readonly number[]): Quartiles | undefined {
  const known = values.filter(Number.isFinite);
  const p10 = quantile(known, 0.1);
  const median = quantile(known, 0.5);
  const p90 = quantile(known, 0.9);
  if (p10 === undefined || median === undefined || p90 === undefined) return undefined;
  return { p10, median, p90 };
}

const STOP_EDGES = [1, 1.5, 2, 3, 4, 6, 10];

function firstTargetByStop(trades: readonly TradeRecord[]): Doubt['firstTargetByStop'] {
  const rows = [...STOP_EDGES, Number.POSITIVE_INFINITY].map((edge, i) => ({
    edge,
    stopAtr:
      i === 0 ? `< ${edge}` : `${STOP_EDGES[i - 1]}${Number.isFinite(edge) ? `-${edge}` : '+'}`,
    trades: 0,
    reached: 0,
  }));
  for (const trade of trades) {
    const atr = Number(trade.context.atr);
    const distance = Math.abs(trade.entryPrice - trade.initialStop) / atr;
    const row = rows.find((entry) => distance < entry.edge);
    if (row === undefined || !(atr > 0)) continue;
    row.trades++;
    if (trade.targetsFilled > 0) row.reached++;
  }
  return rows
    .filter((row) => row.trades > 0)
    .map(({ stopAtr, trades: count, reached }) => ({ stopAtr, trades: count, reached }));
}
