import type { BarClosed, FlowSampled } from '../../src/engine/event.ts';
import type { Direction } from '../../src/engine/units.ts';

/** A raised alert: what fired, on which block, and whether the trading context holds as well. */
export interface EntrySignal {
  direction: Direction;
  /** Short label for reports, e.g. `sequence`. */
  tag: string;
  blockTop: number;
  blockBottom: number;
  /** Names of the tags that were true. */
  tags: readonly string[];
  reasons: readonly string[];
  /** The entry rule beyond the alert expression; empty when all of it holds. */
  missingContext: readonly string[];
  /** Numbers for the trade record. */
  facts: Readonly<Record<string, number | string | boolean>>;
}

/**
 * Everything the strategy reads from indicators, behind one face: the composite tags of its main
 * symbol, the numbers that stops and exits need. One update a closed bar.
 */
export interface SignalSource {
  /** Feeds one signal-timeframe bar; returns the alert raised by it, if any. */
  onBar(bar: BarClosed): EntrySignal | undefined;
  /** Funding normalised to 8 h in percent, positive: longs pay; NaN when unknown. */
  setFunding?(percent8h: number): void;
  onFlow?(flow: FlowSampled): void;
  /** Names of the conditions that hold on the last bar. */
  tags?(): readonly string[];
  /** ATR14 (RMA) of the signal timeframe; NaN until warm. */
  readonly atr: number;
  /** SuperTrend AI line while it is on this side, else NaN. */
  trailPrice(direction: Direction): number;
  /** A CHoCH event against this direction on the last bar, in internal structure. */
  hasOppositeChoch(direction: Direction): boolean;
  save(): unknown;
  load(state: unknown): void;
}
