import { assertNever } from './assert.ts';
import type { Digest } from './digest.ts';
import type { Effect } from './effect.ts';
import type { OrderRequest } from './order.ts';

/** Never renumbered: digests of kept journals would change. Words from here on are not lengths. */
const KIND: Record<Effect['kind'], number> = {
  'order.submit': 0x101,
  'order.amend': 0x102,
  'order.cancel': 0x103,
  'order.query': 0x104,
  'timer.set': 0x105,
  'timer.clear': 0x106,
  'advice.request': 0x107,
  'alert.raise': 0x108,
  'operator.notify': 0x109,
  'decision.record': 0x10a,
};
const TYPE: Record<OrderRequest['type'], number> = { limit: 0, market: 1, stopMarket: 2 };
const TIME_IN_FORCE: Record<OrderRequest['timeInForce'], number> = { GTC: 0, GTX: 1, IOC: 2 };

/** Adds one effect to the chain: every field that a venue, a timer or a reader would see. */
export function digestEffect(digest: Digest, effect: Effect): void {
  digest.addWord(KIND[effect.kind]);
  switch (effect.kind) {
    case 'order.submit': {
      const { request } = effect;
      digest.addString(request.orderId);
      digest.addString(request.symbol);
      digest.addNumber(request.priceTicks);
      digest.addNumber(request.lots);
      digest.addNumber(request.triggerTicks);
      digest.addWord(
        (request.side === 'buy' ? 0 : 1) |
          (request.reduceOnly ? 2 : 0) |
          (request.closePosition ? 4 : 0) |
          (request.triggerSource === 'mark' ? 8 : 0) |
          (TYPE[request.type] << 4) |
          (TIME_IN_FORCE[request.timeInForce] << 6),
      );
      return;
    }
    case 'order.amend':
      digest.addString(effect.orderId);
      digest.addNumber(effect.priceTicks);
      digest.addNumber(effect.lots);
      return;
    case 'order.cancel':
    case 'order.query':
      return digest.addString(effect.orderId);
    case 'timer.set':
      digest.addString(effect.timerId);
      return digest.addNumber(effect.atMs);
    case 'timer.clear':
      return digest.addString(effect.timerId);
    case 'advice.request':
      digest.addString(effect.requestId);
      return digest.addString(effect.question);
    case 'alert.raise':
      digest.addString(effect.symbol);
      digest.addString(effect.side);
      digest.addNumber(effect.quantity);
      digest.addNumber(effect.stopPrice);
      digest.addNumber(effect.firstTargetPrice);
      digest.addNumber(effect.price);
      for (const tag of effect.tags) digest.addString(tag);
      return;
    case 'operator.notify':
      return digest.addString(effect.code);
    case 'decision.record':
      digest.addString(effect.decision);
      digest.addString(effect.tradeId);
      for (const reason of effect.reasons) digest.addString(reason);
      return;
    default:
      assertNever(effect);
  }
}
