import type { VenueOrder } from './venue-order.ts';

/** How many bars were replaced by a recording, and how many were walked as bars. */
export interface BarsBySource {
  book: number;
  trades: number;
  bars: number;
}

/** What a market saves of itself. */
export interface SavedMarket {
  fields: object;
  barsBy: BarsBySource;
  resting: VenueOrder[];
  ambiguousTrades: string[];
  path: unknown;
  trades: unknown;
  recorded: unknown;
  source: 'bars' | 'trades' | 'recorded';
  /** `recorded` when it is saved with its recording. */
  book: unknown;
  queue: unknown;
}
