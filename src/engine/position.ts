import { mulDiv } from './money.ts';
import type { CashUnits, Lots, Side } from './units.ts';

/**
 * Net position of one symbol from fills only. The cost is a sum, never an average: closing releases
 * its share of it exactly, so that realised profit plus open cost always equals the flows.
 */
export class Position {
  declare readonly symbol: string;
  /** Positive long, negative short. */
  lots: Lots = 0;
  /** Signed notional paid for the open lots: positive for longs, negative for shorts. */
  costUnits: CashUnits = 0;
  realisedUnits: CashUnits = 0;

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  /** Returns the profit realised by this fill, before fees. */
  applyFill(side: Side, lots: Lots, notionalUnits: CashUnits): CashUnits {
    const signedLots = side === 'buy' ? lots : -lots;
    const signedNotional = side === 'buy' ? notionalUnits : -notionalUnits;
    if (this.lots === 0 || Math.sign(this.lots) === Math.sign(signedLots)) {
      this.lots += signedLots;
      this.costUnits += signedNotional;
      return 0;
    }
    const closing = Math.min(lots, Math.abs(this.lots));
    const closedNotional = mulDiv(notionalUnits, closing, lots, 'trunc');
    const released = mulDiv(this.costUnits, closing, Math.abs(this.lots), 'trunc');
    // Selling brings cash in, buying back pays it out; the released cost is what it had cost.
    const realised = (side === 'sell' ? closedNotional : -closedNotional) - released;
    this.costUnits -= released;
    this.lots += side === 'buy' ? closing : -closing;
    this.realisedUnits += realised;
    const rest = lots - closing;
    if (rest > 0) {
      this.lots = side === 'buy' ? rest : -rest;
      const restNotional = notionalUnits - closedNotional;
      this.costUnits = side === 'buy' ? restNotional : -restNotional;
    }
    return realised;
  }

  /** Average price of the open lots in quote currency; NaN when flat. */
  averagePrice(stepQuantity: number): number {
    return this.lots === 0 ? Number.NaN : this.costUnits / 1e8 / (this.lots * stepQuantity);
  }
}
