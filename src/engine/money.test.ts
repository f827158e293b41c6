import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeUnits } from './fees.ts';
import { mulDiv, parseDecimal, type Rounding, toCash } from './money.ts';

/** Floor division of BigInts, and from it every rounding: the oracle. */
function oracle(a: number, b: number, c: number, rounding: Rounding): bigint {
  const product = BigInt(a) * BigInt(b);
  const divisor = BigInt(c);
  const quotient = product / divisor;
  const remainder = product - quotient * divisor;
  if (remainder === 0n || rounding === 'trunc') return quotient;
  const isPositive = product > 0n === divisor > 0n;
  const floor = isPositive ? quotient : quotient - 1n;
  if (rounding === 'floor') return floor;
  if (rounding === 'ceil') return floor + 1n;
  const twice = 2n * (remainder < 0n ? -remainder : remainder);
  const isFar = twice >= (divisor < 0n ? -divisor : divisor);
  if (!isFar) return quotient;
  return isPositive ? quotient + 1n : quotient - 1n;
}

describe('mulDiv', () => {
  const integer = fc.integer({ min: -9_000_000_000_000_000, max: 9_000_000_000_000_000 });
  const rounding = fc.constantFrom<Rounding>('floor', 'ceil', 'nearest', 'trunc');

  it('equals BigInt wherever the result is safe', () => {
    fc.assert(
      fc.property(integer, integer, integer, rounding, (a, b, c, mode) => {
        fc.pre(c !== 0);
        const expected = oracle(a, b, c, mode);
        fc.pre(expected <= 9_007_199_254_740_991n && expected >= -9_007_199_254_740_991n);
        expect(BigInt(mulDiv(a, b, c, mode))).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('equals BigInt for small numbers, halves and signs included', () => {
    const small = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(small, small, small, rounding, (a, b, c, mode) => {
        fc.pre(c !== 0);
        expect(mulDiv(a, b, c, mode)).toBe(Number(oracle(a, b, c, mode)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses what is not a safe integer', () => {
    expect(() => mulDiv(0.5, 2, 1, 'floor')).toThrow('mulDiv');
    expect(() => mulDiv(1, 1, 0, 'floor')).toThrow('mulDiv by 0');
    expect(() => mulDiv(9e15, 9e15, 1, 'floor')).toThrow('safe range');
  });
});

describe('fees', () => {
  it('equal the BigInt oracle, rounded up, at notionals that leave 2^53', () => {
    const notional = fc.integer({ min: 0, max: 8_000_000_000_000_000 });
    fc.assert(
      fc.property(notional, fc.integer({ min: 0, max: 100_000 }), (units, rateE8) => {
        const exact = (BigInt(units) * BigInt(rateE8) + 99_999_999n) / 100_000_000n;
        expect(BigInt(feeUnits(units, rateE8))).toBe(exact);
      }),
    );
  });
});

describe('decimals', () => {
  it.each([
    ['0.10', 8, 10_000_000],
    ['-1.5', 1, -15],
    ['100', 0, 100],
    ['0.00000001', 8, 1],
    ['3.1400', 2, 314],
  ])('%s at scale %d is %d', (text, scale, value) => {
    expect(parseDecimal(text, scale)).toBe(value);
  });

  it.each(['', '1e5', 'abc', '1.2.3', '.5', '0.123'])('refuses "%s"', (text) => {
    expect(() => parseDecimal(text, 2)).toThrow();
  });

  it('rounds doubles to the nearest unit', () => {
    expect(toCash(0.1 + 0.2)).toBe(30_000_000);
    // toBe tells -0 from 0.
    expect(toCash(-1e-12)).toBe(0);
    expect(parseDecimal('-0.00', 2)).toBe(0);
  });
});
