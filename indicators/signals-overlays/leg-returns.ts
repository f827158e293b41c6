import type { Bar } from '../indicator.ts';

/** Bars in which a leg must begin to count, the present one included. */
const WINDOW_BARS = 250;
const CAPACITY = 256;
/**
 * Returns are kept in whole units of 2^-46 (1.4e-14): sums of whole numbers are exact in any order,
 * so nothing drifts and two candidates with the same legs are equal, as the rule for ties needs.
 */
const UNIT = 70_368_744_177_664;

/**
 * For each candidate the sum of the returns of its finished legs: direction * (close at the end /
 * close at the start - 1), over legs from one turn to the next whose start lies in the last 250
 * bars. The open leg does not count, costs neither. O(1) amortised a bar and candidate.
 */
export class LegReturns {
  /** Sum per candidate, in units of 2^-46. */
  declare readonly sums: Float64Array;
  declare private readonly startClose: Float64Array;
  declare private readonly startIndex: Float64Array;
  declare private readonly starts: Float64Array;
  declare private readonly returns: Float64Array;
  declare private readonly head: Int32Array;
  declare private readonly tail: Int32Array;
  /** Of all legs held, so that most bars need not look at any. */
  declare private oldestStart: number;

  constructor(candidates: number) {
    this.sums = new Float64Array(candidates);
    this.startClose = new Float64Array(candidates);
    this.startIndex = new Float64Array(candidates).fill(-1);
    this.starts = new Float64Array(candidates * CAPACITY);
    this.returns = new Float64Array(candidates * CAPACITY);
    this.head = new Int32Array(candidates);
    this.tail = new Int32Array(candidates);
    this.oldestStart = Number.MAX_SAFE_INTEGER;
  }

  /** A turn of candidate `i` to `direction` on bar number `index`. */
  turn(i: number, of: { direction: number; bar: Bar; index: number }): void {
    const { index } = of;
    const { close } = of.bar;
    const start = this.startIndex[i];
    if (start >= 0 && start > index - WINDOW_BARS) {
      const gained = 0 - of.direction * (close / this.startClose[i] - 1);
      const slot = i * CAPACITY + (this.tail[i]++ & (CAPACITY - 1));
      this.starts[slot] = start;
      this.returns[slot] = Math.round(gained * UNIT);
      this.sums[i] += this.returns[slot];
      if (start < this.oldestStart) this.oldestStart = start;
    }
    this.startIndex[i] = index;
    this.startClose[i] = close;
  }

  /** Drops the legs that began before the window; true when a sum changed. */
  expire(index: number): boolean {
    if (this.oldestStart > index - WINDOW_BARS) return false;
    let oldest = Number.MAX_SAFE_INTEGER;
    for (let i = 0; i < this.sums.length; i++) {
      while (this.head[i] !== this.tail[i]) {
        const slot = i * CAPACITY + (this.head[i] & (CAPACITY - 1));
        const start = this.starts[slot];
        if (start > index - WINDOW_BARS) {
          if (start < oldest) oldest = start;
          break;
        }
        this.sums[i] -= this.returns[slot];
        this.head[i]++;
      }
    }
    this.oldestStart = oldest;
    return true;
  }
}
