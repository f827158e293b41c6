import type { Direction } from './units.ts';

/**
 * A strategy's intent to trade: prices and fractions only, no quantities. The sizer and the risk
 * rules turn it into lots; the trade machine carries it out. Prices are doubles in quote currency.
 */
export interface TradePlan {
  strategyId: string;
  /** Short label of the signal, for reports. */
  tag: string;
  reasons: readonly string[];
  symbol: string;
  direction: Direction;
  entry: EntryPolicy;
  /** Initial protective stop; frozen in the plan. */
  stopPrice: number;
  /** ATR of the decision bar that the stop used, for reports. */
  atr: number;
  /** The disaster stop lies this many working stop distances from the entry. */
  disasterMultiple: number;
  targets: readonly TargetPlan[];
  breakEven: BreakEvenPlan;
  /** When trailing intents of the strategy begin to move the stop. */
  trailFrom: 'entry' | 'target1' | 'target2';
  /** From the first fill; the trade is closed at market then. */
  timeoutMs: number;
  /** Part of equity risked, before throttles: 0.75 is 0.75 %. */
  riskPercent: number;
  hedge: HedgePlan | undefined;
  /** Numbers and words for the trade record (tags, block, regime); never read by the engine. */
  context: Readonly<Record<string, number | string | boolean>>;
}

export interface EntryPolicy {
  /**
   * `touch`: post-only at min(mid, bid) (long), then IOC. `pullback`: rests at mid for
   * `restBars`, no IOC. `documents`: post-only at mid, then market. `taker`: IOC at once.
   * `makerOnly`: post-only at the touch, no IOC.
   */
  mode: 'touch' | 'pullback' | 'documents' | 'taker' | 'makerOnly';
  /** Close of the decision bar; the IOC may not be worse than this by `iocWorstBps`. */
  decisionPrice: number;
  /** Middle of the order block. */
  midPrice: number;
  makerWaitMs: number;
  iocWorstBps: number;
  /** For `pullback`: how long the order rests. */
  restMs: number;
}

export interface TargetPlan {
  /** Distance in R of the actual entry. */
  atR: number;
  /** Part of the filled quantity. */
  fraction: number;
}

export interface BreakEvenPlan {
  /** The stop moves when this target has filled in full; 0 is the first, -1 is never. */
  afterTarget: number;
  /** The stop goes at most this many R beyond the entry to cover costs. */
  capR: number;
}

export interface HedgePlan {
  legs: readonly HedgeLegPlan[];
  /** A leg unfilled this long after its BTC fill turns taker. */
  makerWaitMs: number;
  onFail: 'exitBtc' | 'keepAtHalfRisk';
}

export interface HedgeLegPlan {
  symbol: string;
  direction: Direction;
  /** Leg notional = ratio x filled notional of the plan's symbol. */
  notionalRatio: number;
  beta: number;
  correlation: number;
  stopPrice: number;
  /** Last price of the leg at the decision. */
  price: number;
}

/** What a strategy may ask for; the engine decides whether and how. */
export type Intent =
  | { kind: 'enter'; plan: TradePlan }
  /** Move the working stop; only ever tightens. */
  | { kind: 'trail'; symbol: string; stopPrice: number }
  | { kind: 'exit'; symbol: string; reason: string }
  /** Close no later than this time. */
  | { kind: 'deadline'; symbol: string; atMs: number; reason: string }
  /** Set the notional ratio of a leg anew (one rebalance a trade). */
  | { kind: 'rebalance'; symbol: string; legSymbol: string; notionalRatio: number }
  /** Alert without a trade, or before one. */
  | { kind: 'alert'; plan: TradePlan; tags: readonly string[] }
  | { kind: 'decline'; symbol: string; tag: string; reasons: readonly string[] };

/** Returned when there is nothing to do, so that quiet bars allocate nothing. */
export const NO_INTENTS: readonly Intent[] = Object.freeze([]) as readonly Intent[];
