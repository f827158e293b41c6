import { type Account, unrealized } from './account.ts';
import type { Market } from './market.ts';
import type { AlgoOrder, Order, Position, Trade } from './model.ts';

/** JSON of the user data stream; keys as the venue documents them. */
export function orderTradeUpdate(options: {
  order: Order;
  execution: string;
  trade: Trade | undefined;
  market: Market;
  exposure: { bids: number; asks: number };
  now: number;
}) {
  const { order, trade, market, now } = options;
  const quantity = (x: number) => market.quantityText(x);
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: now,
    T: now,
    o: {
      s: order.symbol,
      c: order.clientId,
      S: order.side,
      o: order.type,
      f: order.timeInForce,
      q: quantity(order.quantity),
      p: order.price === 0 ? '0' : market.priceText(order.price),
      ap: averageText(order, market),
      sp: order.stopPrice === 0 ? '0' : market.priceText(order.stopPrice),
      x: options.execution,
      X: order.status,
      i: order.id,
      l: trade === undefined ? '0' : quantity(trade.quantity),
      z: order.filled === 0 ? '0' : quantity(order.filled),
      L: trade === undefined ? '0' : market.priceText(trade.price),
      n: trade === undefined ? '0' : trade.commission.toFixed(8),
      N: trade === undefined ? 'USDT' : trade.commissionAsset,
      T: order.updateTime,
      t: trade === undefined ? 0 : trade.id,
      b: String(options.exposure.bids),
      a: String(options.exposure.asks),
      m: trade?.maker ?? false,
      R: order.reduceOnly,
      wt: order.workingType,
      ot: order.originalType,
      ps: order.positionSide,
      cp: order.closePosition,
      rp: trade === undefined ? '0' : trade.realized.toFixed(8),
      pP: order.priceProtect,
      si: 0,
      ss: 0,
      V: order.stp,
      pm: order.priceMatch,
      gtd: order.goodTillDate,
      er: String(order.expireReason),
    },
  };
}

export function tradeLite(order: Order, trade: Trade, market: Market, now: number) {
  return {
    e: 'TRADE_LITE',
    E: now,
    T: now,
    s: order.symbol,
    q: market.quantityText(order.quantity),
    p: order.price === 0 ? '0' : market.priceText(order.price),
    m: trade.maker,
    c: order.clientId,
    S: order.side,
    L: market.priceText(trade.price),
    l: market.quantityText(trade.quantity),
    t: trade.id,
    i: order.id,
  };
}

/** Only what changed: the caller names the assets and positions. */
export function accountUpdate(options: {
  reason: string;
  account: Account;
  assets: readonly { asset: string; change: number }[];
  positions: readonly Position[];
  markOf: (symbol: string) => number;
  now: number;
}) {
  const { account, now } = options;
  return {
    e: 'ACCOUNT_UPDATE',
    E: now,
    T: now,
    a: {
      m: options.reason,
      B: options.assets.map(({ asset, change }) => ({
        a: asset,
        wb: (asset === 'BNB' ? account.bnb : account.wallet).toFixed(8),
        cw: (asset === 'BNB' ? account.bnb : account.crossWallet).toFixed(8),
        bc: change === 0 ? '0' : change.toFixed(8),
      })),
      P: options.positions.map((position) => positionRow(position, options)),
    },
  };
}

function positionRow(
  position: Position,
  options: { account: Account; markOf: (symbol: string) => number },
) {
  return {
    s: position.symbol,
    pa: String(position.amount),
    ep: String(position.entryPrice),
    bep: String(position.entryPrice),
    cr: String(position.realized),
    up: unrealized(position, options.markOf(position.symbol)).toFixed(8),
    mt: options.account.isIsolated(position.symbol) ? 'isolated' : 'cross',
    iw: position.isolatedWallet.toFixed(8),
    ps: position.positionSide,
  };
}

export function algoUpdate(algo: AlgoOrder, market: Market, now: number) {
  const price = (x: number) => (x === 0 ? '0' : market.priceText(x));
  const trailing = algo.type === 'TRAILING_STOP_MARKET';
  return {
    e: 'ALGO_UPDATE',
    T: now,
    E: now,
    o: {
      caid: algo.clientId,
      aid: algo.id,
      at: 'CONDITIONAL',
      o: algo.type,
      s: algo.symbol,
      S: algo.side,
      ps: algo.positionSide,
      f: algo.timeInForce,
      q: algo.closePosition ? '0' : market.quantityText(algo.quantity),
      X: algo.status,
      ai: algo.actualOrderId === 0 ? '' : String(algo.actualOrderId),
      ap: price(algo.actualPrice),
      aq: algo.actualQuantity === 0 ? '0' : market.quantityText(algo.actualQuantity),
      act: algo.triggerTime === 0 ? '0' : algo.price === 0 ? 'MARKET' : 'LIMIT',
      tp: price(algo.triggerPrice),
      p: price(algo.price),
      V: algo.stp,
      wt: algo.workingType,
      pm: algo.priceMatch,
      cp: algo.closePosition,
      pP: algo.priceProtect,
      R: algo.reduceOnly,
      tt: algo.triggerTime,
      gtd: 0,
      rm: algo.rejectReason,
      ...(trailing
        ? { AP: price(algo.activatePrice), cr: String(algo.callbackRate), ia: algo.extreme > 0 }
        : {}),
    },
  };
}

export function averageText(order: Order, market: Market): string {
  return order.filled === 0 ? '0' : market.priceText(order.quote / order.filled);
}
