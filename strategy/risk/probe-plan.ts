import type { TradePlan } from '../../src/engine/plan.ts';
import type { Direction } from '../../src/engine/units.ts';

/**
 * A plan that only has what rules read (symbol, side, prices, risk), to ask them about and never to
 * be traded.
 *
 * @param parts.price decision and middle price
 * @param parts.riskPercent of equity
 */
export function probePlan(parts: {
  id: string;
  symbol: string;
  direction: Direction;
  price: number;
  stopPrice: number;
  riskPercent: number;
}): TradePlan {
  const { id, symbol, direction, price, stopPrice, riskPercent } = parts;
  return {
    strategyId: id,
    tag: id,
    reasons: [],
    symbol,
    direction,
    entry: {
      mode: 'taker',
      decisionPrice: price,
      midPrice: price,
      makerWaitMs: 0,
      iocWorstBps: 0,
      restMs: 0,
    },
    stopPrice,
    atr: Number.NaN,
    disasterMultiple: 2,
    targets: [],
    breakEven: { afterTarget: -1, capR: 0 },
    trailFrom: 'target2',
    timeoutMs: 0,
    riskPercent,
    hedge: undefined,
    context: {},
  };
}
