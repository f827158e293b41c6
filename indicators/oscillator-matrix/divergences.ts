import { RollingMax, RollingMin } from '../basic/rolling-extreme.ts';
import type { Bar } from '../indicator.ts';
import { TIE } from './hyperwave.ts';

const SPAN_MIN = 2;
const SPAN_MAX = 30;
/** Oscillator values that must have been seen before an event is shown. */
const WARM_UP_VALUES = 200;

/**
 * confirmed: both pivots have all their bars, known `span` bars late.
 * realtime: the newer pivot is the extreme of the last bars so far; known at once, provisional.
 */
export type DivergenceMode = 'confirmed' | 'realtime';

export interface DivergenceOptions {
  /** Percent, 1..100; lower finds fewer and longer ones. Default 20. */
  sensitivity?: number;
  /** Default confirmed. */
  mode?: DivergenceMode;
}

/**
 * Divergences between an oscillator and price. span = round(60 / sensitivity) within 2..30. A pivot
 * low is a bar whose oscillator value is below that of all `span` bars on both sides (a difference
 * under 1e-9 is a tie: no pivot). Bullish: the bar's price low is lower and its oscillator value
 * higher than at the previous pivot low, however old; bearish mirrored with highs.
 *
 * `confirmed` tells it `span` bars after the pivot. `realtime` takes for the newer pivot a bar
 * whose value is below the `span` bars before it, tells it on that bar, once per older pivot, and
 * never takes it back although later bars may go on; `provisional` marks such events.
 *
 * Documented by the original: the sensitivity and its direction; the rest is our design. The first
 * event comes after 200 oscillator values. Price scale does not matter; mirrored input swaps sides.
 * Cost: a pivot is sought outwards from its bar and fails at the first better neighbour, amortised
 * O(log span) a bar; realtime adds O(1) amortised.
 */
export class Divergences {
  declare readonly span: number;
  declare readonly mode: DivergenceMode;
  /** 1 on the bar the divergence becomes known, else 0; NaN until warm. */
  declare bullDivergence: number;
  declare bearDivergence: number;
  /** 1 with an event whose pivot is not confirmed. */
  declare provisional: number;
  /** 0 on the bar of an event, then the bars since; Infinity before the first. */
  declare barsSinceBull: number;
  declare barsSinceBear: number;
  declare private readonly values: Float64Array;
  declare private readonly highs: Float64Array;
  declare private readonly lows: Float64Array;
  declare private readonly mask: number;
  declare private readonly low: Pivot;
  declare private readonly high: Pivot;
  declare private readonly lowest: RollingMin;
  declare private readonly highest: RollingMax;
  declare private seen: number;

  /** @throws RangeError for a sensitivity outside 1..100 or an unknown mode */
  constructor(options: DivergenceOptions = {}) {
    const { sensitivity = 20, mode = 'confirmed' } = options;
    if (!(sensitivity >= 1 && sensitivity <= 100)) {
      throw new RangeError(`divergence sensitivity must be 1..100: ${sensitivity}`);
    }
    if (mode !== 'confirmed' && mode !== 'realtime') {
      throw new RangeError(`unknown divergence mode "${mode}"`);
    }
    const span = Math.min(SPAN_MAX, Math.max(SPAN_MIN, Math.round(60 / sensitivity)));
    this.span = span;
    this.mode = mode;
    this.bullDivergence = Number.NaN;
    this.bearDivergence = Number.NaN;
    this.provisional = 0;
    this.barsSinceBull = Number.POSITIVE_INFINITY;
    this.barsSinceBear = Number.POSITIVE_INFINITY;
    let capacity = 4;
    while (capacity < 2 * span + 1) capacity *= 2;
    this.values = new Float64Array(capacity);
    this.highs = new Float64Array(capacity);
    this.lows = new Float64Array(capacity);
    this.mask = capacity - 1;
    this.low = new Pivot();
    this.high = new Pivot();
    this.lowest = new RollingMin(span);
    this.highest = new RollingMax(span);
    this.seen = 0;
  }

  /** `oscillator.hw` of the same bar; NaN while it is not warm. */
  update(oscillator: { readonly hw: number }, bar: Bar): void {
    const value = oscillator.hw;
    if (Number.isNaN(value)) return;
    const { high, low } = bar;
    const index = this.seen++;
    const slot = index & this.mask;
    this.values[slot] = value;
    this.highs[slot] = high;
    this.lows[slot] = low;
    this.provisional = 0;
    const confirmed = this.mode === 'confirmed';
    let bull = 0;
    let bear = 0;
    if (!confirmed) {
      bull = this.newLow(value, low);
      bear = this.newHigh(value, high);
      this.provisional = bull | bear;
    }
    const pivot = index - this.span;
    if (pivot >= this.span) {
      const at = pivot & this.mask;
      if (this.isPivot(pivot, 1)) {
        if (confirmed) bull = this.low.risesAgainst(this.values[at], this.lows[at]) ? 1 : 0;
        this.low.set(this.values[at], this.lows[at]);
      } else if (this.isPivot(pivot, -1)) {
        if (confirmed) bear = this.high.fallsAgainst(this.values[at], this.highs[at]) ? 1 : 0;
        this.high.set(this.values[at], this.highs[at]);
      }
    }
    if (this.seen > WARM_UP_VALUES) this.tell(bull, bear);
  }

  private tell(bull: number, bear: number): void {
    this.bullDivergence = bull;
    this.bearDivergence = bear;
    this.barsSinceBull = bull === 1 ? 0 : this.barsSinceBull + 1;
    this.barsSinceBear = bear === 1 ? 0 : this.barsSinceBear + 1;
  }

  /** `sign` 1 looks for a low, -1 for a high. */
  private isPivot(index: number, sign: number): boolean {
    const { values, mask, span } = this;
    const limit = sign * values[index & mask] + TIE;
    for (let away = 1; away <= span; away++) {
      if (sign * values[(index - away) & mask] < limit) return false;
      if (sign * values[(index + away) & mask] < limit) return false;
    }
    return true;
  }

  private newLow(value: number, price: number): number {
    const before = this.lowest.value;
    this.lowest.update(value);
    if (!(value <= before - TIE) || this.low.told === 1) return 0;
    if (!this.low.risesAgainst(value, price)) return 0;
    return (this.low.told = 1);
  }

  private newHigh(value: number, price: number): number {
    const before = this.highest.value;
    this.highest.update(value);
    if (!(value >= before + TIE) || this.high.told === 1) return 0;
    if (!this.high.fallsAgainst(value, price)) return 0;
    return (this.high.told = 1);
  }
}

/** The newest confirmed pivot of one side. */
class Pivot {
  declare value: number;
  declare price: number;
  /** 1 once a provisional divergence against it was told. */
  declare told: number;

  constructor() {
    this.value = Number.NaN;
    this.price = Number.NaN;
    this.told = 0;
  }

  set(value: number, price: number): void {
    this.value = value;
    this.price = price;
    this.told = 0;
  }

  risesAgainst(value: number, price: number): boolean {
    return price < this.price && value - this.value >= TIE;
  }

  fallsAgainst(value: number, price: number): boolean {
    return price > this.price && this.value - value >= TIE;
  }
}
