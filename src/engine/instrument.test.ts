import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Instrument } from './instrument.ts';
import { testSpec } from './testing/engine-fixture.ts';

const btc = new Instrument(testSpec('BTCUSDT'));
const sol = new Instrument(testSpec('SOLUSDT'));

describe('the bridge between doubles and integers', () => {
  it('gives correctly rounded prices and quantities', () => {
    expect(btc.price(605_001)).toBe(60_500.1);
    expect(btc.quantity(3)).toBe(0.003);
    expect(sol.price(2_126)).toBe(21.26);
  });

  it('survives the noise of doubles', () => {
    expect(btc.toTicks(0.1 + 0.2, 'down')).toBe(3);
    expect(btc.toTicks(0.1 + 0.2, 'up')).toBe(3);
    expect(btc.toLots(0.3, 'down')).toBe(300);
  });

  it.each([
    [100.06, 'down', 1_000],
    [100.06, 'up', 1_001],
    [100.06, 'nearest', 1_001],
    [-0.04, 'nearest', 0],
  ] as const)('%d rounded %s is %d ticks', (price, rounding, ticks) => {
    expect(btc.toTicks(price, rounding)).toBe(ticks);
  });

  it('returns every tick and lot unchanged through text and doubles', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000_000 }), (n) => {
        expect(btc.toTicks(btc.price(n), 'down')).toBe(n);
        expect(btc.toTicks(btc.price(n), 'up')).toBe(n);
        expect(btc.parseTicks(btc.formatTicks(n))).toBe(n);
        expect(sol.parseLots(sol.formatLots(n))).toBe(n);
        expect(String(btc.price(n))).toBe(String(Number(`${n}e-1`)));
      }),
    );
  });

  it('values a tick times a lot exactly', () => {
    // 60,000.0 x 0.010 = 600 USDT.
    expect(btc.notional(600_000, 10)).toBe(600e8);
    expect(btc.meetsMinNotional(500_000, 1)).toBe(true);
    expect(btc.meetsMinNotional(499_999, 1)).toBe(false);
  });

  it('refuses text off the grid and prices that are not numbers', () => {
    expect(() => btc.parseTicks('100.05')).toThrow('not on the grid');
    expect(() => btc.toTicks(Number.NaN, 'down')).toThrow('no place');
  });
});
