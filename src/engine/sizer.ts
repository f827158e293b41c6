import type { BarClosed, BookSampled } from './event.ts';
import type { Instrument } from './instrument.ts';
import type { BracketTier } from './instrument-spec.ts';
import type { Direction, Lots } from './units.ts';

/** Expected slippage of a taker order, as a fraction of price; `strategy/sizing` has the model. */
export interface CostModel {
  slippageFraction(symbol: string, notional: number): number;
  onBar?(bar: BarClosed): void;
  onBook?(book: BookSampled): void;
  save?(): unknown;
  load?(state: unknown): void;
}

/** Half a spread of half a basis point: what is assumed of a market nobody has told us about. */
export const FLAT_COSTS: CostModel = { slippageFraction: () => 0.00005 };

export interface SizeRequest {
  instrument: Instrument;
  direction: Direction;
  /** Quote currency that may be lost at the stop, costs included. */
  riskBudget: number;
  /** Worst price at which THIS order can fill. */
  worstPrice: number;
  stopPrice: number;
  /** Fee fractions of the entry and of the exit at the stop. */
  entryFee: number;
  exitFee: number;
  /** Fractions of price lost beyond the stop and, for takers, beyond the worst price. */
  slippage: number;
  leverage: number;
  freeMargin: number;
  brackets: readonly BracketTier[];
}

export interface SizeResult {
  lots: Lots;
  /** Why the quantity is smaller than the risk would allow, or zero. */
  cappedBy:
    | 'risk'
    | 'margin'
    | 'bracket'
    | 'maxQuantity'
    | 'minNotional'
    | 'stopSide'
    | 'liquidation';
}

/**
 * Quantity = risk budget / (|worst price - stop| + costs per unit), rounded down to lots and capped
 * by free margin x leverage, the leverage bracket and the venue's filters. Zero with the reason when
 * the stop is on the wrong side, the liquidation price would not lie beyond the stop by at least one
 * R, or the notional is below the venue's minimum.
 */
export function sizeOrder(request: SizeRequest): SizeResult {
  const { instrument, worstPrice, stopPrice, leverage } = request;
  const distance = (worstPrice - stopPrice) * request.direction;
  if (!(distance > 0) || !(worstPrice > 0)) return { lots: 0, cappedBy: 'stopSide' };
  if (!(request.riskBudget > 0)) return { lots: 0, cappedBy: 'risk' };

  const costs = worstPrice * request.entryFee + stopPrice * (request.exitFee + request.slippage);
  let quantity = request.riskBudget / (distance + costs);
  let cappedBy: SizeResult['cappedBy'] = 'risk';

  const byMargin = (request.freeMargin * leverage) / worstPrice;
  if (byMargin < quantity) {
    quantity = byMargin;
    cappedBy = 'margin';
  }
  const tier = request.brackets.findLast((entry) => entry.leverageMax >= leverage);
  if (tier !== undefined && quantity * worstPrice > tier.notionalCap) {
    quantity = tier.notionalCap / worstPrice;
    cappedBy = 'bracket';
  }
  let lots = instrument.toLots(quantity, 'down');
  if (lots > instrument.maxMarketLots) {
    lots = instrument.maxMarketLots;
    cappedBy = 'maxQuantity';
  }
  const maintenance = request.brackets.length > 0 ? request.brackets[0].maintenanceRate : 0.004;
  if (worstPrice * (1 / leverage - maintenance) < 2 * distance) {
    return { lots: 0, cappedBy: 'liquidation' };
  }
  if (!instrument.meetsMinNotional(instrument.toTicks(worstPrice, 'down'), lots)) {
    return { lots: 0, cappedBy: 'minNotional' };
  }
  return { lots, cappedBy };
}
