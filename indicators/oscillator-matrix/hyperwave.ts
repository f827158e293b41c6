import { checkedLength } from '../basic/length.ts';
import { Rsi } from '../basic/rsi.ts';
import type { Bar } from '../indicator.ts';

/**
 * Differences of two oscillator values below this are rounding, not movement: two right programs
 * that add in another order must not disagree on a cross.
 */
export const TIE = 1e-9;

const WARM_UP_BARS_MIN = 150;
/** After so many lengths the seed of Wilder's average has no weight left (1e-9 for length 7). */
const WARM_UP_LENGTHS = 22;

/** A: average of the RSI. B: RSI of the average. */
export type HyperwaveForm = 'A' | 'B';

export interface HyperwaveOptions {
  /** RSI length. Default 7. */
  length?: number;
  /** Length of the simple average that is the signal line. Default 3. */
  signalLength?: number;
  /** Default A. */
  form?: HyperwaveForm;
}

/**
 * Hyperwave, 0..100: with x = (open + high + low + close) / 4, form A is SMA3(RSI(x)), form B is
 * RSI(SMA3(x)); signal = SMA of it. A cross is a change of sign of d = hw - signal, where |d| under
 * 1e-9 counts as 0: up when d was <= 0 and is > 0. Crosses are split in two disjoint kinds, regular
 * and extreme (up below 20, down above 80; exactly 20 or 80 is regular).
 *
 * Documented by the original: names, range, lengths, the bands at 20 and 80. The formula is our
 * equivalent: A has a published fit to exported values (correlation 0.976), B fits the published
 * rates of alerts better. First value at bar index max(150, 22 x length), first cross one later.
 * Price scale does not matter; mirrored prices give 100 - hw and swapped crosses. O(signalLength).
 */
export class Hyperwave {
  declare readonly length: number;
  declare readonly form: HyperwaveForm;
  declare hw: number;
  declare hwSignal: number;
  /** Regular crosses, 0 / 1; NaN until warm. */
  declare hwUp: number;
  declare hwDown: number;
  /** Crosses up below 20 and down above 80. */
  declare hwOversoldUp: number;
  declare hwOverboughtDown: number;
  /** hw - signal, ties as exactly 0; NaN until warm. */
  declare difference: number;
  /** Bars in a row before the last one with hw below (above) the signal. */
  declare barsBelow: number;
  declare barsAbove: number;
  /** Index of the first value. */
  declare readonly warmUpIndex: number;
  declare private readonly rsi: Rsi;
  /** The last values of hw, for the signal. */
  declare private readonly recent: Float64Array;
  declare private readonly formA: boolean;
  declare private first: number;
  declare private second: number;
  declare private slot: number;
  declare private index: number;

  /** @throws RangeError for lengths that are not positive whole numbers or an unknown form */
  constructor(options: HyperwaveOptions = {}) {
    const { length = 7, signalLength = 3, form = 'A' } = options;
    checkedLength(length);
    if (form !== 'A' && form !== 'B') throw new RangeError(`unknown hyperwave form "${form}"`);
    this.length = length;
    this.form = form;
    this.hw = Number.NaN;
    this.hwSignal = Number.NaN;
    this.hwUp = Number.NaN;
    this.hwDown = Number.NaN;
    this.hwOversoldUp = Number.NaN;
    this.hwOverboughtDown = Number.NaN;
    this.difference = Number.NaN;
    this.barsBelow = 0;
    this.barsAbove = 0;
    this.warmUpIndex = Math.max(
      WARM_UP_BARS_MIN,
      WARM_UP_LENGTHS * length,
      length + signalLength + 3,
    );
    this.rsi = new Rsi(length);
    this.recent = new Float64Array(checkedLength(signalLength)).fill(Number.NaN);
    this.formA = form === 'A';
    this.first = Number.NaN;
    this.second = Number.NaN;
    this.slot = 0;
    this.index = -1;
  }

  update(bar: Bar): void {
    const x = (bar.open + bar.high + bar.low + bar.close) / 4;
    const raw = this.formA ? this.averaged(this.rsi.update(x)) : this.rsi.update(this.averaged(x));
    const { recent } = this;
    recent[this.slot] = raw;
    if (++this.slot === recent.length) this.slot = 0;
    if (++this.index < this.warmUpIndex) return;
    let sum = 0;
    for (let i = 0; i < recent.length; i++) sum += recent[i];
    this.judge(raw, sum / recent.length);
  }

  private judge(raw: number, signal: number): void {
    const before = this.difference;
    if (before < 0) this.barsBelow++;
    else this.barsBelow = 0;
    if (before > 0) this.barsAbove++;
    else this.barsAbove = 0;
    let difference = raw - signal;
    if (difference < TIE && difference > -TIE) difference = 0;
    this.hw = raw;
    this.hwSignal = signal;
    this.difference = difference;
    const up = before <= 0 && difference > 0;
    const down = before >= 0 && difference < 0;
    this.hwOversoldUp = up && raw < 20 ? 1 : 0;
    this.hwUp = up && !(raw < 20) ? 1 : 0;
    this.hwOverboughtDown = down && raw > 80 ? 1 : 0;
    this.hwDown = down && !(raw > 80) ? 1 : 0;
  }

  /** Mean of three; NaN until three values were seen. Added afresh, so that it never drifts. */
  private averaged(x: number): number {
    const sum = this.first + this.second + x;
    this.first = this.second;
    this.second = x;
    return sum / 3;
  }
}
