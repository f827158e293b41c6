/** The venue's filters of one symbol, as read at start; decimals stay strings until parsed. */
export interface InstrumentSpec {
  symbol: string;
  /** Rises with every change of filters; ticks and lots carry it. */
  version: number;
  baseAsset: string;
  quoteAsset: string;
  tickSize: string;
  stepSize: string;
  /** Smallest notional of an order that is not reduce-only, quote currency. */
  minNotional: string;
  maxQuantity: string;
  maxMarketQuantity: string;
  /** Limit prices must lie within mark x [percentDown, percentUp]. */
  percentUp: string;
  percentDown: string;
  /** Part of the notional taken at liquidation. */
  liquidationFee: string;
  trading: boolean;
}

/** Maintenance tiers of one symbol, by notional ascending. */
export interface BracketTier {
  notionalFloor: number;
  notionalCap: number;
  maintenanceRate: number;
  leverageMax: number;
  /** `floor x (rate - previous rate)` summed: maintenance = notional x rate - cum. */
  cum: number;
}

/** Fee rates of the account in 1e-8: 0.02 % = 20,000. */
export interface FeeRates {
  makerE8: number;
  takerE8: number;
}
