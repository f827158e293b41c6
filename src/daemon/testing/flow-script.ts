import type { BarClosed, FlowSampled } from '../../engine/event.ts';
import { type Intent, NO_INTENTS, type TradePlan } from '../../engine/plan.ts';
import type { Strategy } from '../../engine/strategy.ts';
import { TEST_SYMBOLS, testPlan } from '../../engine/testing/engine-fixture.ts';

/** Returns what it is given at the next trade of the main symbol. */
export class FlowScript implements Strategy {
  readonly id = 'script';
  readonly symbols = TEST_SYMBOLS;
  private queue: Intent[] = [];

  next(...intents: Intent[]): void {
    this.queue.push(...intents);
  }

  onBar(_bar: BarClosed): readonly Intent[] {
    return NO_INTENTS;
  }

  onFlow({ symbol }: FlowSampled): readonly Intent[] {
    if (symbol !== 'BTCUSDT' || this.queue.length === 0) return NO_INTENTS;
    const out = this.queue;
    this.queue = [];
    return out;
  }

  save(): unknown {
    return structuredClone(this.queue);
  }

  load(state: unknown): void {
    this.queue = structuredClone(state) as Intent[];
  }
}

/** A long on BTCUSDT at 60,000 with shorts in ETH and SOL; prices are the fake's at its start. */
export function hedgedPlan(change: Partial<TradePlan> = {}): TradePlan {
  const leg = { direction: -1, beta: 1, correlation: 0.9 } as const;
  return testPlan({
    entry: {
      ...{ mode: 'touch', decisionPrice: 60_000, midPrice: 60_000 },
      ...{ makerWaitMs: 1_500, iocWorstBps: 6, restMs: 540_000 },
    },
    stopPrice: 59_700,
    targets: [
      { atR: 1, fraction: 0.4 },
      { atR: 3, fraction: 0.3 },
    ],
    trailFrom: 'target1',
    hedge: {
      legs: [
        { symbol: 'ETHUSDT', ...leg, notionalRatio: 0.3, stopPrice: 2_575, price: 2_500 },
        { symbol: 'SOLUSDT', ...leg, notionalRatio: 0.2, stopPrice: 154.5, price: 150 },
      ],
      makerWaitMs: 1_000,
      onFail: 'exitBtc',
    },
    ...change,
  });
}
