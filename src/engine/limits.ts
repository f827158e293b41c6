import { assert } from './assert.ts';

/** Everything that can grow has a bound with a name. */
export const LIMITS = {
  /** Binance refuses longer client ids. */
  orderIdLengthMax: 36,
  /** Orders of one symbol that may rest at once (venue filter MAX_NUM_ORDERS). */
  openOrdersMax: 200,
  /** Conditional orders of the account that may rest at once. */
  algoOrdersMax: 200,
  timersMax: 1_024,
  /** Fill ids remembered for deduplication. */
  fillIdsMax: 20_000,
  /** Ids of finished orders remembered for late facts. */
  finishedOrdersMax: 5_000,
} as const;

assert(LIMITS.timersMax > LIMITS.algoOrdersMax, 'every protected leg needs a timer');
assert(LIMITS.fillIdsMax > LIMITS.finishedOrdersMax, 'an order has at least one fill');
