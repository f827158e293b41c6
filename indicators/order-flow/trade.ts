/**
 * One print of the tape (Binance aggTrade). The caller may reuse one object for every trade: an
 * indicator reads it during `update` and keeps no reference to it.
 */
export interface Trade {
  /** ms UTC. */
  timeMs: number;
  price: number;
  /** Base asset. */
  quantity: number;
  /** True when the buyer's order rested in the book, so that the seller was the aggressor. */
  isBuyerMaker: boolean;
}

/**
 * Refuses a trade that would poison state for good: a value that is not finite, a negative
 * quantity, or a time that goes back (several trades may share a millisecond). Returns its time.
 * @throws RangeError naming the trade
 */
export function checkedTradeTime(trade: Trade, lastTimeMs: number): number {
  const sum = trade.price + trade.quantity + trade.timeMs;
  if (!(sum - sum === 0) || trade.quantity < 0) {
    throw new RangeError(`trade at ${trade.timeMs} holds a value that cannot be used`);
  }
  if (trade.timeMs < lastTimeMs) {
    throw new RangeError(`trade at ${trade.timeMs} comes after one at ${lastTimeMs}`);
  }
  return trade.timeMs;
}
