import { RollingSum } from '../basic/rolling-sum.ts';
import type { Bar } from '../indicator.ts';

const PATH_LENGTH = 20;
const RANK_LENGTH = 250;
/** Ratios are kept as whole numbers of 1e-9, so that equal ones do not differ by rounding. */
const GRID = 1e9;

/**
 * Trend Strength, 0..100: percent rank of the efficiency ratio (Kaufman 1995) among its previous
 * 250 values, the share of them that are at most the present one. Ratio = |close - close 20 ago| /
 * sum of |close changes| of those 20 bars, 0 on a flat path.
 *
 * Documented by the original: the range, trending above 50; the measure is our design. First value
 * at bar index 270. Neither price scale nor mirroring matters. O(1) a bar; the rank is counted when
 * it is read, O(250), because no rule needs it on every bar and a sorted window would cost more.
 */
export class TrendStrength {
  /** The efficiency ratio itself, 0..1. */
  declare efficiency: number;
  declare private readonly closes: Float64Array;
  declare private readonly path: RollingSum;
  /** The last 251 ratios, the present one included. */
  declare private readonly ratios: Int32Array;
  declare private slot: number;
  declare private ratioSlot: number;
  declare private seen: number;
  declare private previousClose: number;

  constructor() {
    this.efficiency = Number.NaN;
    this.closes = new Float64Array(PATH_LENGTH).fill(Number.NaN);
    this.path = new RollingSum(PATH_LENGTH);
    this.ratios = new Int32Array(RANK_LENGTH + 1);
    this.slot = 0;
    this.ratioSlot = -1;
    this.seen = 0;
    this.previousClose = Number.NaN;
  }

  update(bar: Bar): void {
    const { close } = bar;
    const { closes, slot } = this;
    const path = this.path.update(Math.abs(close - this.previousClose));
    const moved = Math.abs(close - closes[slot]);
    closes[slot] = close;
    this.slot = slot + 1 === PATH_LENGTH ? 0 : slot + 1;
    this.previousClose = close;
    this.efficiency = path === 0 ? 0 : moved / path;
    if (Number.isNaN(this.efficiency)) return;
    this.ratioSlot = this.ratioSlot === RANK_LENGTH ? 0 : this.ratioSlot + 1;
    this.ratios[this.ratioSlot] = Math.round(this.efficiency * GRID);
    if (this.seen <= RANK_LENGTH) this.seen++;
  }

  get trendStrength(): number {
    if (this.seen <= RANK_LENGTH) return Number.NaN;
    const { ratios } = this;
    const present = ratios[this.ratioSlot];
    // The present one is among them and at most itself.
    let atMost = -1;
    for (let i = 0; i <= RANK_LENGTH; i++) if (ratios[i] <= present) atMost++;
    return (100 * atMost) / RANK_LENGTH;
  }
}
