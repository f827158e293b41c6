import type { BarClosed } from '../../src/engine/event.ts';
import {
  ALLOW,
  type RiskRule,
  type RiskVerdict,
  type RiskView,
} from '../../src/engine/risk-gate.ts';
import { MINUTE_MS } from '../../src/engine/units.ts';

/**
 * A move of more than `movePercent` within one minute closes everything (decision 43). Coarser bars
 * use the same limit times the square root of their minutes, as a random walk scales.
 */
export class FlashGuard implements RiskRule {
  readonly id = 'flashGuard';
  declare private readonly symbols: readonly string[];
  declare private readonly limit: number;
  private finestMs = Number.POSITIVE_INFINITY;
  private flashMs = Number.NEGATIVE_INFINITY;
  private flashText = '';

  constructor(options: { symbols: readonly string[]; movePercent: number }) {
    this.symbols = options.symbols;
    this.limit = options.movePercent / 100;
  }

  onBar(bar: BarClosed): void {
    if (bar.timeframeMs < this.finestMs) this.finestMs = bar.timeframeMs;
    if (bar.timeframeMs !== this.finestMs) return;
    const move = Math.max(bar.high / bar.open - 1, 1 - bar.low / bar.open);
    if (move < this.limit) return;
    if (move < this.limit * Math.sqrt(bar.timeframeMs / MINUTE_MS)) return;
    if (!this.symbols.includes(bar.symbol)) return;
    this.flashMs = bar.openTime + bar.timeframeMs;
    this.flashText = `${bar.symbol} moved ${(move * 100).toFixed(1)} % in a bar`;
  }

  check(_proposal: unknown, view: RiskView): RiskVerdict {
    const reason = this.mustFlatten(view);
    return reason === undefined ? ALLOW : { outcome: 'refuse', reason };
  }

  mustFlatten(view: RiskView): string | undefined {
    return view.nowMs - this.flashMs < this.finestMs ? this.flashText : undefined;
  }

  degraded(): string | undefined {
    if (!(this.finestMs > MINUTE_MS) || !Number.isFinite(this.finestMs)) return undefined;
    return `no 1m bars: the limit is scaled to ${this.finestMs / MINUTE_MS}m bars`;
  }

  save(): unknown {
    return [this.finestMs, this.flashMs, this.flashText];
  }

  load(state: unknown): void {
    [this.finestMs, this.flashMs, this.flashText] = state as [number, number, string];
  }
}
