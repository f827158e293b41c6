import { Rma } from '../basic/rma.ts';
import { Sma } from '../basic/sma.ts';
import type { Bar } from '../indicator.ts';

const LENGTH = 28;
/** Earliest bar index whose turn counts. */
export const FIRST_TURN_INDEX = 3 * LENGTH;
/** How far into the area between trail and extreme the second line lies. */
const EXTREMITY_SHARE = 1 - 0.618;

export interface SmartTrailOptions {
  /** 1..5, higher is longer-term: the ATR factor. Default 3. */
  setting?: number;
  /** Smallest price step; a close must be half of it beyond the trail to turn it. Default 0. */
  tickSize?: number;
}

/**
 * Smart Trail: a trailing stop at `setting` modified true ranges. With r = high - low, p = 28:
 * hilo = min(r, 1.5 * SMA_p(r)); up = low <= high[1] ? high - close[1]
 * : (high - close[1]) - 0.5 * (low - high[1]); down mirrored;
 * loss = setting * RMA_p(max(hilo, up, down)). While long the trail only rises, to close - loss,
 * and turns when the close is more than half a tick below its previous value; short mirrored.
 * Extremity = trail + (extreme of the leg - trail) * 0.382.
 *
 * Documented by the original: two lines, the setting and its direction; the formula is the
 * published "modified ATR trailing stop" (defaults 28, 5), the mapping and the extremity are our
 * design. The leg it starts with is arbitrary: lines are NaN and direction 0 until the first turn
 * at bar index 84 or later. Prices in quote currency, scaled with price (and tick); mirrored prices
 * mirror it after its first turn. O(1).
 */
export class SmartTrail {
  declare smartTrail: number;
  declare smartTrailExtremity: number;
  /** +1, -1; 0 until warm. */
  declare smartTrailDir: number;
  /** The new direction on the bar it turned, else 0. */
  declare switched: number;
  declare private readonly factor: number;
  declare private readonly halfTick: number;
  declare private readonly meanRange: Sma;
  declare private readonly meanLoss: Rma;
  declare private side: number;
  declare private trail: number;
  declare private extreme: number;
  declare private previousHigh: number;
  declare private previousLow: number;
  declare private previousClose: number;
  declare private index: number;

  /** @throws RangeError for a setting that is not positive or a negative tick */
  constructor(options: SmartTrailOptions = {}) {
    const { setting = 3, tickSize = 0 } = options;
    if (!(setting > 0)) throw new RangeError(`Smart Trail setting must be positive: ${setting}`);
    if (!(tickSize >= 0)) throw new RangeError(`tickSize must not be negative: ${tickSize}`);
    this.smartTrail = Number.NaN;
    this.smartTrailExtremity = Number.NaN;
    this.smartTrailDir = 0;
    this.switched = 0;
    this.factor = setting;
    this.halfTick = tickSize / 2;
    this.meanRange = new Sma(LENGTH);
    this.meanLoss = new Rma(LENGTH);
    this.side = 0;
    this.trail = Number.NaN;
    this.extreme = Number.NaN;
    this.previousHigh = Number.NaN;
    this.previousLow = Number.NaN;
    this.previousClose = Number.NaN;
    this.index = -1;
  }

  update(bar: Bar): void {
    const { high, low, close } = bar;
    this.index++;
    const loss = this.factor * this.meanLoss.update(this.modifiedRange(high, low));
    this.previousHigh = high;
    this.previousLow = low;
    this.previousClose = close;
    this.switched = 0;
    if (Number.isNaN(loss)) return;
    const { side } = this;
    if (side === 0) this.turn(1, close - loss, high);
    else if (side * (close - this.trail) < 0 - this.halfTick) {
      if (side === 1) this.turn(-1, close + loss, low);
      else this.turn(1, close - loss, high);
      if (this.index >= FIRST_TURN_INDEX || this.smartTrailDir !== 0) {
        this.switched = this.side;
        this.smartTrailDir = this.side;
      }
    } else if (side === 1) {
      if (close - loss > this.trail) this.trail = close - loss;
      if (high > this.extreme) this.extreme = high;
    } else {
      if (close + loss < this.trail) this.trail = close + loss;
      if (low < this.extreme) this.extreme = low;
    }
    if (this.smartTrailDir === 0) return;
    this.smartTrail = this.trail;
    this.smartTrailExtremity = this.trail + (this.extreme - this.trail) * EXTREMITY_SHARE;
  }

  private turn(side: number, trail: number, extreme: number): void {
    this.side = side;
    this.trail = trail;
    this.extreme = extreme;
  }

  /** NaN until the mean range is known. */
  private modifiedRange(high: number, low: number): number {
    const { previousHigh, previousLow, previousClose } = this;
    const range = high - low;
    const cap = 1.5 * this.meanRange.update(range);
    const hilo = cap < range ? cap : range;
    let up = high - previousClose;
    if (low > previousHigh) up -= 0.5 * (low - previousHigh);
    let down = previousClose - low;
    if (high < previousLow) down -= 0.5 * (previousLow - high);
    return Number.isNaN(cap) ? Number.NaN : Math.max(hilo, up, down);
  }
}
