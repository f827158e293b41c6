import { Atr } from '../basic/atr.ts';
import { Rsi } from '../basic/rsi.ts';
import type { Bar } from '../indicator.ts';
import { Classifier } from './classifier.ts';
import { LegReturns } from './leg-returns.ts';
import { SuperTrendBank } from './super-trend-bank.ts';

const ATR_LENGTH = 10;
const RSI_LENGTH = 14;
const OVERBOUGHT = 70;
const OVERSOLD = 30;
const SENSITIVITY_DEFAULT = 12;
/** Sensitivity 12 is a SuperTrend factor of 2. */
const SENSITIVITY_PER_FACTOR = 6;
const WARM_UP_BARS = 800;
const WARM_UP_BARS_AUTOPILOT = 1000;

export type Autopilot = 'off' | 'short' | 'medium' | 'long';
export type SignalMode = 'confirmation' | 'contrarian';

const SENSITIVITIES: Readonly<Record<Exclude<Autopilot, 'off'>, readonly [number, number]>> = {
  short: [8, 12],
  medium: [10, 16],
  long: [14, 20],
};

export interface ConfirmationOptions {
  /** Higher finds fewer; used while the autopilot is off. Default 12. */
  sensitivity?: number;
  /** Default off. */
  autopilot?: Autopilot;
  /** Default confirmation. */
  mode?: SignalMode;
  /** Lowest rating that makes the state `active`. Default 1. */
  ratingMin?: number;
}

/**
 * Confirmation signals with strength, rating and exits. A signal is a turn of the SuperTrend on
 * (high + low) / 2, ATR 10, factor sensitivity / 6, so signals alternate. Strong: the close is on
 * the signal's side of EMA(200) and so is the Trend Catcher. Rating: see `Classifier`, frozen.
 *
 * Autopilot: SuperTrends of 8..12, 10..16 or 14..20 run side by side; the one with the best sum of
 * returns from turn to turn over 250 bars (see `LegReturns`; of equals the higher) is in force from
 * the next bar. A signal needs the SuperTrend in force to turn on that very bar, and the kept
 * direction to differ; a change of sensitivity alone never signals.
 *
 * Exit, on a bar without signal: after a bullish signal RSI(14) crosses 70 down with the close
 * above the close of the signal bar; mirrored with 30. May repeat until the next signal.
 *
 * Contrarian mode reads each turn the other way: a turn down is a bullish signal, strong when
 * RSI(14) is at most 30; 3 and 4 mean that the trend faded is a developed one; one exit a signal.
 *
 * Documented by the original: the kinds of signals, the default 12 and its direction, autopilot
 * over 250 bars; the rules are our design. First values at bar index 800, with autopilot 1000;
 * signals before that do not exist for state and exits. O(candidates) amortised a bar, O(200) on
 * the bar of a signal. Autopilot returns are relative to price, so mirrored prices mirror the
 * signals only while it is off.
 */
export class Confirmations {
  declare readonly mode: SignalMode;
  declare readonly ratingMin: number;
  /** +1 / -1 on the bar of a signal, else 0; NaN until warm, like the next five. */
  declare confirmation: number;
  /** 1 with a strong signal, else 0. */
  declare strong: number;
  /** 1..4 on the bar of a signal, else NaN. */
  declare rating: number;
  declare exitBull: number;
  declare exitBear: number;
  /** In force on the last bar, chosen on the one before. */
  declare sensitivity: number;
  /**
   * +1 / -1 while the last signal has at least `ratingMin` and no exit came since, else 0.
   */
  declare active: number;
  /** Of the last signal: direction once it is or turned strong, else 0. */
  declare barColor: number;
  declare readonly classifier: Classifier;
  /** Index of the first value. */
  declare readonly warmUpIndex: number;
  declare private readonly sensitivities: Float64Array;
  declare private readonly bank: SuperTrendBank;
  /** Only with autopilot. */
  declare private readonly returns: LegReturns | null;
  declare private readonly atr: Atr;
  declare private readonly rsi: Rsi;
  declare private inForce: number;
  declare private direction: number;
  declare private signalSide: number;
  declare private entryClose: number;
  declare private exits: number;
  declare private rsiBefore: number;
  declare private index: number;

  /** @throws RangeError for a sensitivity that is not positive or an unknown choice */
  constructor(options: ConfirmationOptions = {}) {
    const { sensitivity = SENSITIVITY_DEFAULT, autopilot = 'off' } = options;
    const { mode = 'confirmation', ratingMin = 1 } = options;
    if (!(sensitivity > 0)) throw new RangeError(`sensitivity must be positive: ${sensitivity}`);
    if (mode !== 'confirmation' && mode !== 'contrarian') {
      throw new RangeError(`unknown signal mode "${mode}"`);
    }
    if (!(ratingMin >= 1 && ratingMin <= 4)) throw new RangeError(`ratingMin ${ratingMin}`);
    const candidates = candidatesOf(autopilot, sensitivity);
    this.mode = mode;
    this.ratingMin = ratingMin;
    this.confirmation = Number.NaN;
    this.strong = Number.NaN;
    this.rating = Number.NaN;
    this.exitBull = Number.NaN;
    this.exitBear = Number.NaN;
    this.sensitivity = Number.NaN;
    this.active = Number.NaN;
    this.barColor = Number.NaN;
    this.classifier = new Classifier();
    this.warmUpIndex = autopilot === 'off' ? WARM_UP_BARS : WARM_UP_BARS_AUTOPILOT;
    this.sensitivities = Float64Array.from(candidates);
    this.bank = new SuperTrendBank(candidates.map((s) => s / SENSITIVITY_PER_FACTOR));
    this.returns = autopilot === 'off' ? null : new LegReturns(candidates.length);
    this.atr = new Atr(ATR_LENGTH);
    this.rsi = new Rsi(RSI_LENGTH);
    const start = candidates.indexOf(SENSITIVITY_DEFAULT);
    this.inForce = start >= 0 ? start : candidates.length - 1;
    this.direction = -1;
    this.signalSide = 0;
    this.entryClose = Number.NaN;
    this.exits = 0;
    this.rsiBefore = Number.NaN;
    this.index = -1;
  }

  /** `catcher` is the Trend Catcher after the same bar. */
  update(bar: Bar, catcher: { readonly direction: number }): void {
    const { high, low, close } = bar;
    const { bank, inForce } = this;
    this.index++;
    this.atr.update(high, low, close);
    bank.update(bar, this.atr);
    this.classifier.update(bar);
    this.rsiBefore = this.rsi.value;
    this.rsi.update(close);
    const turn = bank.flipped[inForce];
    const isSignal = turn !== 0 && turn !== this.direction;
    if (isSignal) this.direction = turn;
    if (this.returns !== null) this.chooseNext(this.returns, bar);
    if (this.index < this.warmUpIndex) return;
    this.sensitivity = this.sensitivities[inForce];
    this.exitBull = 0;
    this.exitBear = 0;
    if (this.index === this.warmUpIndex) this.active = this.barColor = 0;
    if (isSignal) this.signal(this.mode === 'contrarian' ? 0 - turn : turn, bar, catcher);
    else {
      this.confirmation = 0;
      this.strong = 0;
      this.rating = Number.NaN;
      if (this.signalSide === 0) return;
      this.exit(bar);
      if (this.barColor === 0 && this.isStrong(this.signalSide, catcher)) {
        this.barColor = this.signalSide;
      }
    }
  }

  /** Best sum of returns among the candidates; takes effect on the next bar. */
  private chooseNext(returns: LegReturns, bar: Bar): void {
    const { flipped } = this.bank;
    const count = flipped.length;
    let changed = returns.expire(this.index) || this.index === ATR_LENGTH - 1;
    for (let i = 0; i < count; i++) {
      if (flipped[i] === 0) continue;
      returns.turn(i, { direction: flipped[i], bar, index: this.index });
      changed = true;
    }
    if (!changed) return;
    const { sums } = returns;
    let best = 0;
    for (let i = 1; i < count; i++) if (sums[i] >= sums[best]) best = i;
    this.inForce = best;
  }

  private signal(side: number, bar: Bar, catcher: { readonly direction: number }): void {
    const faded = this.mode === 'contrarian';
    const strong = this.isStrong(side, catcher);
    const rating = this.classifier.rate(faded ? 0 - side : side);
    this.confirmation = side;
    this.strong = strong ? 1 : 0;
    this.rating = rating;
    this.active = rating >= this.ratingMin ? side : 0;
    this.barColor = strong ? side : 0;
    this.signalSide = side;
    this.entryClose = bar.close;
    this.exits = 0;
  }

  private isStrong(side: number, catcher: { readonly direction: number }): boolean {
    if (this.mode === 'confirmation') {
      return this.classifier.trendSide === side && catcher.direction === side;
    }
    return side === 1 ? this.rsi.value <= OVERSOLD : this.rsi.value >= OVERBOUGHT;
  }

  private exit(bar: Bar): void {
    if (this.mode === 'contrarian' && this.exits > 0) return;
    const before = this.rsiBefore;
    const rsi = this.rsi.value;
    if (this.signalSide === 1) {
      const fell = before >= OVERBOUGHT && rsi < OVERBOUGHT;
      if (!fell || !(bar.close > this.entryClose)) return;
      this.exitBull = 1;
    } else {
      const rose = before <= OVERSOLD && rsi > OVERSOLD;
      if (!rose || !(bar.close < this.entryClose)) return;
      this.exitBear = 1;
    }
    this.exits++;
    this.active = 0;
  }
}

function candidatesOf(autopilot: Autopilot, sensitivity: number): number[] {
  if (autopilot === 'off') return [sensitivity];
  const range = SENSITIVITIES[autopilot];
  if (range === undefined) throw new RangeError(`unknown autopilot "${autopilot}"`);
  return Array.from({ length: range[1] - range[0] + 1 }, (_, i) => range[0] + i);
}
