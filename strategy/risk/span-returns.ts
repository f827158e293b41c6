import type { BarClosed } from '../../src/engine/event.ts';
import { placeOf } from './place-of.ts';

/**
 * Overlapping returns over `span` bars of several symbols, one every `stride` bars, the last `count`
 * of each, at places that belong together in time: place = (slot of the bar / stride) modulo
 * `count`. A missing bar leaves NaN there. O(1) a bar.
 */
export class SpanReturns {
  declare readonly count: number;
  declare private readonly symbols: readonly string[];
  declare private readonly timeframeMs: number;
  declare private readonly span: number;
  declare private readonly stride: number;
  declare private readonly rings: Float64Array[];
  declare private readonly closes: Float64Array[];
  declare private readonly lastSlots: Float64Array;
  /** Places of each ring that hold a number. */
  declare private readonly known: Int32Array;

  constructor(options: {
    symbols: readonly string[];
    timeframeMs: number;
    span: number;
    stride: number;
    count: number;
  }) {
    this.symbols = options.symbols;
    this.timeframeMs = options.timeframeMs;
    this.span = options.span;
    this.stride = options.stride;
    this.count = options.count;
    this.rings = options.symbols.map(() => new Float64Array(options.count).fill(Number.NaN));
    this.closes = options.symbols.map(() => new Float64Array(options.span + 1).fill(Number.NaN));
    this.lastSlots = new Float64Array(options.symbols.length).fill(-1);
    this.known = new Int32Array(options.symbols.length);
  }

  onBar(bar: BarClosed): void {
    if (bar.timeframeMs !== this.timeframeMs) return;
    const which = placeOf(this.symbols, bar.symbol);
    if (which < 0) return;
    const closes = this.closes[which];
    // As integers, or each remainder below would be a call of the library's fmod.
    const slot = (bar.openTime / this.timeframeMs) | 0;
    const last = this.lastSlots[which] | 0;
    // Holes are short or long; beyond a whole ring everything is forgotten anyway.
    const from = last < 0 ? slot : Math.max(last + 1, slot - this.count * this.stride);
    for (let missing = from; missing < slot; missing++) {
      closes[missing % closes.length] = Number.NaN;
      if (missing % this.stride === 0) this.put(which, missing / this.stride, Number.NaN);
    }
    if (slot % this.stride === 0) {
      const then = closes[(slot - this.span) % closes.length];
      this.put(which, slot / this.stride, bar.close / then - 1);
    }
    closes[slot % closes.length] = bar.close;
    this.lastSlots[which] = slot;
  }

  /** The ring of a symbol, places as above; undefined for one that is not followed. */
  ring(symbol: string): Float64Array | undefined {
    return this.rings[this.symbols.indexOf(symbol)];
  }

  /** Places of the symbol's ring that hold a number. */
  knownCount(symbol: string): number {
    return this.known[this.symbols.indexOf(symbol)] ?? 0;
  }

  save(): unknown {
    return {
      rings: this.rings.map((ring) => ring.slice()),
      closes: this.closes.map((ring) => ring.slice()),
      lastSlots: this.lastSlots.slice(),
      known: this.known.slice(),
    };
  }

  load(state: unknown): void {
    const saved = state as {
      rings: Float64Array[];
      closes: Float64Array[];
      lastSlots: Float64Array;
      known: Int32Array;
    };
    saved.rings.forEach((ring, i) => {
      this.rings[i].set(ring);
    });
    saved.closes.forEach((ring, i) => {
      this.closes[i].set(ring);
    });
    this.lastSlots.set(saved.lastSlots);
    this.known.set(saved.known);
  }

  private put(which: number, stride: number, value: number): void {
    const ring = this.rings[which];
    const place = stride % this.count;
    const gained = (Number.isNaN(value) ? 0 : 1) - (Number.isNaN(ring[place]) ? 0 : 1);
    this.known[which] += gained;
    ring[place] = value;
  }
}
