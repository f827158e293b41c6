import type { Instrument } from '../../engine/instrument.ts';
import { isConditional, type OrderRequest } from '../../engine/order.ts';
import { PRECEDENCE, type RestRequest } from './venue-rest.ts';

export const ENTRY_WINDOW_MS = 1_500;
export const PROTECTION_WINDOW_MS = 5_000;
/** An answer "unknown order" counts only this long after the request could have arrived. */
export const SETTLE_MS = 2_000;

/** Opens or enlarges a position; everything else protects or reduces. */
export function isEntry({ role }: { role: OrderRequest['role'] }): boolean {
  return role === 'entry' || role === 'legEntry';
}

function precedenceOf({ role }: { role: OrderRequest['role'] }): number {
  if (role === 'stop' || role === 'exit') return PRECEDENCE.protects;
  return isEntry({ role }) ? PRECEDENCE.opens : PRECEDENCE.later;
}

export function recvWindowOf(request: { role: OrderRequest['role'] }): number {
  return isEntry(request) ? ENTRY_WINDOW_MS : PROTECTION_WINDOW_MS;
}

/**
 * The documented parameters and no other (the venue refuses strangers with -1104): conditional
 * orders go to the algo service with `triggerPrice`, closePosition has neither quantity nor
 * reduceOnly.
 */
export function submitRequest(
  request: OrderRequest,
  { instrument, clientId }: { instrument: Instrument; clientId: string },
): RestRequest {
  const head = { symbol: request.symbol, side: request.side === 'buy' ? 'BUY' : 'SELL' };
  const recvWindowMs = recvWindowOf(request);
  const precedence = precedenceOf(request);
  const base = { method: 'POST', api: 'fapiPrivate', recvWindowMs, precedence } as const;
  if (isConditional(request)) {
    const size: RestRequest['params'] = request.closePosition
      ? { closePosition: 'true' }
      : { quantity: instrument.formatLots(request.lots), ...reduceOnlyOf(request) };
    const params = {
      algoType: 'CONDITIONAL',
      ...head,
      type: 'STOP_MARKET',
      triggerPrice: instrument.formatTicks(request.triggerTicks),
      workingType: request.triggerSource === 'mark' ? 'MARK_PRICE' : 'CONTRACT_PRICE',
      clientAlgoId: clientId,
      ...size,
    };
    return { ...base, path: 'algoOrder', params };
  }
  const quantity = instrument.formatLots(request.lots);
  const params = { ...head, quantity, newClientOrderId: clientId, ...reduceOnlyOf(request) };
  if (request.type === 'market') {
    return { ...base, path: 'order', params: { ...params, type: 'MARKET' } };
  }
  const price = instrument.formatTicks(request.priceTicks);
  const { timeInForce } = request;
  return { ...base, path: 'order', params: { ...params, type: 'LIMIT', timeInForce, price } };
}

/**
 * A market exit that found no price within the band, as the furthest limit that the band allows.
 * The venue checks limits against its mark of the moment, so one tenth of the band is left.
 */
export function inBandRequest(
  request: OrderRequest,
  { instrument, clientId, mark }: { instrument: Instrument; clientId: string; mark: number },
): RestRequest {
  const { percentUp, percentDown } = instrument.spec;
  const edge = Number(request.side === 'buy' ? percentUp : percentDown);
  const limit = mark * (1 + (edge - 1) * 0.9);
  const priceTicks = instrument.toTicks(limit, request.side === 'buy' ? 'down' : 'up');
  const inBand = { ...request, type: 'limit', timeInForce: 'IOC', priceTicks } as const;
  return submitRequest(inBand, { instrument, clientId });
}

/** `id` is a client id, or the venue's id of an adopted stop. */
export function cancelRequest(order: {
  symbol: string;
  clientId: string;
  isConditional: boolean;
}): RestRequest {
  const { symbol, clientId } = order;
  const base = {
    method: 'DELETE',
    api: 'fapiPrivate',
    recvWindowMs: PROTECTION_WINDOW_MS,
  } as const;
  return order.isConditional
    ? { ...base, path: 'algoOrder', params: { clientAlgoId: clientId } }
    : { ...base, path: 'order', params: { symbol, origClientOrderId: clientId } };
}

export function queryRequest(order: {
  symbol: string;
  clientId: string;
  isConditional: boolean;
}): RestRequest {
  return { ...cancelRequest(order), method: 'GET' };
}

/** Every fill of one order, priced by the trades themselves. */
export function tradesRequest(order: { symbol: string; venueId: string }): RestRequest {
  const { symbol, venueId } = order;
  const params = { symbol, orderId: venueId, limit: 1_000 };
  const recvWindowMs = PROTECTION_WINDOW_MS;
  return { method: 'GET', api: 'fapiPrivate', path: 'userTrades', params, recvWindowMs };
}

function reduceOnlyOf({ reduceOnly }: OrderRequest): RestRequest['params'] {
  return reduceOnly ? { reduceOnly: 'true' } : {};
}
