export type Side = 'BUY' | 'SELL';
export type PositionSide = 'BOTH' | 'LONG' | 'SHORT';
export type OrderStatus =
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'EXPIRED'
  | 'EXPIRED_IN_MATCH';
export type AlgoStatus =
  | 'NEW'
  | 'TRIGGERING'
  | 'TRIGGERED'
  | 'FINISHED'
  | 'CANCELED'
  | 'EXPIRED'
  | 'REJECTED';

/** An order in the matching engine. Prices in USDT, quantities in the base asset. */
export interface Order {
  id: number;
  clientId: string;
  symbol: string;
  side: Side;
  positionSide: PositionSide;
  type: 'LIMIT' | 'MARKET' | 'LIQUIDATION';
  originalType: string;
  timeInForce: string;
  price: number;
  quantity: number;
  filled: number;
  quote: number;
  status: OrderStatus;
  reduceOnly: boolean;
  closePosition: boolean;
  stopPrice: number;
  workingType: string;
  priceProtect: boolean;
  priceMatch: string;
  stp: string;
  goodTillDate: number;
  /** 0 none, 2 IOC rest, 4 reduce-only knocked out, 5 liquidation, 8 stop triggered, 9 market. */
  expireReason: number;
  realized: number;
  time: number;
  updateTime: number;
  algoId: number;
}

/** A conditional order of the algo service. */
export interface AlgoOrder {
  id: number;
  clientId: string;
  symbol: string;
  side: Side;
  positionSide: PositionSide;
  type: string;
  timeInForce: string;
  quantity: number;
  price: number;
  triggerPrice: number;
  activatePrice: number;
  callbackRate: number;
  /** Trailing only: the best price since activation, 0 before it. */
  extreme: number;
  workingType: string;
  priceMatch: string;
  priceProtect: boolean;
  closePosition: boolean;
  reduceOnly: boolean;
  stp: string;
  status: AlgoStatus;
  actualOrderId: number;
  actualPrice: number;
  actualQuantity: number;
  rejectReason: string;
  createTime: number;
  updateTime: number;
  triggerTime: number;
}

export interface Trade {
  id: number;
  orderId: number;
  symbol: string;
  side: Side;
  positionSide: PositionSide;
  price: number;
  quantity: number;
  commission: number;
  commissionAsset: string;
  realized: number;
  maker: boolean;
  time: number;
}

export interface Position {
  symbol: string;
  positionSide: PositionSide;
  /** Signed, base asset. */
  amount: number;
  entryPrice: number;
  /** USDT set aside for an isolated position. */
  isolatedWallet: number;
  /** Realized profit before fees since the account opened, USDT. */
  realized: number;
  updateTime: number;
}

export interface Income {
  symbol: string;
  incomeType: string;
  income: number;
  asset: string;
  time: number;
  tranId: number;
  tradeId: string;
}

/** Switches of what is not settled about the real venue, and of what a test wants to vary. */
export interface VenueSettings {
  /** Before any position exists: is a quantity + reduceOnly stop taken? Refusal is -2022. */
  stopBeforeEntry: 'accept' | 'refuse';
  /** The same for a closePosition stop. Refusal is -4509. */
  closeStopBeforeEntry: 'accept' | 'refuse';
  /** Whether countdownCancelAll also takes conditional orders away. Unknown of the real venue. */
  countdownTakesAlgoOrders: boolean;
  makerFee: number;
  takerFee: number;
  /** Milliseconds between a trigger and the order in the engine. */
  triggerDelayMs: number;
  canWithdraw: boolean;
  /** Demo answers 403 to /sapi. */
  sapiForbidden: boolean;
  highestLeverage: number;
  /** POST answers carry avgPrice and cumQuote as before 2026-07-15. */
  oldAcknowledgement: boolean;
  feesInBnb: boolean;
}

export function defaultSettings(): VenueSettings {
  return {
    stopBeforeEntry: 'accept',
    closeStopBeforeEntry: 'refuse',
    countdownTakesAlgoOrders: false,
    makerFee: 0.0002,
    takerFee: 0.0005,
    triggerDelayMs: 0,
    canWithdraw: false,
    sapiForbidden: false,
    highestLeverage: 125,
    oldAcknowledgement: false,
    feesInBnb: false,
  };
}
