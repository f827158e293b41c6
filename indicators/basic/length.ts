/**
 * A window length as given by a caller.
 * @throws RangeError unless it is a whole number of at least `min`
 */
export function checkedLength(length: number, min = 1): number {
  if (!Number.isInteger(length) || length < min) {
    throw new RangeError(`length must be a whole number of at least ${min}, got ${length}`);
  }
  return length;
}
