import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instrument } from './instrument.ts';
import { isolatedLiquidationPrice, Portfolio } from './portfolio.ts';
import { Position } from './position.ts';
import { testSpec } from './testing/engine-fixture.ts';

const instruments = new Map(
  ['BTCUSDT', 'ETHUSDT'].map((symbol) => [symbol, new Instrument(testSpec(symbol))]),
);

function portfolio(): Portfolio {
  const out = new Portfolio();
  out.start({ cashUnits: 10_000e8, quoteAsset: 'USDT', instruments, brackets: new Map() });
  return out;
}

const anyFill = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  priceTicks: fc.integer({ min: 1, max: 2_000_000 }),
  lots: fc.integer({ min: 1, max: 5_000 }),
  feeUnits: fc.integer({ min: 0, max: 1_000_000 }),
});

describe('positions', () => {
  it('conserve cash to the unit through additions, reductions and flips', () => {
    fc.assert(
      fc.property(fc.array(anyFill, { maxLength: 40 }), (fills) => {
        const position = new Position('BTCUSDT');
        let flow = 0n;
        let lots = 0;
        for (const { side, priceTicks, lots: quantity } of fills) {
          const notional = priceTicks * quantity * 10_000;
          position.applyFill(side, quantity, notional);
          flow += side === 'sell' ? BigInt(notional) : -BigInt(notional);
          lots += side === 'buy' ? quantity : -quantity;
          expect(position.lots).toBe(lots);
          // Realised profit less the cost of what is open is exactly the money that flowed.
          expect(BigInt(position.realisedUnits) - BigInt(position.costUnits)).toBe(flow);
          if (lots === 0) expect(position.costUnits + 0).toBe(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('books a hand-computed round trip', () => {
    const position = new Position('BTCUSDT');
    // Buys 0.010 at 60,000 and 0.020 at 63,000; sells 0.015 at 64,000; average cost 62,000.
    position.applyFill('buy', 10, 600e8);
    position.applyFill('buy', 20, 1_260e8);
    expect(position.averagePrice(0.001)).toBe(62_000);
    expect(position.applyFill('sell', 15, 960e8)).toBe(30e8);
    expect(position.averagePrice(0.001)).toBe(62_000);
  });
});

describe('portfolio', () => {
  it('has equity = cash + open profit, and balanced books, at every step', () => {
    const step = fc.tuple(
      anyFill,
      fc.constantFrom('BTCUSDT', 'ETHUSDT'),
      fc.integer({ min: -30, max: 30 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const books = portfolio();
        for (const [fill, symbol, rateBps] of steps) {
          books.applyFill({ ...fill, symbol, feeAsset: 'USDT' });
          const price = instruments.get(symbol)?.price(fill.priceTicks) ?? 0;
          books.applyFunding(symbol, rateBps / 10_000, price, undefined);
          books.assertBalanced();
          const open = books.openUnits('BTCUSDT') + books.openUnits('ETHUSDT');
          expect(books.equity()).toBeCloseTo((books.cashUnits() + open) / 1e8, 6);
        }
      }),
    );
  });

  it('makes longs pay positive funding and shorts receive it', () => {
    for (const side of ['buy', 'sell'] as const) {
      const books = portfolio();
      const fill = { side, priceTicks: 600_000, lots: 10, feeUnits: 0, feeAsset: 'USDT' };
      books.applyFill({ ...fill, symbol: 'BTCUSDT' });
      // 0.010 x 60,000 x 0.01 % = 0.06 USDT.
      const paid = books.applyFunding('BTCUSDT', 0.0001, 60_000, undefined);
      expect(paid).toBe(side === 'buy' ? -6_000_000 : 6_000_000);
    }
  });

  it('knows the published liquidation price', () => {
    // Long 0.01 at 60,000, 10 x, maintenance 0.4 %: 54,216.87.
    const price = isolatedLiquidationPrice({
      side: 1,
      quantity: 0.01,
      entry: 60_000,
      margin: 60,
      tiers: [],
    });
    expect(price).toBeCloseTo(54_216.87, 2);
  });

  it('takes the bracket of the notional at the liquidation price', () => {
    const tiers = [
      { notionalFloor: 0, notionalCap: 500, maintenanceRate: 0.004, leverageMax: 150, cum: 0 },
      { notionalFloor: 500, notionalCap: 1e9, maintenanceRate: 0.01, leverageMax: 50, cum: 3 },
    ];
    const options = { side: 1 as const, quantity: 0.01, entry: 60_000, margin: 60, tiers };
    const price = isolatedLiquidationPrice(options);
    expect(price).toBeCloseTo((60 + 3 - 600) / (0.01 * 0.01 - 0.01), 6);
  });

  it('has a liquidation price beyond the last bracket and on the edge between two', () => {
    const first = { notionalFloor: 0, notionalCap: 1_000, maintenanceRate: 0.004, leverageMax: 99 };
    const next = { notionalFloor: 1_000, notionalCap: 9e3, maintenanceRate: 0.01, leverageMax: 50 };
    const tiers = [
      { ...first, cum: 0 },
      { ...next, cum: 6 },
    ];
    const margin = fc.double({ min: 1, max: 60_000, noNaN: true });
    const side = fc.constantFrom<1 | -1>(1, -1);
    fc.assert(
      fc.property(margin, side, fc.double({ min: 0.001, max: 1, noNaN: true }), (...args) => {
        const [wallet, direction, quantity] = args;
        const options = { side: direction, quantity, entry: 60_000, margin: wallet, tiers };
        const price = isolatedLiquidationPrice(options);
        const notional = price * quantity;
        const tier = notional > 1_000 ? tiers[1] : tiers[0];
        // None above zero: the margin alone pays for a fall to nothing.
        if (Number.isNaN(price)) expect(direction * quantity * 60_000 - wallet).toBeLessThan(1e-6);
        else {
          // There the wallet plus the loss is exactly the maintenance margin.
          const left = wallet + direction * quantity * (price - 60_000);
          expect(left).toBeCloseTo(notional * tier.maintenanceRate - tier.cum, 6);
        }
      }),
    );
  });

  it('goes on from a snapshot', () => {
    const books = portfolio();
    const fill = {
      side: 'buy' as const,
      priceTicks: 600_000,
      lots: 10,
      feeUnits: 5,
      feeAsset: 'USDT',
    };
    books.applyFill({ ...fill, symbol: 'BTCUSDT' });
    const again = new Portfolio();
    again.load(structuredClone(books.save()), instruments, new Map());
    again.setMark('BTCUSDT', 61_000);
    books.setMark('BTCUSDT', 61_000);
    expect(again.equity()).toBe(books.equity());
    again.assertBalanced();
  });
});
