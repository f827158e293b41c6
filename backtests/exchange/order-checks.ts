import type { Instrument } from '../../src/engine/instrument.ts';
import type { BracketTier } from '../../src/engine/instrument-spec.ts';
import type { OrderRequest } from '../../src/engine/order.ts';
import type { Lots } from '../../src/engine/units.ts';

/** What the venue says to an order it does not take; codes as Binance USD-M answers. */
export interface Refusal {
  code: number;
  reason: string;
}

export interface CheckContext {
  instrument: Instrument;
  /** Last price in ticks; stands for the mark where there is none. */
  markTicks: number;
  /** Net position, negative when short. */
  netLots: Lots;
  leverage: number;
  /** Quote currency. */
  freeMargin: number;
  /** Plain orders that rest on the symbol. */
  restingOrders: number;
  /** Tiers of the symbol; without any there is no limit to the position. */
  brackets: readonly BracketTier[];
}

/** Plain orders that may rest on one symbol (filter MAX_NUM_ORDERS). */
const RESTING_ORDERS_MAX = 200;

/** Exchange filters of USD-M futures in the order the venue applies them; undefined when all pass. */
export function refusalOf(request: OrderRequest, context: CheckContext): Refusal | undefined {
  const { instrument, markTicks } = context;
  const { spec } = instrument;
  if (!spec.trading) return { code: -4108, reason: 'symbol is not trading' };
  if (request.closePosition) return undefined;
  if (!(Number.isSafeInteger(request.lots) && request.lots > 0)) {
    return { code: -4003, reason: 'quantity less than or equal to zero' };
  }
  const maxLots = request.type === 'limit' ? instrument.maxLots : instrument.maxMarketLots;
  if (request.lots > maxLots) return { code: -4005, reason: 'quantity greater than max quantity' };
  // Conditional orders are checked for position and margin at their trigger only.
  if (request.type === 'stopMarket') return undefined;
  if (context.restingOrders >= RESTING_ORDERS_MAX) {
    return { code: -2025, reason: 'reach max open order limit' };
  }
  if (request.type === 'limit') {
    if (!(request.priceTicks > 0)) return { code: -4001, reason: 'price less than zero' };
    const ratio = request.priceTicks / markTicks;
    if (request.side === 'buy' && ratio > Number(spec.percentUp)) {
      return { code: -4016, reason: 'limit price above the percent-price filter' };
    }
    if (request.side === 'sell' && ratio < Number(spec.percentDown)) {
      return { code: -4024, reason: 'limit price below the percent-price filter' };
    }
  }
  return request.reduceOnly
    ? reduceOnlyRefusal(request, context)
    : openingRefusal(request, context);
}

function reduceOnlyRefusal(request: OrderRequest, context: CheckContext): Refusal | undefined {
  const reduces = request.side === 'sell' ? context.netLots > 0 : context.netLots < 0;
  return reduces ? undefined : { code: -2022, reason: 'ReduceOnly Order is rejected' };
}

function openingRefusal(request: OrderRequest, context: CheckContext): Refusal | undefined {
  const { instrument } = context;
  const price = Math.round(request.type === 'limit' ? request.priceTicks : context.markTicks);
  if (!instrument.meetsMinNotional(price, request.lots)) {
    return { code: -4164, reason: 'notional below the minimum' };
  }
  const margin = instrument.notional(price, request.lots) / 1e8 / context.leverage;
  if (margin > context.freeMargin) return { code: -2019, reason: 'margin is insufficient' };
  const { brackets, leverage, netLots } = context;
  const tier = brackets.findLast((each) => each.leverageMax >= leverage);
  const lots = Math.abs(netLots + (request.side === 'buy' ? request.lots : -request.lots));
  if (tier !== undefined && instrument.notional(price, lots) / 1e8 > tier.notionalCap) {
    return { code: -2027, reason: 'exceeded the maximum allowable position at current leverage' };
  }
  return undefined;
}
