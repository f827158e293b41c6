/**
 * One closed bar. The caller may reuse one object for every bar: an indicator reads it during
 * `update` and keeps no reference to it.
 */
export interface Bar {
  /** Start of the bar, ms UTC. */
  openTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Base asset volume; 0 is a real value. */
  volume: number;
  /** Base volume bought by takers; NaN where the source does not have it. */
  takerBuyVolume: number;
}

/**
 * A streaming indicator: one `update` a closed bar, results in public fields, no allocation per bar.
 * Values are NaN and events 0 until warm. Classes with number fields, all set in the constructor.
 */
export interface Indicator {
  /** Bars that must have been seen before the first value (index of the first value + 1). */
  readonly warmUpBars: number;
  update(bar: Bar): void;
}

/** How an output reacts to a change of price scale, and how it is printed. */
export type OutputUnit =
  /** In quote currency a unit: scales with price. */
  | 'price'
  /** In base asset: scales with volume. */
  | 'volume'
  /** Unchanged by any scale: oscillators, ratios, ratings. */
  | 'ratio'
  /** -1, 0 or +1. */
  | 'direction'
  /** 1 on the bar it happens, else 0. */
  | 'event'
  /** 1 while it holds, else 0. */
  | 'flag'
  /** A number of things. */
  | 'count'
  /** ms UTC. */
  | 'time'
  /** Index of a bar. */
  | 'bar';

/** One column of an indicator, read after `update`. NaN means "not warm or no value". */
export interface Output<I> {
  name: string;
  unit: OutputUnit;
  read: (indicator: I) => number;
  /**
   * How many bars after the bar it is drawn at the value becomes known; 0 for most. The value is
   * emitted on the bar it becomes known and never changes afterwards.
   */
  knownAfterBars?: number;
  /** NaN may also mean "none" after the warm-up: a level that does not exist yet, a list without members. */
  sparse?: boolean;
  /** Under mirrored prices the output shows what this other one shows now; default itself. */
  mirrorOf?: string;
  /**
   * How the value itself turns under mirrored prices (p becomes axis - p). Default by unit: a
   * `price` becomes axis - price, a `direction` changes sign, everything else stays. `false`: this
   * output does not mirror.
   */
  mirrorValue?: ((value: number, axis: number) => number) | false;
}

/** A member of `indicators/catalog.ts`. */
export interface IndicatorEntry<I extends Indicator = Indicator> {
  name: string;
  module: string;
  summary: string;
  /** `tickSize` is that of the instrument; most need none. */
  create: (tickSize?: number) => I;
  outputs: readonly Output<I>[];
  /** What must hold under mirrored prices; see the contract test. */
  mirror: 'exact' | 'approximate' | 'none';
  /**
   * Share of bars on which rounding may decide otherwise when prices are scaled by a number that is
   * no power of two, for rules that choose between nearly equal things. Default 0.
   */
  knifeEdgeShareMax?: number;
  /** An instance for mirrored prices, where a rule tests one side before the other. */
  createMirrored?: (tickSize?: number) => I;
}

/**
 * Refuses a bar that would poison state for good: a value that is not finite, or a time that does
 * not move forward. Returns the bar's time, to be kept for the next check.
 * @throws RangeError naming the field
 */
export function checkedTime(bar: Bar, lastOpenTime: number): number {
  const sum = bar.open + bar.high + bar.low + bar.close + bar.volume;
  if (sum - sum !== 0 || !(bar.openTime > lastOpenTime)) throw refusal(bar, lastOpenTime);
  return bar.openTime;
}

function refusal(bar: Bar, lastOpenTime: number): RangeError {
  if (bar.openTime > lastOpenTime) {
    return new RangeError(`bar ${bar.openTime} holds a value that is not a finite number`);
  }
  return new RangeError(`bar ${bar.openTime} does not come after ${lastOpenTime}`);
}
