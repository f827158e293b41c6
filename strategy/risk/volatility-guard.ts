import type { BarClosed } from '../../src/engine/event.ts';
import {
  ALLOW,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { DAY_MS, MINUTE_MS } from '../../src/engine/units.ts';
import { selectMedian } from './select.ts';

const CALM_BARS = 3;

/**
 * No entries while a bar's range exceeds `multiple` times its 24-hour median, until three closed
 * bars lie below (decision 43). Uses the finest bars of the symbol that arrive: 1m where there are
 * any, else the signal bars. O(1) a bar; the median is sorted out only when an entry asks.
 */
export class VolatilityGuard implements RiskRule {
  readonly id = 'volatilityGuard';
  declare private readonly symbol: string;
  declare private readonly multiple: number;
  private timeframeMs = 0;
  private ranges = new Float64Array(0);
  private scratch = new Float64Array(0);
  private count = 0;

  constructor(options: { symbol: string; multiple: number }) {
    this.symbol = options.symbol;
    this.multiple = options.multiple;
  }

  onBar(bar: BarClosed): void {
    if (bar.symbol !== this.symbol) return;
    if (this.timeframeMs === 0 || bar.timeframeMs < this.timeframeMs) {
      this.timeframeMs = bar.timeframeMs;
      this.ranges = new Float64Array(Math.max(CALM_BARS, DAY_MS / bar.timeframeMs));
      this.scratch = this.ranges.slice();
      this.count = 0;
    }
    if (bar.timeframeMs !== this.timeframeMs) return;
    this.ranges[this.count % this.ranges.length] = bar.high - bar.low;
    this.count++;
  }

  check(): RiskVerdict {
    const { ranges, count } = this;
    // A median of less than a day is not the day's: the rule waits for it.
    if (count < ranges.length || count === 0) return ALLOW;
    let widest = 0;
    for (let back = 1; back <= CALM_BARS; back++) {
      widest = Math.max(widest, ranges[(count - back) % ranges.length]);
    }
    if (this.isSurelyWithin(widest)) return ALLOW;
    this.scratch.set(ranges);
    const limit = this.multiple * selectMedian(this.scratch);
    if (!(widest > limit)) return ALLOW;
    return { outcome: 'refuse', reason: `range ${widest.toFixed(1)} over ${limit.toFixed(1)}` };
  }

  /** With more than half of the limits at or above the range, so is the median's: no sorting. */
  private isSurelyWithin(range: number): boolean {
    const { ranges, multiple } = this;
    let above = 0;
    for (let i = 0; i < ranges.length; i++) if (ranges[i] * multiple >= range) above++;
    return 2 * above > ranges.length;
  }

  degraded(_view: RiskView): string | undefined {
    if (this.timeframeMs <= MINUTE_MS) return undefined;
    return `no 1m bars: ranges of ${this.timeframeMs / MINUTE_MS}m bars are used`;
  }

  save(): unknown {
    return { timeframeMs: this.timeframeMs, ranges: [...this.ranges], count: this.count };
  }

  load(state: unknown): void {
    const saved = state as { timeframeMs: number; ranges: number[]; count: number };
    this.timeframeMs = saved.timeframeMs;
    this.ranges = Float64Array.from(saved.ranges);
    this.scratch = this.ranges.slice();
    this.count = saved.count;
  }
}
