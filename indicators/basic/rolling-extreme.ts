import { checkedLength } from './length.ts';

/**
 * Highest of the last `length` values, the present one included. O(1) amortised: a queue of
 * candidates, each newer than the one before and not larger. NaN until `length` values were seen; NaN
 * inputs are ignored. `age` tells how many inputs ago the extreme was; of equal ones, the oldest.
 */
export class RollingMax {
  declare readonly length: number;
  declare value: number;
  declare age: number;
  declare private readonly values: Float64Array;
  declare private readonly indexes: Float64Array;
  declare private readonly mask: number;
  declare private head: number;
  declare private tail: number;
  declare private count: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.age = Number.NaN;
    const capacity = powerOfTwoAbove(length);
    this.values = new Float64Array(capacity);
    this.indexes = new Float64Array(capacity);
    this.mask = capacity - 1;
    this.head = 0;
    this.tail = 0;
    this.count = 0;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    const { values, indexes, mask } = this;
    const index = this.count++;
    let { head, tail } = this;
    if (head !== tail && indexes[head] <= index - this.length) head = (head + 1) & mask;
    while (head !== tail && values[(tail - 1) & mask] < x) tail = (tail - 1) & mask;
    values[tail] = x;
    indexes[tail] = index;
    this.head = head;
    this.tail = (tail + 1) & mask;
    if (this.count < this.length) return Number.NaN;
    this.age = index - indexes[head];
    return (this.value = values[head]);
  }
}

/** Lowest of the last `length` values; everything else as in `RollingMax`. */
export class RollingMin {
  declare readonly length: number;
  declare value: number;
  declare age: number;
  declare private readonly negated: RollingMax;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.negated = new RollingMax(length);
    this.length = length;
    this.value = Number.NaN;
    this.age = Number.NaN;
  }

  update(x: number): number {
    // 0 - x instead of -x: it never makes a negative zero, which would show in a printed column.
    const highest = this.negated.update(0 - x);
    this.age = this.negated.age;
    return (this.value = 0 - highest);
  }
}

/** Room for `length` candidates and the free slot that tells a full queue from an empty one. */
function powerOfTwoAbove(length: number): number {
  let capacity = 2;
  while (capacity < length + 1) capacity *= 2;
  return capacity;
}
