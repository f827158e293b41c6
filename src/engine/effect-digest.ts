import { assertNever } from './assert.ts';
import type { Digest } from './digest.ts';
import type { Effect } from './effect.ts';

/** Adds one effect to the chain: every field that a venue, a timer or a reader would see. */
export function digestEffect(digest: Digest, effect: Effect): void {
  digest.addString(effect.kind);
  switch (effect.kind) {
    case 'order.submit': {
      const { request } = effect;
      digest.addString(request.orderId);
      digest.addString(request.symbol);
      digest.addString(request.side);
      digest.addString(request.type);
      digest.addString(request.timeInForce);
      digest.addString(request.triggerSource);
      digest.addNumber(request.priceTicks);
      digest.addNumber(request.lots);
      digest.addNumber(request.triggerTicks);
      digest.addNumber((request.reduceOnly ? 1 : 0) + (request.closePosition ? 2 : 0));
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
