import type { Bar } from '../indicator.ts';

/** Bars whose events are muted after a gap, the first bar after it included. */
const MUTED_BARS = 5;
/** Missing bars from which a gap is too long for the state to go on. */
const RESTART_AFTER_BARS = 200;

/**
 * Watches bar times for holes. After a hole events are muted for 5 bars while states go on; after
 * more than 200 missing bars the module restarts. Without `barMs` the length of a bar is the
 * smallest distance seen so far.
 */
export class BarGaps {
  /** 0 on a bar whose events are muted, else 1. */
  declare shown: number;
  /** 1 on the first bar after a hole that is too long. */
  declare restart: number;
  declare private barMs: number;
  declare private lastOpenTime: number;
  declare private mutedLeft: number;

  /** @throws RangeError when `barMs` is given and not positive */
  constructor(barMs = 0) {
    if (!(barMs >= 0)) throw new RangeError(`barMs must be positive: ${barMs}`);
    this.shown = 1;
    this.restart = 0;
    this.barMs = barMs === 0 ? Number.POSITIVE_INFINITY : barMs;
    this.lastOpenTime = Number.NaN;
    this.mutedLeft = 0;
  }

  update(bar: Bar): void {
    const { openTime } = bar;
    const step = openTime - this.lastOpenTime;
    this.lastOpenTime = openTime;
    this.restart = 0;
    if (step < this.barMs) this.barMs = step;
    if (step > this.barMs) {
      this.mutedLeft = MUTED_BARS;
      if (step > (RESTART_AFTER_BARS + 1) * this.barMs) this.restart = 1;
    }
    if (this.mutedLeft > 0) {
      this.mutedLeft--;
      this.shown = 0;
    } else this.shown = 1;
  }
}
