import type { Bars } from '../../data/bars/bars.ts';
import type { Direction } from '../../src/engine/units.ts';

/**
 * Where the price goes next, as points in time: bars, recorded trades and books all become one of
 * these, and one matching serves them. Prices are in ticks and may lie between two of them.
 */
export interface PriceSource {
  /** The next point; infinity when nothing further is known yet. */
  readonly toMs: number;
  readonly toTicks: number;
  /** The price jumps at `toMs` (a gap, a trade); otherwise it moves there along a straight line. */
  readonly isJump: boolean;
  /** The path inside is guessed from a bar: maker fills are not credited from it by default. */
  readonly isInferred: boolean;
  /** Range of the data the current point was taken from; no fill lies outside. */
  readonly lowTicks: number;
  readonly highTicks: number;
  /** Goes on to the point after; `first` is the extreme an inferred path visits first: -1 the low. */
  advance(first: Direction): void;
}

/** The price stays at the open this long at most, so that an order sent at the close meets it. */
export const OPEN_DWELL_MS = 2_000;
const OPEN_DWELL_SHARE = 0.1;

const POINT_OPEN = 0;
const POINT_DWELL = 1;
const POINT_FIRST = 2;
const POINT_SECOND = 3;
const POINT_CLOSE = 4;
const POINT_NONE = 5;

/**
 * One bar as a continuous walk: a jump to the open, a short stay there, then straight lines to one
 * extreme, the other extreme, and the close, a third of the remaining time each.
 */
export class BarPath implements PriceSource {
  toMs = Number.POSITIVE_INFINITY;
  toTicks = Number.NaN;
  isJump = false;
  readonly isInferred = true;
  lowTicks = Number.NaN;
  highTicks = Number.NaN;
  closeMs = Number.NEGATIVE_INFINITY;
  declare private readonly tick: number;
  private point = POINT_NONE;
  private dwellEndMs = 0;
  private secondMs = 0;
  openTicks = 0;
  private closeTicks = 0;
  private firstIsLow = true;

  constructor(options: { tick: number }) {
    this.tick = options.tick;
  }

  setBar(bars: Bars, index: number): void {
    const openMs = bars.openTime[index];
    this.closeMs = openMs + bars.timeframeMs;
    this.dwellEndMs = openMs + Math.min(OPEN_DWELL_MS, bars.timeframeMs * OPEN_DWELL_SHARE);
    this.openTicks = ticksOf(bars.open[index], this.tick);
    this.highTicks = ticksOf(bars.high[index], this.tick);
    this.lowTicks = ticksOf(bars.low[index], this.tick);
    this.closeTicks = ticksOf(bars.close[index], this.tick);
    this.point = POINT_OPEN;
    this.toMs = openMs;
    this.toTicks = this.openTicks;
    this.isJump = true;
  }

  /**
   * Goes back to the first extreme before the second one, from where the price is at `nowMs`: a stop
   * that was raised inside the bar is met before a target that lies in the same bar.
   */
  revisitFirst(nowMs: number): void {
    if (this.point !== POINT_SECOND) return;
    this.point = POINT_FIRST;
    this.secondMs = this.toMs;
    this.toMs = nowMs + (this.secondMs - nowMs) / 2;
    this.toTicks = this.firstIsLow ? this.lowTicks : this.highTicks;
  }

  /** Every field is a number or a flag. */
  save(): unknown {
    return { ...this };
  }

  load(state: unknown): void {
    Object.assign(this, state);
  }

  advance(first: Direction): void {
    this.isJump = false;
    this.point++;
    const third = (this.closeMs - this.dwellEndMs) / 3;
    switch (this.point) {
      case POINT_DWELL:
        this.toMs = this.dwellEndMs;
        return;
      case POINT_FIRST:
        this.firstIsLow = first === -1;
        this.toMs = this.dwellEndMs + third;
        this.secondMs = this.dwellEndMs + 2 * third;
        this.toTicks = this.firstIsLow ? this.lowTicks : this.highTicks;
        return;
      case POINT_SECOND:
        this.toMs = this.secondMs;
        this.toTicks = this.firstIsLow ? this.highTicks : this.lowTicks;
        return;
      case POINT_CLOSE:
        this.toMs = this.closeMs;
        this.toTicks = this.closeTicks;
        return;
      default:
        this.point = POINT_NONE;
        this.toMs = Number.POSITIVE_INFINITY;
    }
  }
}

/** On-grid prices become whole ticks in spite of the noise of doubles; others stay in between. */
export function ticksOf(price: number, tick: number): number {
  const raw = price / tick;
  const nearest = Math.round(raw);
  return Math.abs(raw - nearest) < 1e-6 ? nearest : raw;
}
