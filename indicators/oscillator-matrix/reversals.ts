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
 * design. NaN until Hyperwave and money flow are warm.
 * Without state of its own: asked for after an update, costs nothing otherwise.
 */
export class Reversals {
  declare readonly factor: number;

  /** @throws RangeError for a factor that is not a whole number of 1..10 */
  constructor(options: ReversalOptions = {}) {
    const { factor = 5 } = options;
    if (!Number.isInteger(factor) || factor < 1 || factor > 10) {
      throw new RangeError(`reversal factor must be a whole number of 1..10: ${factor}`);
    }
    this.factor = factor;
  }

  /** 0 none, 1 minor, 2 major (and minor), with the three as they are after the same bar. */
  up(wave: Hyperwave, flow: MoneyFlow, divergences: Divergences): number {
    if (Number.isNaN(wave.hw + flow.mf)) return Number.NaN;
    const hasCrossed = wave.hwUp === 1 || wave.hwOversoldUp === 1;
    if (!hasCrossed || !(wave.hw < OVERSOLD) || wave.barsBelow < this.factor) return 0;
    const isLate = flow.barsSinceBearOverflow <= MEMORY_BARS;
    return isLate || divergences.barsSinceBull <= MEMORY_BARS ? 2 : 1;
  }

  down(wave: Hyperwave, flow: MoneyFlow, divergences: Divergences): number {
    if (Number.isNaN(wave.hw + flow.mf)) return Number.NaN;
    const hasCrossed = wave.hwDown === 1 || wave.hwOverboughtDown === 1;
    if (!hasCrossed || !(wave.hw > OVERBOUGHT) || wave.barsAbove < this.factor) return 0;
    const isLate = flow.barsSinceBullOverflow <= MEMORY_BARS;
    return isLate || divergences.barsSinceBear <= MEMORY_BARS ? 2 : 1;
  }
}
