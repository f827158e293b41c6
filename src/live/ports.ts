import type { EngineEvent, OrderFilled } from '../engine/event.ts';
import type { CashUnits, Lots, Side, Ticks } from '../engine/units.ts';

/**
 * Engine time and wake-ups: the process's own clock in production, a virtual one in tests and in
 * replays. Nothing in the live core reads a clock or sets a timer in any other way.
 */
export interface TimePort {
  /** Milliseconds UTC; never falls. */
  nowMs(): number;
  /**
   * Calls once when the time has come, at once (but never inside this call) when it has passed.
   * At equal times lower ranks go first where time is virtual: the venue's facts are 0, others 1,
   * the engine's timers 2.
   */
  wake(atMs: number, action: () => void, rank?: number): WakeUp;
  /**
   * Its milliseconds in one of the machine's; 1 when left out. Limits on what the machine itself
   * takes (its disk) stretch with it.
   */
  readonly scale?: number;
}

export interface WakeUp {
  cancel(): void;
}

/**
 * Where edges (feed, exchange, operator) put facts. Safe to call from inside a handler: what comes
 * while another event is handled waits its turn.
 */
export type EventSink = (event: EngineEvent) => void;

/**
 * Reads the account at the venue, for the reconciler. Calls `done` exactly once, never inside the
 * call itself. A picture is whole or it is a failure: nothing is concluded from half of one.
 */
export interface AccountQueryPort {
  readAccount(ask: AccountAsk, done: (answer: AccountAnswer) => void): void;
}

export interface AccountAsk {
  symbols: readonly string[];
  /** Fills that come after these are wanted, by symbol. */
  fillsAfter: Readonly<Record<string, FillCursor>>;
  /** Transfers at or after this time are wanted. */
  transfersSinceMs: number;
  /** `routine` when left out. */
  urgency?: AccountUrgency;
}

/**
 * What hangs on a look at the account. `protection`: a position may have no stop; orders and
 * positions are wanted, the rest may come empty, and no limit of ours holds it back. `doubt`: books
 * and venue may differ, and what the engine wants to do about a position waits for it. `start`: the
 * same before the first comparison of a start with open packages: their hedges may be filled or not,
 * nobody knows; all is wanted, and no limit of ours holds it back.
 */
export type AccountUrgency = 'protection' | 'start' | 'doubt' | 'routine';

/** `fillId` is the id of the last fill known, empty when none is: then `atMs` alone counts. */
export interface FillCursor {
  fillId: string;
  atMs: number;
}

export type AccountAnswer =
  | { kind: 'picture'; picture: AccountPicture }
  /** `retryAtMs`: a limit of ours held it back, and will until then. */
  | { kind: 'failed'; reason: string; retryAtMs?: number };

/**
 * The account as the venue has it. Read in this order, because each part may be newer than the one
 * before: orders, positions and balances, fills.
 */
export interface AccountPicture {
  /** Everything that rests, plain and conditional, whoever placed it. */
  orders: readonly RestingOrder[];
  /** Open positions of any symbol; one that is missing is flat. */
  positions: readonly HeldPosition[];
  /** Wallet balance of every asset that is not zero. */
  balances: readonly AssetBalance[];
  /** Fills after the cursors, oldest first, of any order on the asked symbols. */
  fills: readonly PictureFill[];
  /** Deposits (positive) and withdrawals since `transfersSinceMs`. */
  transfers: readonly Transfer[];
}

export interface RestingOrder {
  /** Client id; the venue's own id where nobody gave one. */
  orderId: string;
  venueId: string;
  symbol: string;
  side: Side;
  isConditional: boolean;
  reduceOnly: boolean;
  closePosition: boolean;
  priceTicks: Ticks;
  triggerTicks: Ticks;
  lots: Lots;
  filledLots: Lots;
}

export interface HeldPosition {
  symbol: string;
  side: Side;
  lots: Lots;
  entryPrice: number;
}

export interface AssetBalance {
  asset: string;
  cashUnits: CashUnits;
}

export interface PictureFill {
  atMs: number;
  fill: OrderFilled;
}

export interface Transfer {
  /** Unique at the venue: no transfer is booked twice. */
  id: string;
  atMs: number;
  asset: string;
  cashUnits: CashUnits;
}

/**
 * The venue's own timer: it cancels every plain order of a symbol unless it is armed again in time
 * (`countdownCancelAll`). It may or may not touch conditional orders: nobody relies on either.
 */
export interface DeadManPort {
  arm(symbol: string, countdownMs: number): void;
  disarm(symbol: string): void;
}

/** Market data. One feed serves all symbols of a session. */
export interface FeedPort {
  /**
   * History first: bars that closed after `sinceMs` (by symbol) and before now, marked as warm-up,
   * then `onWarm`, then what happens. Calls nothing inside the call itself.
   */
  start(options: {
    sinceMs: Readonly<Record<string, number>>;
    /** Strategies know nothing yet: what came before `sinceMs` is needed as well, as warm-up. */
    isCold?: boolean;
    sink: EventSink;
    onWarm: () => void;
    /** The feed has ended (files do, markets do not). */
    onEnd: () => void;
  }): void;
  stop(): void;
}
