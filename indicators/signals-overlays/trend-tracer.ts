import { Atr } from '../basic/atr.ts';
import type { Bar } from '../indicator.ts';
import { SuperTrendBank } from './super-trend-bank.ts';

const ATR_LENGTH = 10;
const WARM_UP_INDEX = 250;

/**
 * Trend Tracer: direction of a SuperTrend, ATR 10, factor = setting; smoother than the Catcher.
 * Documented by the original: that, and the range of the setting; the rule is our design. The line
 * is the band in force, in quote currency. Shown from bar index 250. Mirrors exactly after its
 * first turn. O(1).
 */
export class TrendTracer {
  /** +1, -1; NaN until warm, like the line. */
  declare tracerDir: number;
  declare tracer: number;
  declare private readonly bank: SuperTrendBank;
  declare private readonly atr: Atr;
  declare private index: number;

  /** @throws RangeError for a setting that is not positive */
  constructor(options: { setting?: number } = {}) {
    this.tracerDir = Number.NaN;
    this.tracer = Number.NaN;
    this.bank = new SuperTrendBank([options.setting ?? 3]);
    this.atr = new Atr(ATR_LENGTH);
    this.index = -1;
  }

  update(bar: Bar): void {
    const { high, low, close } = bar;
    const { bank, atr } = this;
    atr.update(high, low, close);
    bank.update(bar, atr);
    if (++this.index < WARM_UP_INDEX) return;
    this.tracerDir = bank.direction[0];
    this.tracer = this.tracerDir === 1 ? bank.lower[0] : bank.upper[0];
  }
}
