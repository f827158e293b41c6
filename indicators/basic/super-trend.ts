import { Atr } from './atr.ts';

/**
 * The ratcheting bands and direction of a SuperTrend; the caller gives the offset, factor * ATR, so
 * that several factors can share one ATR. Bands start unratcheted and direction at -1 on the first
 * finite offset; later the upper band only falls while the previous close is below it, the lower
 * only rises while it is above. Direction turns +1 when close > upper, -1 when close < lower, with
 * the bands of the bar itself; equality keeps it.
 */
export class SuperTrendBands {
  declare upper: number;
  declare lower: number;
  /** +1 up, -1 down, 0 before the first finite offset. */
  declare direction: number;
  /** Direction on the bar before. */
  declare previousDirection: number;
  declare private previousClose: number;

  constructor() {
    this.upper = Number.NaN;
    this.lower = Number.NaN;
    this.direction = 0;
    this.previousDirection = 0;
    this.previousClose = Number.NaN;
  }

  update(middle: number, close: number, offset: number): number {
    const before = this.previousClose;
    this.previousClose = close;
    if (Number.isNaN(offset)) return 0;
    this.previousDirection = this.direction;
    const upper = middle + offset;
    const lower = middle - offset;
    if (this.direction === 0) {
      this.upper = upper;
      this.lower = lower;
      return (this.direction = -1);
    }
    // Written so that equality of the previous close and a band keeps the band, as Pine does.
    if (upper < this.upper || before > this.upper) this.upper = upper;
    if (lower > this.lower || before < this.lower) this.lower = lower;
    // By the side it is on: bands may cross, and then a close can lie beyond both.
    if (this.direction === -1) {
      if (close > this.upper) this.direction = 1;
    } else if (close < this.lower) this.direction = -1;
    return this.direction;
  }
}

/**
 * SuperTrend on (high + low) / 2 with bands at `factor` average true ranges of `atrLength` bars
 * (default 10). Fields in price units; NaN, direction 0, until `atrLength` bars were seen.
 */
export class SuperTrend {
  declare readonly factor: number;
  /** The band in force: the lower one in an up-trend, else the upper. */
  declare value: number;
  declare direction: number;
  /** 1 on a bar that turns the direction, else 0. */
  declare flipped: number;
  declare readonly atr: Atr;
  declare readonly bands: SuperTrendBands;

  /** @throws RangeError when the factor is not positive or the length not a positive whole number */
  constructor(options: { factor: number; atrLength?: number }) {
    if (!(options.factor > 0)) throw new RangeError(`factor must be positive: ${options.factor}`);
    this.factor = options.factor;
    this.value = Number.NaN;
    this.direction = 0;
    this.flipped = 0;
    this.atr = new Atr(options.atrLength ?? 10);
    this.bands = new SuperTrendBands();
  }

  update(high: number, low: number, close: number): number {
    const { bands } = this;
    const offset = this.factor * this.atr.update(high, low, close);
    const before = this.direction;
    this.direction = bands.update((high + low) / 2, close, offset);
    this.flipped = before !== 0 && before !== this.direction ? 1 : 0;
    if (this.direction !== 0) this.value = this.direction === 1 ? bands.lower : bands.upper;
    return this.value;
  }
}
