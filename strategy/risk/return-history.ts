import type { BarClosed } from '../../src/engine/event.ts';
import { placeOf } from './place-of.ts';

/**
 * Closes of several symbols on one time grid, for correlation and value at risk. One ring a symbol;
 * a missing bar repeats the last close (no return). O(1) a bar.
 */
export class ReturnHistory {
  declare readonly symbols: readonly string[];
  declare readonly timeframeMs: number;
  declare private readonly bars: number;
  declare private readonly closes: Float64Array[];
  declare private readonly slots: Float64Array;

  constructor(options: { symbols: readonly string[]; timeframeMs: number; bars: number }) {
    this.symbols = options.symbols;
    this.timeframeMs = options.timeframeMs;
    this.bars = options.bars;
    this.closes = options.symbols.map(() => new Float64Array(options.bars));
    this.slots = new Float64Array(options.symbols.length).fill(-1);
  }

  onBar(bar: BarClosed): void {
    if (bar.timeframeMs !== this.timeframeMs) return;
    const which = placeOf(this.symbols, bar.symbol);
    if (which < 0) return;
    // As integers, or each remainder below would be a call of the library's fmod.
    const slot = (bar.openTime / this.timeframeMs) | 0;
    const ring = this.closes[which];
    const last = this.slots[which] | 0;
    const from = last < 0 || slot - last > this.bars ? slot : last + 1;
    for (let missing = from; missing < slot; missing++) {
      ring[missing % this.bars] = ring[last % this.bars];
    }
    ring[slot % this.bars] = bar.close;
    this.slots[which] = slot;
  }

  /** Overlapping simple returns over `span` bars of one symbol, oldest first, `count` at most. */
  returns(symbol: string, options: { span: number; count: number }): Float64Array {
    const which = this.symbols.indexOf(symbol);
    if (which < 0 || this.slots[which] < 0) return new Float64Array(0);
    const ring = this.closes[which];
    const end = this.slots[which];
    const out = new Float64Array(Math.min(options.count, this.bars - options.span));
    let filled = 0;
    for (let i = out.length - 1; i >= 0; i--) {
      const now = ring[(end - i) % this.bars];
      const then = ring[(end - i - options.span) % this.bars];
      if (then > 0 && now > 0) out[filled++] = now / then - 1;
    }
    return out.subarray(0, filled);
  }

  /** NaN before the first bar of the symbol. */
  lastClose(symbol: string): number {
    const which = this.symbols.indexOf(symbol);
    if (which < 0 || this.slots[which] < 0) return Number.NaN;
    return this.closes[which][this.slots[which] % this.bars];
  }

  save(): unknown {
    return { closes: this.closes.map((ring) => [...ring]), slots: [...this.slots] };
  }

  load(state: unknown): void {
    const saved = state as { closes: number[][]; slots: number[] };
    saved.closes.forEach((ring, i) => {
      this.closes[i].set(ring);
    });
    this.slots.set(saved.slots);
  }
}

/** Pearson correlation of two equally long series; NaN when one does not vary. */
export function correlation(x: Float64Array, y: Float64Array): number {
  const n = Math.min(x.length, y.length);
  if (n < 2) return Number.NaN;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i] / n;
    meanY += y[i] / n;
  }
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    xy += (x[i] - meanX) * (y[i] - meanY);
    xx += (x[i] - meanX) * (x[i] - meanX);
    yy += (y[i] - meanY) * (y[i] - meanY);
  }
  return xy / Math.sqrt(xx * yy);
}
