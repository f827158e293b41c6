import type { BacktestResult } from '../run-options.ts';
import type { FillPoint, RunRecorder } from './run-recorder.ts';

/** A finished trade as the page lists and draws it. Bars are indices into the page's bars. */
export interface TradeView {
  id: string;
  tag: string;
  isLong: boolean;
  filledMs: number;
  closedMs: number;
  entryBar: number;
  exitBar: number;
  quantity: number;
  entry: number;
  exit: number;
  stop: number;
  finalStop: number;
  r: number;
  net: number;
  gross: number;
  fees: number;
  slippage: number;
  funding: number;
  hedge: number;
  reason: string;
  targets: number;
  mae: number;
  mfe: number;
  isAmbiguous: boolean;
  reasons: string;
  /** Bar, price, role letter, 1 bought / -1 sold, quantity, 1 maker; main symbol only. */
  fills: [number, number, string, number, number, number][];
  /** Bar and price from which the working stop stood there. */
  stops: [number, number][];
  legs: LegView[];
}

export interface LegView {
  symbol: string;
  isLong: boolean;
  outcome: string;
  net: number;
  ratio: number;
  /** Bar, price in the leg's own market, 1 bought / -1 sold. */
  fills: [number, number, number][];
}

export function tradeViews(
  result: BacktestResult,
  run: { recorder: RunRecorder; barOf: (ms: number) => number; mainSymbol: string },
): TradeView[] {
  const { recorder, barOf, mainSymbol } = run;
  const fills = byTrade(recorder.fills);
  const stops = byTrade(recorder.stops);
  const ambiguous = new Set(result.ambiguousTradeIds);
  const sign = ({ side }: FillPoint) => (side === 'buy' ? 1 : -1);
  return result.trades.map((trade) => {
    const own = fills.get(trade.tradeId) ?? [];
    return {
      id: trade.tradeId,
      tag: trade.tag,
      isLong: trade.direction === 1,
      filledMs: trade.firstFillMs,
      closedMs: trade.closedMs,
      entryBar: barOf(trade.firstFillMs),
      exitBar: barOf(trade.closedMs),
      quantity: trade.quantity,
      entry: trade.entryPrice,
      exit: trade.exitPrice,
      stop: trade.initialStop,
      finalStop: trade.finalStop,
      r: trade.tradeR,
      net: trade.netPnl,
      gross: trade.grossPnl,
      fees: trade.fees,
      slippage: trade.slippage,
      funding: trade.funding,
      hedge: trade.hedgePnl,
      reason: trade.exitReason,
      targets: trade.targetsFilled,
      mae: trade.maeR,
      mfe: trade.mfeR,
      isAmbiguous: ambiguous.has(trade.tradeId),
      reasons: trade.reasons.join('; '),
      fills: own
        .filter((fill) => fill.symbol === mainSymbol)
        .map((fill) => [
          barOf(fill.atMs),
          fill.price,
          fill.role,
          sign(fill),
          fill.quantity,
          Number(fill.isMaker),
        ]),
      stops: (stops.get(trade.tradeId) ?? []).map((stop) => [barOf(stop.atMs), stop.price]),
      legs: trade.legs.map((leg) => ({
        symbol: leg.symbol,
        isLong: leg.direction === 1,
        outcome: leg.outcome,
        net: leg.netPnl,
        ratio: leg.realisedRatio,
        fills: own
          .filter((fill) => fill.symbol === leg.symbol)
          .map((fill) => [barOf(fill.atMs), fill.price, sign(fill)]),
      })),
    };
  });
}

function byTrade<T extends { tradeId: string }>(points: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const point of points) {
    const group = groups.get(point.tradeId);
    if (group === undefined) groups.set(point.tradeId, [point]);
    else group.push(point);
  }
  return groups;
}
