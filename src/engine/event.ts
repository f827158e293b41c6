import type { BracketTier, FeeRates, InstrumentSpec } from './instrument-spec.ts';
import type { CashUnits, Lots, Side, Ticks } from './units.ts';

/**
 * One input of the engine. `seq` is given by the single writer, without holes; `atMs` is engine
 * time and never falls. The caller may reuse the object: the engine keeps no reference to it.
 */
export interface Envelope {
  seq: number;
  atMs: number;
  source: EventSource;
  event: EngineEvent;
}

export type EventSource =
  | 'session'
  | 'feed'
  | 'venue'
  | 'timer'
  | 'operator'
  | 'advisor'
  | 'reconciler';

/** Facts, in the past tense. Closed by `assertNever` in `engine.ts`. */
export type EngineEvent =
  | SessionStarted
  | SessionReconciled
  | BarClosed
  | BookSampled
  | FlowSampled
  | MarkChanged
  | FundingSettled
  | FeedGapped
  | FeedRecovered
  | ClockStepped
  | LatencyMeasured
  | OrderFact
  | PositionLiquidated
  | AccountReported
  | PositionReported
  | InstrumentChanged
  | AccountConfigChanged
  | FeeRatesChanged
  | ConfigChanged
  | EntriesBlocked
  | EntriesReleased
  | AdviceReceived
  | TimerFired
  | CommandReceived;

/** What the venue says about an order of ours, or about a fill on a symbol that we hold. */
export type OrderFact =
  | OrderAccepted
  | OrderRejected
  | OrderFilled
  | OrderCancelled
  | OrderCancelRejected
  | OrderExpired
  | OrderAmended
  | OrderUnknown
  | StopTriggered
  | StopRejected
  | StopFinished;

export interface SessionStarted {
  kind: 'session.started';
  mode: 'backtest' | 'paper' | 'demo' | 'live';
  /** 40 random bits in base 36, drawn at each process start; fixed in backtests. */
  bootId: string;
  codeVersion: string;
  configHash: string;
  dataHash: string;
  calendarHash: string;
  seed: number;
  cashUnits: CashUnits;
  quoteAsset: string;
  leverage: number;
  instruments: readonly InstrumentSpec[];
  brackets: Readonly<Record<string, readonly BracketTier[]>>;
  feeRates: Readonly<Record<string, FeeRates>>;
}

/** Orders, positions and balances equal the venue's: what stood in doubt about them is settled. */
export interface SessionReconciled {
  kind: 'session.reconciled';
}

export interface BarClosed {
  kind: 'bar.closed';
  symbol: string;
  timeframeMs: number;
  /** Start of the bar; it closed at `openTime + timeframeMs`, which is the envelope's time or before. */
  openTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  takerBuyVolume: number;
  /** Warm-up: indicators learn from it, nothing is decided on it. */
  isWarmUp: boolean;
}

export interface BookSampled {
  kind: 'book.sampled';
  symbol: string;
  bid: number;
  ask: number;
  bidQuantity: number;
  askQuantity: number;
}

export interface FlowSampled {
  kind: 'flow.sampled';
  symbol: string;
  /** Base volume of takers since the last sample. */
  buyVolume: number;
  sellVolume: number;
  lastPrice: number;
}

export interface MarkChanged {
  kind: 'mark.changed';
  symbol: string;
  mark: number;
  /** Estimate for the running interval; NaN when unknown. Positive: longs pay. */
  fundingRate: number;
  fundingIntervalHours: number;
  nextFundingMs: number;
}

export interface FundingSettled {
  kind: 'funding.settled';
  symbol: string;
  /** Positive: longs pay shorts. Per interval, not annualised. */
  rate: number;
  intervalHours: number;
  /** Price the payment is computed at. */
  mark: number;
  /** What the venue booked; undefined in simulation, where the engine computes it. */
  bookedUnits: CashUnits | undefined;
}

export interface FeedGapped {
  kind: 'feed.gapped';
  symbol: string;
  reason: string;
}

export interface FeedRecovered {
  kind: 'feed.recovered';
  symbol: string;
}

/** The wall clock jumped or the process stalled; entries halt until the next healthy second. */
export interface ClockStepped {
  kind: 'clock.stepped';
  stepMs: number;
}

/** Time to the venue and back over the last ten minutes; NaN while too few samples exist. */
export interface LatencyMeasured {
  kind: 'latency.measured';
  p95Ms: number;
  samples: number;
}

export interface OrderAccepted {
  kind: 'order.accepted';
  orderId: string;
  venueId: string;
}

export interface OrderRejected {
  kind: 'order.rejected';
  orderId: string;
  /** The venue's code, e.g. -5022 for a post-only order that would take. */
  code: number;
  reason: string;
}

export interface OrderFilled {
  kind: 'order.filled';
  /** Our client id; for foreign fills the venue's own id. */
  orderId: string;
  /** Unique per symbol; fills are deduplicated by it before any table. */
  fillId: string;
  symbol: string;
  side: Side;
  priceTicks: Ticks;
  lots: Lots;
  /** Positive is paid, in `feeAsset`. */
  feeUnits: CashUnits;
  feeAsset: string;
  isMaker: boolean;
  /** `own` is matched by order id; the others have no order of ours behind them. */
  origin: 'own' | 'liquidation' | 'adl' | 'settlement' | 'user';
  /** The venue's own time of it, which says what came first when it is told late; not everywhere. */
  filledMs?: number;
}

export interface OrderCancelled {
  kind: 'order.cancelled';
  orderId: string;
}

export interface OrderCancelRejected {
  kind: 'order.cancelRejected';
  orderId: string;
  code: number;
  reason: string;
}

export interface OrderExpired {
  kind: 'order.expired';
  orderId: string;
}

export interface OrderAmended {
  kind: 'order.amended';
  orderId: string;
  priceTicks: Ticks;
  lots: Lots;
}

/** Sent, and no answer can be had yet; a query is under way. */
export interface OrderUnknown {
  kind: 'order.unknown';
  orderId: string;
  reason: string;
}

/** A conditional order fired; its market order carries the same client id in our books. */
export interface StopTriggered {
  kind: 'stop.triggered';
  orderId: string;
}

/** Refused at the trigger (margin, reduce-only): the position is not protected by it any more. */
export interface StopRejected {
  kind: 'stop.rejected';
  orderId: string;
  reason: string;
}

/** Done; finished is not filled: only fills change a position. */
export interface StopFinished {
  kind: 'stop.finished';
  orderId: string;
  lots: Lots;
}

export interface PositionLiquidated {
  kind: 'position.liquidated';
  symbol: string;
}

export interface AccountReported {
  kind: 'account.reported';
  /** The quote asset when left out. */
  asset?: string;
  cashUnits: CashUnits;
  /** Deposits (positive) and withdrawals since the last report; day and peak figures ignore them. */
  transferUnits: CashUnits;
}

export interface PositionReported {
  kind: 'position.reported';
  symbol: string;
  side: Side | 'flat';
  lots: Lots;
  entryPrice: number;
}

export interface InstrumentChanged {
  kind: 'instrument.changed';
  spec: InstrumentSpec;
}

export interface AccountConfigChanged {
  kind: 'accountConfig.changed';
  symbol: string;
  leverage: number;
}

export interface FeeRatesChanged {
  kind: 'feeRates.changed';
  symbol: string;
  rates: FeeRates;
}

export interface ConfigChanged {
  kind: 'config.changed';
  configHash: string;
}

/** Something at the venue is not ours and not understood: no entries until it is gone. */
export interface EntriesBlocked {
  kind: 'entries.blocked';
  reason: string;
}

export interface EntriesReleased {
  kind: 'entries.released';
  reason: string;
}

/** Answer of an outside adviser (AI); strategies decide what it is worth. */
export interface AdviceReceived {
  kind: 'advice.received';
  requestId: string;
  strategyId: string;
  verdict: string;
  confidence: number;
}

export interface TimerFired {
  kind: 'timer.fired';
  timerId: string;
}

export interface CommandReceived {
  kind: 'command.received';
  command: OperatorCommand;
  reason: string;
}

/**
 * `pause` and `haltEntries` stop entries until `resume`; `flatten` stops them and closes everything;
 * `acceptDrawdown` starts the peaks of the equity stop anew, which nothing else does.
 */
export type OperatorCommand = 'pause' | 'resume' | 'flatten' | 'haltEntries' | 'acceptDrawdown';
