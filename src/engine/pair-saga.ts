import { AppError } from './error.ts';

/**
 * States of a package with hedge legs, seen as a whole. A package without legs walks
 * flat -> entering -> hedged (nothing to hedge) -> closing -> flat.
 */
export type PairState = 'flat' | 'entering' | 'hedging' | 'hedged' | 'underHedged' | 'closing';

export type PairTrigger =
  /** The plan was approved and its first order left. */
  | 'approved'
  /** A fill of the main leg; its hedge is due. */
  | 'mainFilled'
  /** Every leg has what the filled main leg asks for, or was skipped at planning. */
  | 'legsComplete'
  /** A leg was refused, stopped out or ended short while the main leg stays open. */
  | 'legLost'
  /** Exit of the whole package was ordered, or the main leg became flat. */
  | 'exitOrdered'
  /** All legs are flat and nothing rests on the venue. */
  | 'allFlat';

type Row = Partial<Record<PairTrigger, PairState>>;

/**
 * The whole saga. A pair that is not listed is a defect, not an outside event: outside events reach
 * the saga only through the order tables.
 */
const PAIR_TABLE: Record<PairState, Row> = {
  flat: { approved: 'entering' },
  entering: {
    mainFilled: 'hedging',
    // Somebody traded by hand on a leg that we have not opened yet: it came and went.
    legLost: 'entering',
    // Entry ended without a fill, or was cancelled by the operator before one.
    exitOrdered: 'closing',
    allFlat: 'flat',
  },
  hedging: {
    // Further partial fills ask for more hedge.
    mainFilled: 'hedging',
    legsComplete: 'hedged',
    legLost: 'underHedged',
    exitOrdered: 'closing',
  },
  hedged: {
    mainFilled: 'hedging',
    legsComplete: 'hedged',
    legLost: 'underHedged',
    exitOrdered: 'closing',
  },
  underHedged: {
    mainFilled: 'underHedged',
    // The other leg may still complete; one lost leg keeps the package under-hedged.
    legsComplete: 'underHedged',
    legLost: 'underHedged',
    exitOrdered: 'closing',
  },
  closing: {
    // Late fills and lost legs while closing change nothing: everything is being flattened.
    mainFilled: 'closing',
    legsComplete: 'closing',
    legLost: 'closing',
    exitOrdered: 'closing',
    allFlat: 'flat',
  },
};

/** @throws AppError ENGINE_PAIR for a pair that is not in the table */
export function nextPairState(state: PairState, trigger: PairTrigger): PairState {
  const next = PAIR_TABLE[state][trigger];
  if (next === undefined) {
    throw new AppError('ENGINE_PAIR', `package cannot take "${trigger}" in state "${state}"`);
  }
  return next;
}
