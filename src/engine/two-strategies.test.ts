import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Engine } from './engine.ts';
import type { EngineEvent, Envelope } from './event.ts';
import type { TradePlan } from './plan.ts';
import { ScriptedStrategy, TEST_SYMBOLS, testPlan, testSession } from './testing/engine-fixture.ts';

const PRICES: Record<string, number> = { BTCUSDT: 100_000, ETHUSDT: 4_000, SOLUSDT: 200 };

/** A plan of one strategy on any symbol, either side, with any other symbols as legs. */
const anyPlan = fc.record({
  strategy: fc.constantFrom(0, 1),
  symbol: fc.constantFrom(...TEST_SYMBOLS),
  direction: fc.constantFrom<1 | -1>(1, -1),
  legs: fc.subarray([...TEST_SYMBOLS]),
  fillsFirst: fc.boolean(),
});

type PlanShape = typeof anyPlan extends fc.Arbitrary<infer T> ? T : never;

function planOf(shape: PlanShape): TradePlan {
  const { symbol, direction } = shape;
  const price = PRICES[symbol];
  const legs = shape.legs
    .filter((leg) => leg !== symbol)
    .map((leg) => ({
      symbol: leg,
      direction: (direction === 1 ? -1 : 1) as 1 | -1,
      notionalRatio: 0.3,
      beta: 1,
      correlation: 0.8,
      stopPrice: PRICES[leg] * (1 + direction * 0.01),
      price: PRICES[leg],
    }));
  return testPlan({
    strategyId: `s${shape.strategy}`,
    symbol,
    direction,
    stopPrice: price * (1 - direction * 0.005),
    entry: { ...testPlan().entry, decisionPrice: price, midPrice: price },
    hedge: legs.length === 0 ? undefined : { legs, makerWaitMs: 1_500, onFail: 'exitBtc' },
  });
}

describe('two strategies with opposite plans on three symbols', () => {
  it('never share a symbol, and legs are leased all or none', () => {
    fc.assert(
      fc.property(fc.array(anyPlan, { minLength: 1, maxLength: 12 }), (shapes) => {
        const strategies = [new ScriptedStrategy('s0'), new ScriptedStrategy('s1')];
        const engine = new Engine({ strategies, rules: [] });
        let seq = 0;
        let atMs = Date.UTC(2025, 0, 6);
        const send = (event: EngineEvent) => {
          const envelope: Envelope = { seq: ++seq, atMs: ++atMs, source: 'feed', event };
          return [...engine.handle(envelope)];
        };
        send(testSession({ cashUnits: 1_000_000e8 }));
        for (const shape of shapes) {
          const plan = planOf(shape);
          const before = new Map(ownersOf(engine));
          strategies[shape.strategy].next({ kind: 'enter', plan });
          const effects = send(bar(shape.symbol));
          const wanted = [plan.symbol, ...(plan.hedge?.legs ?? []).map((leg) => leg.symbol)];
          const wasFree = wanted.every((symbol) => !before.has(symbol));
          const entry = effects.find((effect) => effect.kind === 'order.submit');
          expect(entry !== undefined).toBe(wasFree);
          const after = ownersOf(engine);
          if (wasFree) {
            const owners = new Set(wanted.map((symbol) => after.get(symbol)));
            expect(owners.size).toBe(1);
          } else expect(after).toEqual(before);
          for (const trade of engine.inspect().open.values()) {
            for (const leg of trade.legs) expect(after.get(leg.symbol)).toBe(trade.tradeId);
          }
          // Some entries expire empty, which frees everything again.
          if (entry?.kind === 'order.submit' && !shape.fillsFirst) {
            send({ kind: 'order.expired', orderId: entry.request.orderId });
            for (const symbol of wanted) expect(ownersOf(engine).has(symbol)).toBe(false);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

function ownersOf(engine: Engine): Map<string, string> {
  const { kernel } = engine.inspect();
  const owners = new Map<string, string>();
  for (const symbol of TEST_SYMBOLS) {
    const owner = kernel.leases.ownerOf(symbol);
    if (owner !== undefined) owners.set(symbol, owner.tradeId);
  }
  return owners;
}

function bar(symbol: string): EngineEvent {
  const price = PRICES[symbol];
  return {
    kind: 'bar.closed',
    symbol,
    timeframeMs: 180_000,
    openTime: 0,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 1,
    takerBuyVolume: 1,
    isWarmUp: false,
  };
}
