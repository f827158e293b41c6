import type { OrderRequest } from '../../engine/order.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';

/** Orders on BTCUSDT as the engine would send them: an entry by default, 0.01 BTC at 59,990. */
export function rigOrder(
  id: string,
  change: Partial<OrderRequest> = {},
): RiskApproved<OrderRequest> {
  return {
    ...{ orderId: `qcm-boot1-2a-${id}`, tradeId: 'boot1-2a', strategyId: 's', role: 'entry' },
    ...{ symbol: 'BTCUSDT', instrumentVersion: 1, side: 'buy', type: 'limit' },
    ...{ timeInForce: 'GTX', priceTicks: 599_900, lots: 10, reduceOnly: false },
    ...{ closePosition: false, triggerTicks: 0, triggerSource: 'contract' },
    ...change,
  } as RiskApproved<OrderRequest>;
}

export function rigMarket(id: string, change: Partial<OrderRequest> = {}) {
  return rigOrder(id, { type: 'market', timeInForce: 'GTC', priceTicks: 0, ...change });
}

export function rigExit(id: string, change: Partial<OrderRequest> = {}) {
  return rigMarket(id, { role: 'exit', side: 'sell', reduceOnly: true, ...change });
}

export function rigStop(id: string, change: Partial<OrderRequest> = {}) {
  const kind = { role: 'stop', type: 'stopMarket', timeInForce: 'GTC', priceTicks: 0 } as const;
  return rigOrder(id, {
    ...kind,
    side: 'sell',
    reduceOnly: true,
    triggerTicks: 590_000,
    ...change,
  });
}

export function rigDisaster(id: string, change: Partial<OrderRequest> = {}) {
  const whole = { role: 'disaster', closePosition: true, reduceOnly: false, lots: 0 } as const;
  return rigStop(id, { ...whole, triggerSource: 'mark', triggerTicks: 580_000, ...change });
}
