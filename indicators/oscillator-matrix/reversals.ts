import type { Divergences } from './divergences.ts';
import type { Hyperwave } from './hyperwave.ts';
import type { MoneyFlow } from './money-flow.ts';

const OVERSOLD = 30;
const OVERBOUGHT = 70;
/** How many bars back an overflow or a divergence still makes a reversal a major one. */
const MEMORY_BARS = 10;

export interface ReversalOptions {
  /** 1..10, higher finds fewer. Default 5. */
  factor?: number;
}

/**
 * Reversals. Up, minor: any Hyperwave cross up with hw < 30 after at least `factor` bars in a row
 * with hw below its signal. Major: that, and a bearish overflow or a bullish divergence on any of
 * the last 11 bars, this one included; a major is also a minor. Down mirrored (hw > 70).
 *
 * Documented by the original: two grades and a factor of 1..10, higher = fewer; the rule is our
 * design. Warm when Hyperwave and money flow are. O(1).
 */
export class Reversals {
  declare readonly factor: number;
  /** 0 / 1; NaN until warm. */
  declare reversalUpMinor: number;
  declare reversalUpMajor: number;
  declare reversalDownMinor: number;
  declare reversalDownMajor: number;

  /** @throws RangeError for a factor that is not a whole number of 1..10 */
  constructor(options: ReversalOptions = {}) {
    const { factor = 5 } = options;
    if (!Number.isInteger(factor) || factor < 1 || factor > 10) {
      throw new RangeError(`reversal factor must be a whole number of 1..10: ${factor}`);
    }
    this.factor = factor;
    this.reversalUpMinor = Number.NaN;
    this.reversalUpMajor = Number.NaN;
    this.reversalDownMinor = Number.NaN;
    this.reversalDownMajor = Number.NaN;
  }

  /** After the three were updated with the same bar. */
  update(wave: Hyperwave, flow: MoneyFlow, divergences: Divergences): void {
    if (Number.isNaN(wave.hw + flow.mf)) return;
    const crossUp = wave.hwUp === 1 || wave.hwOversoldUp === 1;
    const up = crossUp && wave.hw < OVERSOLD && wave.barsBelow >= this.factor;
    const crossDown = wave.hwDown === 1 || wave.hwOverboughtDown === 1;
    const down = crossDown && wave.hw > OVERBOUGHT && wave.barsAbove >= this.factor;
    this.reversalUpMinor = up ? 1 : 0;
    this.reversalDownMinor = down ? 1 : 0;
    const bearLate = flow.barsSinceBearOverflow <= MEMORY_BARS;
    const bullLate = flow.barsSinceBullOverflow <= MEMORY_BARS;
    this.reversalUpMajor = up && (bearLate || divergences.barsSinceBull <= MEMORY_BARS) ? 1 : 0;
    this.reversalDownMajor = down && (bullLate || divergences.barsSinceBear <= MEMORY_BARS) ? 1 : 0;
  }
}
