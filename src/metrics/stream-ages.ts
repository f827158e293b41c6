import type { EngineEvent, EventSource } from '../engine/event.ts';

/** Streams as they are named in metrics; a symbol has one of each. */
export type StreamName = 'bars' | 'book' | 'flow' | 'mark';

const STREAM_OF: Partial<Record<EngineEvent['kind'], StreamName>> = {
  'bar.closed': 'bars',
  'book.sampled': 'book',
  'flow.sampled': 'flow',
  'mark.changed': 'mark',
};

/** When each stream of each symbol last said something, and the venue. */
export class StreamAges {
  /** Time of the last market event that was no warm-up; NaN before the first. */
  lastFeedMs = Number.NaN;
  lastVenueMs = Number.NaN;
  private readonly lastMs = new Map<StreamName, Map<string, number>>();

  see(event: EngineEvent, source: EventSource, atMs: number): void {
    if (source === 'venue') this.lastVenueMs = atMs;
    const stream = STREAM_OF[event.kind];
    if (stream === undefined || (event.kind === 'bar.closed' && event.isWarmUp)) return;
    const { symbol } = event as { symbol: string };
    let bySymbol = this.lastMs.get(stream);
    if (bySymbol === undefined) {
      bySymbol = new Map();
      this.lastMs.set(stream, bySymbol);
    }
    bySymbol.set(symbol, atMs);
    this.lastFeedMs = atMs;
  }

  each(call: (stream: StreamName, symbol: string, lastMs: number) => void): void {
    for (const [stream, bySymbol] of this.lastMs) {
      for (const [symbol, lastMs] of bySymbol) call(stream, symbol, lastMs);
    }
  }
}
