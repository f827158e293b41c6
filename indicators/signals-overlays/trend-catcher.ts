import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import type { Bar } from '../indicator.ts';

const ATR_LENGTH = 14;
const DEAD_BAND_ATRS = 0.1;
const WARM_UP_INDEX = 250;

/**
 * Trend Catcher: direction of an exponential average's slope, with a dead band. slope = EMA - EMA
 * one bar ago, EMA length round(10 * setting / 3); +1 when slope > 0.1 * ATR(14), -1 when it is
 * below minus that, else as before. Documented by the original: a line that reacts early, turning
 * alerts; the rule is our design. Shown from bar index 250. Mirrors exactly. O(1).
 */
export class TrendCatcher {
  /** +1, -1, 0 before the first; NaN until warm. */
  declare catcherDir: number;
  /** The same without the warm-up. */
  declare direction: number;
  declare private readonly ema: Ema;
  declare private readonly atr: Atr;
  declare private index: number;

  /** @throws RangeError for a setting that gives no length of at least 1 */
  constructor(options: { setting?: number } = {}) {
    this.catcherDir = Number.NaN;
    this.direction = 0;
    this.ema = new Ema(Math.round((10 * (options.setting ?? 3)) / 3));
    this.atr = new Atr(ATR_LENGTH);
    this.index = -1;
  }

  update(bar: Bar): void {
    const { high, low, close } = bar;
    const before = this.ema.value;
    const slope = this.ema.update(close) - before;
    const band = DEAD_BAND_ATRS * this.atr.update(high, low, close);
    if (slope > band) this.direction = 1;
    else if (slope < 0 - band) this.direction = -1;
    if (++this.index >= WARM_UP_INDEX) this.catcherDir = this.direction;
  }
}
