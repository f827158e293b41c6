import { AppError } from '../engine/error.ts';

/** A number given on the command line. @throws AppError USAGE_NUMBER naming flag and bounds */
export function numberFlag(
  name: string,
  text: string,
  bounds: { low?: number; high?: number; isWhole?: boolean } = {},
): number {
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY, isWhole } = bounds;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value))
    throw new AppError('USAGE_NUMBER', `${name} "${text}" is not a number`);
  if (isWhole && !Number.isInteger(value)) {
    throw new AppError('USAGE_NUMBER', `${name} ${text} is not a whole number`);
  }
  if (value >= low && value <= high) return value;
  const least = low === Number.MIN_VALUE ? 'above 0' : `at least ${low}`;
  const asks = high === Number.POSITIVE_INFINITY ? least : `${least}, at most ${high}`;
  throw new AppError('USAGE_NUMBER', `${name} ${text} is out of range`, asks);
}
