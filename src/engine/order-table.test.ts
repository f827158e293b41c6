import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderFact } from './event.ts';
import type { OrderRequest } from './order.ts';
import { OrderStore } from './order-book-keeping.ts';

function request(overrides: Partial<OrderRequest> = {}): OrderRequest {
  return {
    orderId: 'o1',
    tradeId: 't1',
    strategyId: 's',
    role: 'entry',
    symbol: 'BTCUSDT',
    instrumentVersion: 1,
    side: 'buy',
    type: 'limit',
    timeInForce: 'GTC',
    priceTicks: 100,
    lots: 10,
    reduceOnly: false,
    closePosition: false,
    triggerTicks: 0,
    triggerSource: 'contract',
    ...overrides,
  };
}

function fill(fillId: string, lots: number, orderId = 'o1'): OrderFact {
  return {
    kind: 'order.filled',
    orderId,
    fillId,
    symbol: 'BTCUSDT',
    side: 'buy',
    priceTicks: 100,
    lots,
    feeUnits: 1,
    feeAsset: 'USDT',
    isMaker: false,
    origin: 'own',
  };
}

const orderId = 'o1';

const anyFact: fc.Arbitrary<OrderFact> = fc.oneof(
  fc.constantFrom<OrderFact>(
    { kind: 'order.accepted', orderId, venueId: 'v' },
    { kind: 'order.rejected', orderId, code: -1, reason: '' },
    { kind: 'order.cancelled', orderId },
    { kind: 'order.cancelRejected', orderId, code: -2011, reason: '' },
    { kind: 'order.expired', orderId },
    { kind: 'order.unknown', orderId, reason: '' },
    { kind: 'stop.triggered', orderId },
    { kind: 'stop.rejected', orderId, reason: '' },
    { kind: 'stop.finished', orderId, lots: 0 },
    { kind: 'order.cancelled', orderId: 'stranger' },
  ),
  fc.tuple(fc.nat(6), fc.integer({ min: 0, max: 12 })).map(([id, lots]) => fill(`f${id}`, lots)),
  fc
    .integer({ min: 1, max: 15 })
    .map((lots) => ({ kind: 'order.amended' as const, orderId, priceTicks: 7, lots })),
);

describe('any sequence of facts, legal or not', () => {
  for (const type of ['limit', 'stopMarket'] as const) {
    it(`leaves a ${type} order in a listed state, and filled quantity never falls`, () => {
      fc.assert(
        fc.property(fc.array(anyFact, { maxLength: 30 }), fc.nat(29), (facts, cancelAt) => {
          const store = new OrderStore({ strict: false });
          store.add(request({ type }), 0);
          let filled = 0;
          const seen = new Set<string>();
          facts.forEach((fact, i) => {
            if (i === cancelAt && store.isOpen(orderId)) store.requestCancel(orderId, i);
            const change = store.apply(fact, i);
            const record = store.get(orderId);
            const now = record?.filledLots ?? -1;
            expect(now).toBeGreaterThanOrEqual(filled);
            const asked = record?.request.lots ?? Number.NaN;
            expect(now).toBeLessThanOrEqual(asked);
            if (fact.kind === 'order.filled' && change.outcome === 'applied') {
              expect(seen.has(fact.fillId)).toBe(false);
              seen.add(fact.fillId);
              expect(now).toBe(filled + fact.lots);
            } else expect(now).toBe(filled);
            filled = now;
            if (record?.state === 'filled') expect(filled).toBe(asked);
            expect(store.openCountOf('t1')).toBe(store.isOpen(orderId) ? 1 : 0);
          });
        }),
        { numRuns: 1_000 },
      );
    });
  }

  it('is told the same after a snapshot in the middle', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 20 }), fc.nat(19), (facts, cut) => {
        let store = new OrderStore({ strict: false });
        const whole = new OrderStore({ strict: false });
        store.add(request(), 0);
        whole.add(request(), 0);
        facts.forEach((fact, i) => {
          if (i === cut) {
            const saved = store.save();
            store = new OrderStore({ strict: false });
            store.load(saved);
          }
          expect(store.apply(fact, i).outcome).toBe(whole.apply(fact, i).outcome);
        });
        expect(store.save()).toEqual(whole.save());
      }),
    );
  });
});

describe('races', () => {
  function run(...facts: (OrderFact | 'cancelRequest')[]) {
    const store = new OrderStore({ strict: true });
    store.add(request(), 0);
    for (const fact of facts) {
      if (fact === 'cancelRequest') store.requestCancel(orderId, 0);
      else store.apply(fact, 0);
    }
    return store.get(orderId);
  }
  const accepted: OrderFact = { kind: 'order.accepted', orderId, venueId: 'v' };
  const cancelled: OrderFact = { kind: 'order.cancelled', orderId };

  it('takes a fill before the acknowledgement', () => {
    expect(run(fill('a', 4), accepted)?.state).toBe('partlyFilled');
    expect(run(fill('a', 10), accepted)?.state).toBe('filled');
  });

  it('counts a fill that is told after the cancel', () => {
    const record = run(accepted, 'cancelRequest', cancelled, fill('a', 3));
    expect(record).toMatchObject({ state: 'cancelled', filledLots: 3 });
  });

  it('lets a fill win against a cancel', () => {
    expect(run(accepted, 'cancelRequest', fill('a', 10), cancelled)?.state).toBe('filled');
  });

  it('drops a fill that is told twice', () => {
    expect(run(accepted, fill('a', 4), fill('a', 4))?.filledLots).toBe(4);
  });

  it('counts fills against the amended quantity', () => {
    const amended: OrderFact = { kind: 'order.amended', orderId, priceTicks: 90, lots: 14 };
    const record = run(accepted, fill('a', 8), amended, fill('b', 6));
    expect(record).toMatchObject({ state: 'filled', filledLots: 14 });
    expect(record?.request).toMatchObject({ priceTicks: 90, lots: 14 });
    expect(() => run(accepted, fill('a', 8), { ...amended, lots: 8 })).toThrow('does not fit');
  });

  it('throws for an overfill when strict', () => {
    expect(() => run(accepted, fill('a', 8), fill('b', 3))).toThrow('does not fit');
  });

  it('knows finished orders of pruned trades', () => {
    const store = new OrderStore({ strict: true });
    store.add(request(), 0);
    store.apply({ kind: 'order.expired', orderId }, 0);
    store.prune('t1');
    expect(store.apply(cancelled, 1).outcome).toBe('noop');
    expect(store.apply({ ...cancelled, orderId: 'other' }, 1).outcome).toBe('foreign');
  });
});
