import { isConditional, type OrderRequest } from '../../src/engine/order.ts';
import type { Refusal } from './order-checks.ts';
import type { VenueMarket } from './venue-market.ts';
import { acts, actsOnFall } from './venue-order.ts';

/** Untriggered conditional orders an account may have. */
const CONDITIONAL_ORDERS_MAX = 200;

/** What the algo service says to a conditional order it does not take. */
export function conditionalRefusal(
  market: VenueMarket,
  all: readonly VenueMarket[],
  request: OrderRequest,
): Refusal | undefined {
  const { lots } = request;
  const probe = { request, venueId: '', priceTicks: 0, remainingLots: lots, totalLots: lots };
  if (acts(probe, market.triggerTicks(request))) {
    return { code: -2021, reason: 'Order would immediately trigger' };
  }
  let count = 0;
  for (const each of all) {
    for (const order of each.resting) {
      if (!isConditional(order.request)) continue;
      count++;
      const isTwin =
        each === market &&
        request.closePosition &&
        order.request.closePosition &&
        actsOnFall(order) === actsOnFall(probe);
      if (isTwin) return { code: -4130, reason: 'a closePosition stop in this direction exists' };
    }
  }
  if (count < CONDITIONAL_ORDERS_MAX) return undefined;
  return { code: -4045, reason: 'reached max stop order limit' };
}
