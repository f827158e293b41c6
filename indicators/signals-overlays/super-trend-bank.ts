import type { Atr } from '../basic/atr.ts';
import type { Bar } from '../indicator.ts';

/**
 * Several SuperTrends on one price and one ATR, side by side in arrays, so that thirteen of them
 * cost little more than one. Bands: middle +/- factor * ATR; the upper one only falls while the
 * previous close is not above it, the lower only rises while it is not below. A direction of -1
 * turns up when close > upper, +1 turns down when close < lower, with the bands of the bar itself;
 * equality keeps it. Bands start unratcheted and directions at -1 on the first finite ATR.
 *
 * Each direction watches its own band only. After a fall through the lower band whose bar closes
 * above the fresh upper one both tests hold; testing the upper first would miss the turn down.
 */
export class SuperTrendBank {
  declare readonly factors: Float64Array;
  declare readonly upper: Float64Array;
  declare readonly lower: Float64Array;
  /** +1, -1, or 0 before the first ATR. */
  declare readonly direction: Int32Array;
  /** The new direction on the bar it turned, else 0. */
  declare readonly flipped: Int32Array;
  declare private previousClose: number;

  /** @throws RangeError when a factor is not positive */
  constructor(factors: readonly number[]) {
    for (const factor of factors) {
      if (!(factor > 0)) throw new RangeError(`SuperTrend factor must be positive: ${factor}`);
    }
    this.factors = Float64Array.from(factors);
    this.upper = new Float64Array(factors.length).fill(Number.NaN);
    this.lower = new Float64Array(factors.length).fill(Number.NaN);
    this.direction = new Int32Array(factors.length);
    this.flipped = new Int32Array(factors.length);
    this.previousClose = Number.NaN;
  }

  /** `range` is the ATR after the same bar. */
  update(bar: Bar, range: Atr): void {
    const { close } = bar;
    const before = this.previousClose;
    this.previousClose = close;
    const atr = range.value;
    if (Number.isNaN(atr)) return;
    const middle = (bar.high + bar.low) / 2;
    const { factors, upper, lower, direction, flipped } = this;
    for (let i = 0; i < factors.length; i++) {
      const offset = factors[i] * atr;
      const raised = middle + offset;
      const lowered = middle - offset;
      let top = upper[i];
      let bottom = lower[i];
      if (!(raised >= top) || before > top) upper[i] = top = raised;
      if (!(lowered <= bottom) || before < bottom) lower[i] = bottom = lowered;
      const side = direction[i];
      flipped[i] = 0;
      if (side < 0) {
        if (close > top) direction[i] = flipped[i] = 1;
      } else if (side > 0) {
        if (close < bottom) direction[i] = flipped[i] = -1;
      } else direction[i] = -1;
    }
  }
}
