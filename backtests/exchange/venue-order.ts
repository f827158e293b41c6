import type { OrderRequest } from '../../src/engine/order.ts';
import type { Lots, Ticks } from '../../src/engine/units.ts';

/** An order at the simulated venue. */
export interface VenueOrder {
  request: OrderRequest;
  venueId: string;
  priceTicks: Ticks;
  remainingLots: Lots;
  /** Whole quantity, filled part included; an amendment sets it. */
  totalLots: Lots;
}

/** Stops before limits at the same price and time: the worse outcome comes first. */
export function priority(order: VenueOrder): number {
  return order.request.type === 'stopMarket' ? 0 : 1;
}

/**
 * The price at which a resting order acts, and on which side: a stop on touch of its trigger, a
 * limit only when price trades through it by a tick (a touch says nothing about the queue).
 */
export function actionTicks(order: VenueOrder): Ticks {
  const { request } = order;
  if (request.type === 'stopMarket') return request.triggerTicks;
  return request.side === 'buy' ? order.priceTicks - 1 : order.priceTicks + 1;
}

/** Whether the order acts when price falls to its level (else when it rises to it). */
export function actsOnFall(order: VenueOrder): boolean {
  const { side, type } = order.request;
  return type === 'stopMarket' ? side === 'sell' : side === 'buy';
}

export function acts(order: VenueOrder, ticks: number): boolean {
  return actsOnFall(order) ? ticks <= actionTicks(order) : ticks >= actionTicks(order);
}

/** Opens or adds to a position (as opposed to reduce-only and closePosition orders). */
export function isOpening(order: VenueOrder): boolean {
  return !order.request.reduceOnly && !order.request.closePosition;
}
