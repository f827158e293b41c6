import { type Account, liquidationPrice, maintenance, unrealized } from './account.ts';
import type { Kline, Market } from './market.ts';
import type { AlgoOrder, Order, Position, Trade } from './model.ts';
import { averageText } from './user-events.ts';

/** Answer of POST, PUT and DELETE: without avgPrice and cumQuote since July 2026. */
export function orderAcknowledgement(order: Order, market: Market) {
  return {
    clientOrderId: order.clientId,
    cumQty: market.quantityText(order.filled),
    executedQty: market.quantityText(order.filled),
    orderId: order.id,
    origQty: market.quantityText(order.quantity),
    price: market.priceText(order.price),
    reduceOnly: order.reduceOnly,
    side: order.side,
    positionSide: order.positionSide,
    status: order.status,
    stopPrice: market.priceText(order.stopPrice),
    closePosition: order.closePosition,
    symbol: order.symbol,
    timeInForce: order.timeInForce,
    type: order.type,
    origType: order.originalType,
    updateTime: order.updateTime,
    workingType: order.workingType,
    priceProtect: order.priceProtect,
    priceMatch: order.priceMatch,
    selfTradePreventionMode: order.stp,
    goodTillDate: order.goodTillDate,
  };
}

export function orderView(order: Order, market: Market) {
  const { cumQty: _unused, ...rest } = orderAcknowledgement(order, market);
  return {
    ...rest,
    avgPrice: averageText(order, market),
    cumQuote: order.quote.toFixed(8),
    time: order.time,
  };
}

export function algoAcknowledgement(algo: AlgoOrder, market: Market) {
  const price = (x: number) => market.priceText(x);
  const trailing = algo.type === 'TRAILING_STOP_MARKET';
  return {
    algoId: algo.id,
    clientAlgoId: algo.clientId,
    algoType: 'CONDITIONAL',
    orderType: algo.type,
    symbol: algo.symbol,
    side: algo.side,
    positionSide: algo.positionSide,
    timeInForce: algo.timeInForce,
    quantity: market.quantityText(algo.quantity),
    algoStatus: algo.status,
    triggerPrice: price(algo.triggerPrice),
    price: price(algo.price),
    icebergQuantity: 'null',
    selfTradePreventionMode: algo.stp,
    workingType: algo.workingType,
    priceMatch: algo.priceMatch,
    closePosition: algo.closePosition,
    priceProtect: algo.priceProtect,
    reduceOnly: algo.reduceOnly,
    activatePrice: trailing ? price(algo.activatePrice) : '',
    callbackRate: trailing ? String(algo.callbackRate) : '',
    createTime: algo.createTime,
    updateTime: algo.updateTime,
    triggerTime: algo.triggerTime,
    goodTillDate: 0,
  };
}

export function algoView(algo: AlgoOrder, market: Market, open: boolean) {
  const { activatePrice, callbackRate, ...rest } = algoAcknowledgement(algo, market);
  const none = '0.000';
  return {
    ...rest,
    ...(algo.type === 'TRAILING_STOP_MARKET' ? { activatePrice, callbackRate } : {}),
    actualOrderId: algo.actualOrderId === 0 ? '' : String(algo.actualOrderId),
    actualPrice: algo.actualPrice.toFixed(5),
    ...(open
      ? { tpTriggerPrice: none, tpPrice: none, slTriggerPrice: none, slPrice: none }
      : {
          actualType: algo.price === 0 ? 'MARKET' : 'LIMIT',
          actualQty: market.quantityText(algo.actualQuantity),
        }),
    tpOrderType: '',
  };
}

export function tradeView(trade: Trade, market: Market) {
  return {
    buyer: trade.side === 'BUY',
    commission: trade.commission.toFixed(8),
    commissionAsset: trade.commissionAsset,
    id: trade.id,
    maker: trade.maker,
    orderId: trade.orderId,
    price: market.priceText(trade.price),
    qty: market.quantityText(trade.quantity),
    quoteQty: (trade.price * trade.quantity).toFixed(8),
    realizedPnl: trade.realized.toFixed(8),
    side: trade.side,
    positionSide: trade.positionSide,
    symbol: trade.symbol,
    time: trade.time,
  };
}

/** Figures of a position that several answers need. */
function figures(position: Position, account: Account, market: Market) {
  const notional = position.amount * market.mark;
  const isolated = account.isIsolated(position.symbol);
  const profit = unrealized(position, market.mark);
  const initial = Math.abs(notional) / account.config(position.symbol).leverage;
  return {
    notional,
    profit,
    initial,
    maintenance: maintenance(market.instrument, Math.abs(notional)),
    isolatedMargin: isolated ? position.isolatedWallet + profit : 0,
    liquidation: liquidationPrice(position, {
      instrument: market.instrument,
      wallet: isolated ? position.isolatedWallet : account.crossWallet,
    }),
  };
}

export function positionRiskView(position: Position, account: Account, market: Market) {
  const row = figures(position, account, market);
  return {
    symbol: position.symbol,
    positionSide: position.positionSide,
    positionAmt: market.quantityText(position.amount),
    entryPrice: String(position.entryPrice),
    breakEvenPrice: String(position.entryPrice),
    markPrice: market.mark.toFixed(8),
    unRealizedProfit: row.profit.toFixed(8),
    liquidationPrice: row.liquidation === 0 ? '0' : row.liquidation.toFixed(8),
    isolatedMargin: row.isolatedMargin.toFixed(8),
    notional: row.notional.toFixed(8),
    marginAsset: 'USDT',
    isolatedWallet: position.isolatedWallet.toFixed(8),
    initialMargin: row.initial.toFixed(8),
    maintMargin: row.maintenance.toFixed(8),
    positionInitialMargin: row.initial.toFixed(8),
    openOrderInitialMargin: '0',
    adl: 2,
    bidNotional: '0',
    askNotional: '0',
    updateTime: position.updateTime,
  };
}

export interface AccountSums {
  available: number;
  unrealized: number;
  crossUnrealized: number;
  positionMargin: number;
  orderMargin: number;
  maintenance: number;
}

export function accountView(options: {
  account: Account;
  sums: AccountSums;
  positions: readonly Position[];
  marketOf: (symbol: string) => Market;
  now: number;
}) {
  const { account, sums } = options;
  const t = (x: number) => x.toFixed(8);
  const initial = sums.positionMargin + sums.orderMargin;
  return {
    totalInitialMargin: t(initial),
    totalMaintMargin: t(sums.maintenance),
    totalWalletBalance: t(account.wallet),
    totalUnrealizedProfit: t(sums.unrealized),
    totalMarginBalance: t(account.wallet + sums.unrealized),
    totalPositionInitialMargin: t(sums.positionMargin),
    totalOpenOrderInitialMargin: t(sums.orderMargin),
    totalCrossWalletBalance: t(account.crossWallet),
    totalCrossUnPnl: t(sums.crossUnrealized),
    availableBalance: t(sums.available),
    maxWithdrawAmount: t(sums.available),
    assets: [assetRow(account, sums, options.now)],
    positions: options.positions.map((position) => {
      const market = options.marketOf(position.symbol);
      const row = figures(position, account, market);
      return {
        symbol: position.symbol,
        positionSide: position.positionSide,
        positionAmt: market.quantityText(position.amount),
        unrealizedProfit: t(row.profit),
        isolatedMargin: t(row.isolatedMargin),
        notional: t(row.notional),
        isolatedWallet: t(position.isolatedWallet),
        initialMargin: t(row.initial),
        maintMargin: t(row.maintenance),
        updateTime: position.updateTime,
      };
    }),
  };
}

function assetRow(account: Account, sums: AccountSums, now: number) {
  const t = (x: number) => x.toFixed(8);
  return {
    asset: 'USDT',
    walletBalance: t(account.wallet),
    unrealizedProfit: t(sums.unrealized),
    marginBalance: t(account.wallet + sums.unrealized),
    maintMargin: t(sums.maintenance),
    initialMargin: t(sums.positionMargin + sums.orderMargin),
    positionInitialMargin: t(sums.positionMargin),
    openOrderInitialMargin: t(sums.orderMargin),
    crossWalletBalance: t(account.crossWallet),
    crossUnPnl: t(sums.crossUnrealized),
    availableBalance: t(sums.available),
    maxWithdrawAmount: t(sums.available),
    updateTime: now,
  };
}

export function balanceView(account: Account, sums: AccountSums, now: number) {
  const row = (asset: string, wallet: number, cross: number, available: number) => ({
    accountAlias: 'FaKe',
    asset,
    balance: wallet.toFixed(8),
    crossWalletBalance: cross.toFixed(8),
    crossUnPnl: asset === 'USDT' ? sums.crossUnrealized.toFixed(8) : '0.00000000',
    availableBalance: available.toFixed(8),
    maxWithdrawAmount: available.toFixed(8),
    marginAvailable: true,
    updateTime: now,
  });
  return [
    row('USDT', account.wallet, account.crossWallet, sums.available),
    row('BNB', account.bnb, account.bnb, account.bnb),
  ];
}

/** The twelve columns of a REST kline. */
export function klineRow(bar: Kline, lengthMs: number, market: Market) {
  const price = (x: number) => market.priceText(x);
  return [
    bar.openTime,
    price(bar.open),
    price(bar.high),
    price(bar.low),
    price(bar.close),
    market.quantityText(bar.volume),
    bar.openTime + lengthMs - 1,
    bar.quote.toFixed(5),
    bar.count,
    market.quantityText(bar.takerVolume),
    bar.takerQuote.toFixed(5),
    '0',
  ];
}
