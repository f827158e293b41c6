import type { PriceSource } from './price-source.ts';

interface Waiting {
  atMs: number;
  ticks: number;
}

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
  private readonly waiting: Waiting[] = [];

  tell(atMs: number, ticks: number): void {
    this.waiting.push({ atMs, ticks });
    if (this.toMs === Number.POSITIVE_INFINITY) this.advance();
  }

  advance(): void {
    const next = this.waiting.shift();
    this.toMs = next?.atMs ?? Number.POSITIVE_INFINITY;
    if (next !== undefined) this.toTicks = next.ticks;
  }

  save(): unknown {
    const { toMs, toTicks, waiting } = this;
    return { toMs, toTicks, waiting: waiting.map((each) => ({ ...each })) };
  }

  load(state: unknown): void {
    const saved = state as { toMs: number; toTicks: number; waiting: Waiting[] };
    this.toMs = saved.toMs;
    this.toTicks = saved.toTicks;
    this.waiting.length = 0;
    this.waiting.push(...saved.waiting.map((each) => ({ ...each })));
  }
}
