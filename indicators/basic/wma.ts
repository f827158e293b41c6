import { checkedLength } from './length.ts';

const EXACT_EVERY = 1000;

/**
 * Linearly weighted moving average: weights 1 (oldest) to `length` (newest), in the input's unit.
 * O(1) amortised: the weighted sum moves by length * x minus the plain sum. NaN until `length`
 * values were seen; NaN inputs are ignored.
 */
export class Wma {
  declare readonly length: number;
  declare value: number;
  declare private readonly ring: Float64Array;
  declare private readonly weights: number;
  declare private sum: number;
  declare private weighted: number;
  declare private slot: number;
  declare private seen: number;
  declare private sinceExact: number;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.length = checkedLength(length);
    this.value = Number.NaN;
    this.ring = new Float64Array(length);
    this.weights = (length * (length + 1)) / 2;
    this.sum = 0;
    this.weighted = 0;
    this.slot = 0;
    this.seen = 0;
    this.sinceExact = 0;
  }

  update(x: number): number {
    if (Number.isNaN(x)) return this.value;
    const { ring, length, slot } = this;
    this.weighted += length * x - this.sum;
    this.sum += x - ring[slot];
    ring[slot] = x;
    this.slot = slot + 1 === length ? 0 : slot + 1;
    if (++this.sinceExact >= EXACT_EVERY) this.sumExactly();
    if (this.seen < length && ++this.seen < length) return Number.NaN;
    return (this.value = this.weighted / this.weights);
  }

  /** Removes the drift of add-and-subtract. The slot after the newest holds the oldest value. */
  private sumExactly(): void {
    this.sinceExact = 0;
    let sum = 0;
    let weighted = 0;
    for (let i = 0; i < this.length; i++) {
      const x = this.ring[(this.slot + i) % this.length];
      sum += x;
      weighted += (i + 1) * x;
    }
    this.sum = sum;
    this.weighted = weighted;
  }
}
