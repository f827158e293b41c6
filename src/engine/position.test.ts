import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Position } from './position.ts';

/** Average-cost accounting in BigInt, one lot at a time where the textbook says it pro rata. */
class Oracle {
  lots = 0n;
  cost = 0n;
  realised = 0n;

  fill(side: 'buy' | 'sell', lots: bigint, lotNotional: bigint): void {
    const sign = side === 'buy' ? 1n : -1n;
    const held = this.lots < 0n ? -this.lots : this.lots;
    const closing = this.lots * sign < 0n ? (lots < held ? lots : held) : 0n;
    if (closing > 0n) {
      const released = (this.cost * closing) / held;
      this.realised += -sign * closing * lotNotional - released;
      this.cost -= released;
    }
    this.cost += sign * (lots - closing) * lotNotional;
    this.lots += sign * lots;
  }
}

const anyFill = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  priceTicks: fc.integer({ min: 1, max: 2_000_000 }),
  lots: fc.integer({ min: 1, max: 5_000 }),
});

describe('a position', () => {
  it('equals the BigInt oracle through additions, reductions and flips', () => {
    fc.assert(
      fc.property(fc.array(anyFill, { maxLength: 40 }), (fills) => {
        const position = new Position('BTCUSDT');
        const oracle = new Oracle();
        for (const { side, priceTicks, lots } of fills) {
          const lotNotional = priceTicks * 10_000;
          position.applyFill(side, lots, lots * lotNotional);
          oracle.fill(side, BigInt(lots), BigInt(lotNotional));
          expect(BigInt(position.lots)).toBe(oracle.lots);
          expect(BigInt(position.costUnits)).toBe(oracle.cost);
          expect(BigInt(position.realisedUnits)).toBe(oracle.realised);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('flips in one fill: realises the old side, opens the new one at the fill price', () => {
    const position = new Position('BTCUSDT');
    // Long 0.010 at 60,000, then sells 0.025 at 61,000: 10 USDT realised, short 0.015 at 61,000.
    position.applyFill('buy', 10, 600e8);
    expect(position.applyFill('sell', 25, 1_525e8)).toBe(10e8);
    expect(position).toMatchObject({ lots: -15, costUnits: -915e8 });
    expect(position.averagePrice(0.001)).toBe(61_000);
  });
});
