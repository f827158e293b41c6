import { fail } from './assert.ts';
import { CASH_SCALE, type CashUnits } from './units.ts';

export type Rounding = 'floor' | 'ceil' | 'nearest' | 'trunc';

/**
 * a x b / c exactly, then rounded: the one place where products may leave 2^53 (BigInt steps in
 * there). `nearest` rounds halves away from zero. Zero is never -0, which digests tell apart.
 * @throws AppError ENGINE_ASSERT for anything that is not a safe integer, or c = 0
 */
export function mulDiv(a: number, b: number, c: number, rounding: Rounding): number {
  if (!(Number.isSafeInteger(a) && Number.isSafeInteger(b))) fail(`mulDiv of ${a} x ${b}`);
  if (!(Number.isSafeInteger(c) && c !== 0)) fail(`mulDiv by ${c}`);
  const product = a * b;
  const result = Number.isSafeInteger(product)
    ? divide(product, c, rounding)
    : divideBig(BigInt(a) * BigInt(b), BigInt(c), rounding);
  if (!Number.isSafeInteger(result)) fail(`mulDiv result ${result} leaves the safe range`);
  return result;
}

function divide(product: number, c: number, rounding: Rounding): number {
  const remainder = product % c;
  const quotient = (product - remainder) / c;
  if (remainder === 0) return quotient + 0;
  const sign = product < 0 === c < 0 ? 1 : -1;
  if (rounding === 'trunc') return quotient + 0;
  if (rounding === 'floor') return sign < 0 ? quotient - 1 : quotient + 0;
  if (rounding === 'ceil') return sign > 0 ? quotient + 1 : quotient + 0;
  return Math.abs(remainder) * 2 >= Math.abs(c) ? quotient + sign : quotient + 0;
}

function divideBig(product: bigint, c: bigint, rounding: Rounding): number {
  const remainder = product % c;
  const quotient = product / c;
  if (remainder === 0n) return Number(quotient);
  const sign = product < 0n === c < 0n ? 1n : -1n;
  if (rounding === 'trunc') return Number(quotient);
  if (rounding === 'floor') return Number(sign < 0n ? quotient - 1n : quotient);
  if (rounding === 'ceil') return Number(sign > 0n ? quotient + 1n : quotient);
  const absRemainder = remainder < 0n ? -remainder : remainder;
  const absC = c < 0n ? -c : c;
  return Number(absRemainder * 2n >= absC ? quotient + sign : quotient);
}

/** Nearest unit of a double amount; for amounts that come as doubles (funding, reports). */
export function toCash(amount: number): CashUnits {
  const units = Math.round(amount * CASH_SCALE) + 0;
  if (!Number.isSafeInteger(units)) fail(`amount ${amount} leaves the safe range`);
  return units;
}

export function fromCash(units: CashUnits): number {
  return units / CASH_SCALE;
}

/**
 * The exact integer of a decimal string times 10^scaleDigits: "0.00123" with 8 is 123,000.
 * @throws AppError ENGINE_ASSERT for other text, or digits beyond the scale that are not zero
 */
export function parseDecimal(text: string, scaleDigits: number): number {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) fail(`"${text}" is not a decimal number`);
  const fraction = match[3] ?? '';
  if (!/^0*$/.test(fraction.slice(scaleDigits)))
    fail(`"${text}" has more than ${scaleDigits} digits`);
  const digits = match[2] + fraction.slice(0, scaleDigits).padEnd(scaleDigits, '0');
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) fail(`"${text}" leaves the safe range`);
  return match[1] === '-' ? 0 - value : value;
}
