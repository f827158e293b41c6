import type { PriceSource } from './price-source.ts';

/**
 * Trades one by one as they are told: the price jumps from each to the next, and nothing about the
 * future is known. Taker fills are not bounded by a range: slippage counts in full.
 */
export class TradePath implements PriceSource {
  toMs = Number.POSITIVE_INFINITY;
  toTicks = Number.NaN;
  readonly isJump = true;
  readonly isInferred = false;
  readonly lowTicks = Number.NEGATIVE_INFINITY;
  readonly highTicks = Number.POSITIVE_INFINITY;
  private readonly waiting: { atMs: number; ticks: number }[] = [];

  tell(atMs: number, ticks: number): void {
    this.waiting.push({ atMs, ticks });
    if (this.toMs === Number.POSITIVE_INFINITY) this.advance();
  }

  advance(): void {
    const next = this.waiting.shift();
    this.toMs = next?.atMs ?? Number.POSITIVE_INFINITY;
    if (next !== undefined) this.toTicks = next.ticks;
  }
}
