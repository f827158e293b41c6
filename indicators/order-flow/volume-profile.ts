import { checkedLength } from '../basic/length.ts';
import { RollingMax, RollingMin } from '../basic/rolling-extreme.ts';
import { RollingSum } from '../basic/rolling-sum.ts';
import { type Bar, checkedTime, type Indicator } from '../indicator.ts';

/** Updates between two exact counts; keeps the drift of add-and-take-away below 1e-12. */
const EXACT_EVERY = 1000;

export interface VolumeProfileOptions {
  /** Bars in the window. */
  length?: number;
  /** Rows between the window's low and high. */
  rows?: number;
  /** Share of the volume that the value area holds, 0..1. */
  valueAreaShare?: number;
}

/**
 * Volume by price over the last `length` bars. The window's range is cut into `rows` equal rows;
 * each bar's volume is spread evenly over its own low..high (klines do not say where in the bar it
 * traded). Prices:
 * vpoc = middle of the row with most volume; of equal rows the one nearest the middle of the range;
 * val, vah = lower and upper edge of the value area: it grows from the vpoc row, each time by the
 * two rows above or the two below, whichever pair holds more volume (equal: above), until it holds
 * `valueAreaShare` of the volume.
 *
 * Warm-up `length` bars. Flat window: all three are that price. Window without volume: NaN.
 * Cost O(rows + rows covered by two bars) while the window's range stands; a bar that changes the
 * range makes all rows anew, O(length + rows covered). On BTC 3m bars that is one bar in ten.
 *
 * Source: Market Profile's value-area calculation as in the CBOT "Handbook" (1991) and Dalton, "Mind
 * over Markets" (1993), with volume in place of time.
 */
export class VolumeProfile implements Indicator {
  declare readonly length: number;
  declare readonly rows: number;
  declare readonly valueAreaShare: number;
  declare readonly warmUpBars: number;
  declare vpoc: number;
  declare val: number;
  declare vah: number;
  declare private readonly highs: Float64Array;
  declare private readonly lows: Float64Array;
  declare private readonly volumes: Float64Array;
  declare private readonly histogram: Float64Array;
  declare private readonly highest: RollingMax;
  declare private readonly lowest: RollingMin;
  declare private readonly total: RollingSum;
  declare private slot: number;
  declare private seen: number;
  declare private sinceExact: number;
  declare private lastOpenTime: number;
  declare private low: number;
  declare private high: number;
  declare private step: number;
  /** 0 in a flat window, so that everything lies in row 0. */
  declare private rowsPerPrice: number;

  /** @throws RangeError when a length is not positive and whole or the share not within (0, 1] */
  constructor({ length = 240, rows = 24, valueAreaShare = 0.7 }: VolumeProfileOptions = {}) {
    this.length = checkedLength(length);
    this.rows = checkedLength(rows);
    if (!(valueAreaShare > 0 && valueAreaShare <= 1)) {
      throw new RangeError(`valueAreaShare must lie within (0, 1], got ${valueAreaShare}`);
    }
    this.valueAreaShare = valueAreaShare;
    this.warmUpBars = length;
    this.vpoc = Number.NaN;
    this.val = Number.NaN;
    this.vah = Number.NaN;
    this.highs = new Float64Array(length);
    this.lows = new Float64Array(length);
    this.volumes = new Float64Array(length);
    this.histogram = new Float64Array(rows);
    this.highest = new RollingMax(length);
    this.lowest = new RollingMin(length);
    this.total = new RollingSum(length);
    this.slot = 0;
    this.seen = 0;
    this.sinceExact = 0;
    this.lastOpenTime = Number.NEGATIVE_INFINITY;
    this.low = Number.NaN;
    this.high = Number.NaN;
    this.step = Number.NaN;
    this.rowsPerPrice = Number.NaN;
  }

  /** @throws RangeError when the bar holds a NaN or is not newer than the last one */
  update(bar: Bar): void {
    this.lastOpenTime = checkedTime(bar, this.lastOpenTime);
    const { slot, highs, lows, volumes } = this;
    const high = this.highest.update(bar.high);
    const low = this.lowest.update(bar.low);
    const total = this.total.update(bar.volume);
    const isSameRange = high === this.high && low === this.low;
    const isSliding = isSameRange && ++this.sinceExact < EXACT_EVERY;
    if (isSliding) this.spread(highs[slot], lows[slot], 0 - volumes[slot]);
    highs[slot] = bar.high;
    lows[slot] = bar.low;
    volumes[slot] = bar.volume;
    this.slot = slot + 1 === this.length ? 0 : slot + 1;
    if (this.seen < this.length && ++this.seen < this.length) return;
    if (isSliding) this.spread(bar.high, bar.low, bar.volume);
    else this.measureExactly(high, low);
    this.publish(total);
  }

  /** Volume of a row, 0 = lowest, in base asset; NaN before the warm-up. */
  volumeAt(row: number): number {
    return this.seen < this.length ? Number.NaN : this.histogram[row];
  }

  private measureExactly(high: number, low: number): void {
    this.sinceExact = 0;
    this.high = high;
    this.low = low;
    this.step = (high - low) / this.rows;
    this.rowsPerPrice = high > low ? this.rows / (high - low) : 0;
    this.histogram.fill(0);
    for (let i = 0; i < this.length; i++) {
      this.spread(this.highs[i], this.lows[i], this.volumes[i]);
    }
  }

  /** Adds a bar's volume to the rows that it covers (a negative one takes it out). */
  private spread(high: number, low: number, volume: number): void {
    const { histogram, step } = this;
    const bottom = this.rowOf(low);
    const top = this.rowOf(high);
    if (bottom === top) {
      histogram[bottom] += volume;
      return;
    }
    const floor = this.low;
    const perPrice = volume / (high - low);
    histogram[bottom] += perPrice * (floor + (bottom + 1) * step - low);
    for (let row = bottom + 1; row < top; row++) histogram[row] += perPrice * step;
    histogram[top] += perPrice * (high - (floor + top * step));
  }

  private rowOf(price: number): number {
    // Truncation to 32 bits is the cheap floor of a small number that is not negative.
    const row = ((price - this.low) * this.rowsPerPrice) | 0;
    return row < this.rows ? row : this.rows - 1;
  }

  private publish(total: number): void {
    if (!(total > 0)) {
      this.vpoc = Number.NaN;
      this.val = Number.NaN;
      this.vah = Number.NaN;
      return;
    }
    const row = this.pocRow();
    this.vpoc = this.low + (row + 0.5) * this.step;
    this.growValueArea(row, this.valueAreaShare * total);
  }

  private pocRow(): number {
    const { histogram, rows } = this;
    const middle = (rows - 1) / 2;
    let best = 0;
    let most = histogram[0];
    for (let row = 1; row < rows; row++) {
      const volume = histogram[row];
      if (volume < most) continue;
      if (volume === most && Math.abs(row - middle) >= Math.abs(best - middle)) continue;
      best = row;
      most = volume;
    }
    return best;
  }

  private growValueArea(row: number, wanted: number): void {
    const last = this.rows - 1;
    let from = row;
    let to = row;
    let held = this.histogram[row];
    while (held < wanted && (from > 0 || to < last)) {
      const above = this.pairAbove(to);
      const below = this.pairBelow(from);
      const isUp = from === 0 || (to < last && above >= below);
      held += isUp ? above : below;
      if (isUp) to = Math.min(last, to + 2);
      else from = Math.max(0, from - 2);
    }
    this.val = this.low + from * this.step;
    this.vah = this.low + (to + 1) * this.step;
  }

  private pairAbove(row: number): number {
    const { histogram, rows } = this;
    return (row + 1 < rows ? histogram[row + 1] : 0) + (row + 2 < rows ? histogram[row + 2] : 0);
  }

  private pairBelow(row: number): number {
    const { histogram } = this;
    return (row > 0 ? histogram[row - 1] : 0) + (row > 1 ? histogram[row - 2] : 0);
  }
}
