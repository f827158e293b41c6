import type { AlertRaise } from '../engine/effect.ts';

/**
 * What a receiver of alerts gets, as one JSON object. The first six fields are those of the
 * strategy documents, with real values and the true side: BUY opens a long. A value that does not
 * exist (no plan was made) is null, never 0.
 */
export interface AlertMessage {
  symbol: string;
  side: 'BUY' | 'SELL';
  /** Base asset quantity the plan would use. */
  qty: number | null;
  sl: number | null;
  tp1: number | null;
  /** What the remainder trails by after its targets. */
  trail: 'AI_SUPERTREND';
  /** The same alert has the same id on every try and in every sink: receivers drop repeats by it. */
  id: string;
  strategy: string;
  /** Price the decision was made at. */
  price: number | null;
  tags: readonly string[];
  reasons: readonly string[];
  /** Engine time of the alert, ISO UTC. */
  time: string;
  /** True only for `qcm alert test-fire`; a receiver must not trade on it. */
  isTest: boolean;
}

/** The message of an engine effect, at the engine time it was raised. */
export function alertMessage(
  alert: AlertRaise,
  options: { atMs: number; isTest?: boolean },
): AlertMessage {
  const { atMs, isTest = false } = options;
  const id = [isTest ? 'test' : 'alert', alert.strategyId, alert.symbol, alert.side, atMs];
  return {
    symbol: alert.symbol,
    side: alert.side,
    qty: known(alert.quantity),
    sl: known(alert.stopPrice),
    tp1: known(alert.firstTargetPrice),
    trail: 'AI_SUPERTREND',
    id: id.join('-'),
    strategy: alert.strategyId,
    price: known(alert.price),
    tags: alert.tags,
    reasons: alert.reasons,
    time: new Date(atMs).toISOString(),
    isTest,
  };
}

/** The alert of `qcm alert test-fire`: no plan, so no quantity and no prices. */
export function testMessage(symbol: string, atMs: number): AlertMessage {
  const none = Number.NaN;
  const alert: AlertRaise = {
    kind: 'alert.raise',
    strategyId: 'test',
    symbol,
    side: 'BUY',
    quantity: none,
    stopPrice: none,
    firstTargetPrice: none,
    price: none,
    tags: ['TEST'],
    reasons: ['TEST: sent by qcm alert test-fire; nothing happened on the market'],
  };
  return alertMessage(alert, { atMs, isTest: true });
}

/** JSON has no NaN; it would turn it into null by itself, and -0 or infinities into surprises. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
