import { checkedLength } from '../basic/length.ts';

/**
 * Beta and correlation of y on x over the last `window` pairs, both without unit:
 * beta = cov(x, y) / var(x), correlation = cov(x, y) / sqrt(var(x) var(y)) (Pearson's). Meant for
 * simple returns of two symbols over the same bars: x of the main symbol, y of the leg.
 *
 * Warm-up `window` pairs. A pair with a NaN in it is ignored. Where x (or for the correlation
 * either) did not move within the window there is no such number: NaN. O(1) amortised: means and
 * centred products slide (Welford's update for two variables), so nothing cancels when returns are
 * small beside their mean, and are taken anew from the ring each time it has gone round, so that
 * rounding left by a jump lasts no longer than one window after it.
 *
 * Source: Sharpe, "A simplified model for portfolio analysis" (1963); update after Welford (1962).
 */
export class RollingBeta {
  declare readonly window: number;
  declare beta: number;
  declare correlation: number;
  declare private readonly xs: Float64Array;
  declare private readonly ys: Float64Array;
  declare private meanX: number;
  declare private meanY: number;
  declare private sumXX: number;
  declare private sumYY: number;
  declare private sumXY: number;
  declare private slot: number;
  declare private seen: number;
  declare private sinceExact: number;
  declare private lastX: number;
  declare private lastY: number;
  declare private runX: number;
  declare private runY: number;

  /** @throws RangeError unless `window` is a whole number of at least 2 */
  constructor(window: number) {
    this.window = checkedLength(window, 2);
    this.beta = Number.NaN;
    this.correlation = Number.NaN;
    this.xs = new Float64Array(window);
    this.ys = new Float64Array(window);
    this.meanX = 0;
    this.meanY = 0;
    this.sumXX = 0;
    this.sumYY = 0;
    this.sumXY = 0;
    this.slot = 0;
    this.seen = 0;
    this.sinceExact = 0;
    this.lastX = Number.NaN;
    this.lastY = Number.NaN;
    this.runX = 0;
    this.runY = 0;
  }

  update(x: number, y: number): void {
    if (Number.isNaN(x) || Number.isNaN(y)) return;
    const { xs, ys, slot, window } = this;
    const oldX = xs[slot];
    const oldY = ys[slot];
    xs[slot] = x;
    ys[slot] = y;
    this.slot = slot + 1 === window ? 0 : slot + 1;
    this.countRuns(x, y);
    if (this.seen < window) {
      if (++this.seen < window) return;
      this.measureExactly();
    } else if (++this.sinceExact >= window) {
      this.measureExactly();
    } else {
      this.slide(x - oldX, y - oldY, x, y, oldX, oldY);
    }
    this.publish();
  }

  /** Equal values in a row: a window full of them has a variance of exactly 0. */
  private countRuns(x: number, y: number): void {
    this.runX = x === this.lastX ? this.runX + 1 : 1;
    this.runY = y === this.lastY ? this.runY + 1 : 1;
    this.lastX = x;
    this.lastY = y;
  }

  private slide(dx: number, dy: number, x: number, y: number, oldX: number, oldY: number): void {
    const beforeX = this.meanX;
    const beforeY = this.meanY;
    const meanX = beforeX + dx / this.window;
    const meanY = beforeY + dy / this.window;
    this.meanX = meanX;
    this.meanY = meanY;
    this.sumXX += dx * (x - meanX + (oldX - beforeX));
    this.sumYY += dy * (y - meanY + (oldY - beforeY));
    this.sumXY += dy * (x - meanX) + dx * (oldY - beforeY);
  }

  private measureExactly(): void {
    const { xs, ys, window } = this;
    this.sinceExact = 0;
    let sumX = 0;
    let sumY = 0;
    for (let i = 0; i < window; i++) {
      sumX += xs[i];
      sumY += ys[i];
    }
    const meanX = sumX / window;
    const meanY = sumY / window;
    let sumXX = 0;
    let sumYY = 0;
    let sumXY = 0;
    for (let i = 0; i < window; i++) {
      sumXX += (xs[i] - meanX) * (xs[i] - meanX);
      sumYY += (ys[i] - meanY) * (ys[i] - meanY);
      sumXY += (xs[i] - meanX) * (ys[i] - meanY);
    }
    this.meanX = meanX;
    this.meanY = meanY;
    this.sumXX = sumXX;
    this.sumYY = sumYY;
    this.sumXY = sumXY;
  }

  private publish(): void {
    const { window } = this;
    const isFlatX = this.runX >= window;
    const isFlatY = this.runY >= window;
    if (isFlatX) {
      this.meanX = this.lastX;
      this.sumXX = 0;
    }
    if (isFlatY) {
      this.meanY = this.lastY;
      this.sumYY = 0;
    }
    if (isFlatX || isFlatY) this.sumXY = 0;
    this.beta = this.sumXX > 0 ? this.sumXY / this.sumXX : Number.NaN;
    const scale = Math.sqrt(this.sumXX * this.sumYY);
    const correlation = scale > 0 ? this.sumXY / scale : Number.NaN;
    this.correlation = Math.max(-1, Math.min(1, correlation));
  }
}
