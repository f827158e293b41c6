import type { PairState } from './pair-saga.ts';
import type { TradePlan } from './plan.ts';
import type { CashUnits, Direction, Lots, Ticks } from './units.ts';

/**
 * A package under way: the plan's symbol (`legs[0]`, the main leg) and its hedge legs. Plain data,
 * so that a snapshot is a copy. Quantities are lots of each leg's instrument.
 */
export interface Trade {
  tradeId: string;
  strategyId: string;
  plan: TradePlan;
  decidedMs: number;
  phase: TradePhase;
  pair: PairState;
  entry: EntryState;
  /** Money the main leg may lose at the stop, costs included: the budget of the sizer. */
  riskBudget: number;
  riskPercent: number;
  /** Planned R in quote currency: quantity x |worst entry - stop|, frozen at approval. */
  plannedR: number;
  costRPlanned: number;
  costRWorst: number;
  gateReasons: readonly string[];
  /** Main leg first. */
  legs: Leg[];
  targets: TargetState[];
  targetsFilled: number;
  isTrailing: boolean;
  /** What the working stop is by now, and so why the trade ends when it is hit. */
  stopReason: 'stop' | 'breakEven' | 'trail';
  isRebalanced: boolean;
  firstFillMs: number;
  deadlineMs: number;
  deadlineReason: string;
  exitReason: string;
  /** Largest open loss and gain of the main leg, price units, from closed bars. */
  maePrice: number;
  mfePrice: number;
  /** Quote currency lost against the decision, trigger and last prices; gains are negative. */
  slippage: number;
  nextOrderIndex: number;
  exitRetries: number;
}

export type TradePhase = 'entering' | 'open' | 'closing' | 'closed';

export interface EntryState {
  stage: 'maker' | 'cancelling' | 'taker' | 'done';
  orderId: string;
  reprices: number;
}

export interface TargetState {
  orderId: string;
  priceTicks: Ticks;
  lots: Lots;
  isReached: boolean;
  /** How often it was sent anew, because it had never arrived. */
  resent?: number;
}

/** One symbol of the package and what rests for it on the venue. */
export interface Leg {
  symbol: string;
  direction: Direction;
  /** Open lots in our direction, after every fill. */
  lots: Lots;
  /** Entry fills so far; the ladder and the average entry come from these. */
  filledLots: Lots;
  filledTicksLots: number;
  exitLots: Lots;
  exitTicksLots: number;
  makerLots: Lots;
  /** Signed sum of fills: sells positive, buys negative, fees not included. */
  flowUnits: CashUnits;
  feeUnits: CashUnits;
  fundingUnits: CashUnits;
  stopTicks: Ticks;
  initialStopTicks: Ticks;
  /** Working stop on the venue; empty when none is known. */
  stopId: string;
  stopIsAcked: boolean;
  /** Stop sent before the entry; empty when none was. It may cover more than is held. */
  prePlacedId: string;
  /** Replacement sent before the old one is cancelled. */
  nextStopId: string;
  disasterId: string;
  /** When a stop that was taken away from outside was placed anew; NaN when none was. */
  replacedMs: number;
  /** The last one; earlier ones may be open in doubt. */
  exitId: string;
  /** First and last fill at the venue, on its clock: in between the leg was held. */
  firstFillMs?: number;
  lastFillMs?: number;
  /** Being closed on its own (a lost hedge leg, a naked leg): retried until flat. */
  mustClose: boolean;
  /** When the first unprotected fill came; NaN while protected or flat. */
  unprotectedSinceMs: number;
  /** Hedge legs only. */
  hedge: HedgeState | undefined;
}

export interface HedgeState {
  ratio: number;
  plannedRatio: number;
  beta: number;
  correlation: number;
  planPrice: number;
  /** `waiting` for a BTC fill or the minimum notional, `working`, `done`, `skipped`, `failed`. */
  stage: 'waiting' | 'maker' | 'cancelling' | 'taker' | 'done' | 'skipped' | 'failed';
  orderId: string;
  /** Lots asked for in all entry orders that are not known to have ended short. */
  targetLots: Lots;
  reprices: number;
}

/** The part of a trade's id that its order ids carry: the event that made it. */
export function tradeNumber({ tradeId }: Pick<Trade, 'tradeId'>): string {
  return tradeId.slice(tradeId.indexOf('-') + 1);
}

export function mainLeg(trade: Trade): Leg {
  return trade.legs[0];
}

/** Average price of a leg's entry fills in ticks; NaN before the first. */
export function averageEntryTicks(leg: Leg): number {
  return leg.filledLots === 0 ? Number.NaN : leg.filledTicksLots / leg.filledLots;
}

export function isFlat(trade: Trade): boolean {
  for (const leg of trade.legs) if (leg.lots !== 0) return false;
  return true;
}

export function createLeg(options: {
  symbol: string;
  direction: Direction;
  stopTicks: Ticks;
  hedge: HedgeState | undefined;
}): Leg {
  return {
    symbol: options.symbol,
    direction: options.direction,
    lots: 0,
    filledLots: 0,
    filledTicksLots: 0,
    exitLots: 0,
    exitTicksLots: 0,
    makerLots: 0,
    flowUnits: 0,
    feeUnits: 0,
    fundingUnits: 0,
    stopTicks: options.stopTicks,
    initialStopTicks: options.stopTicks,
    stopId: '',
    stopIsAcked: false,
    prePlacedId: '',
    nextStopId: '',
    disasterId: '',
    replacedMs: Number.NaN,
    exitId: '',
    mustClose: false,
    unprotectedSinceMs: Number.NaN,
    hedge: options.hedge,
  };
}
