import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Gateway } from './gateway.ts';

// Keys and JSON types of what the fake says, held against recorded and documented messages.
const PAYLOADS = join(process.env.QCM_SHARED ?? '../shared', 'payloads/binance');
const present = existsSync(PAYLOADS);
if (!present) console.warn(`SKIPPED: contract tests of the fake exchange, no ${PAYLOADS}`);

const START = Date.UTC(2026, 0, 1, 7, 59, 50);
// biome-ignore lint/suspicious/noExplicitAny: messages of many shapes, read by key
type Loose = any;
type Json = null | string | number | boolean | Json[] | { [key: string]: Json };

function recorded(name: string): Json {
  const value = JSON.parse(readFileSync(join(PAYLOADS, name), 'utf8'));
  return value.event ?? value.body ?? value.data ?? value;
}

/** What is missing or of another type in `ours`; keys beyond the recording are allowed. */
function differences(theirs: Json, ours: Json, path = '$'): string[] {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours)) return [`${path}: not a list`];
    return theirs.length > 0 && ours.length > 0
      ? differences(theirs[0], ours[0], `${path}[0]`)
      : [];
  }
  if (theirs !== null && typeof theirs === 'object') {
    if (ours === null || typeof ours !== 'object' || Array.isArray(ours))
      return [`${path}: no object`];
    return Object.entries(theirs).flatMap(([key, value]) =>
      key.startsWith('_')
        ? []
        : key in ours
          ? differences(value, ours[key], `${path}.${key}`)
          : [`${path}.${key}: missing`],
    );
  }
  if (theirs === null || typeof theirs === typeof ours) return [];
  return [`${path}: ${typeof ours} instead of ${typeof theirs}`];
}

const gateway = new Gateway({ startTime: START, balance: 10_000, apiKey: 'k', secret: 's' });
const frames: { [key: string]: Json }[] = [];
const sink = { send: (text: string) => void frames.push(JSON.parse(text)), close: () => {} };

function call(method: string, path: string, fields: Record<string, string> = {}): Json {
  const query = new URLSearchParams({ ...fields, timestamp: String(gateway.venue.clock.now) });
  const signature = createHmac('sha256', 's').update(query.toString()).digest('hex');
  const open = /time$|premiumIndex|exchangeInfo|klines|depth|fundingRate|aggTrades/.test(path);
  const raw = open ? new URLSearchParams(fields).toString() : `${query}&signature=${signature}`;
  const answer = gateway.request({ method, path, query: raw, body: '', apiKey: 'k' });
  expect(answer.status, answer.body).toBe(200);
  return JSON.parse(answer.body);
}

function frame(event: string, with_: (frame: Loose) => boolean = () => true): Json {
  const found = frames.find((entry) => entry.e === event && with_(entry));
  expect(found, event).toBeDefined();
  return found as Json;
}

const BTC = { symbol: 'BTCUSDT' };
const answers: Record<string, Json> = {};

/** One life of orders, so that every message has been said once. */
function live(): void {
  const key = gateway.hub.create();
  gateway.hub.connect(`/private/ws?listenKey=${key}`, sink);
  gateway.hub.connect('/public/ws/btcusdt@bookTicker/btcusdt@depth@100ms', sink);
  const streams = 'btcusdt@aggTrade/btcusdt@kline_1m/btcusdt@markPrice@1s/!forceOrder@arr';
  gateway.hub.connect(`/market/ws/${streams}`, sink);
  answers.marginType = call('POST', '/fapi/v1/marginType', { ...BTC, marginType: 'ISOLATED' });
  answers.leverage = call('POST', '/fapi/v1/leverage', { ...BTC, leverage: '10' });
  const entry = { ...BTC, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01' };
  answers.newOrder = call('POST', '/fapi/v1/order', {
    ...entry,
    price: '59000',
    newClientOrderId: 'o',
  });
  answers.openOrders = call('GET', '/fapi/v1/openOrders', BTC);
  answers.query = call('GET', '/fapi/v1/order', { ...BTC, origClientOrderId: 'o' });
  answers.cancel = call('DELETE', '/fapi/v1/order', { ...BTC, origClientOrderId: 'o' });
  call('POST', '/fapi/v1/order', { ...entry, price: '60001' });
  const stop = { ...BTC, algoType: 'CONDITIONAL', type: 'STOP_MARKET', side: 'SELL' };
  const close = { ...stop, triggerPrice: '59000', closePosition: 'true' };
  answers.newAlgo = call('POST', '/fapi/v1/algoOrder', { ...close, clientAlgoId: 'a' });
  answers.openAlgo = call('GET', '/fapi/v1/openAlgoOrders', BTC);
  answers.queryAlgo = call('GET', '/fapi/v1/algoOrder', { clientAlgoId: 'a' });
  answers.cancelAlgo = call('DELETE', '/fapi/v1/algoOrder', { clientAlgoId: 'a' });
  answers.cancelAll = call('DELETE', '/fapi/v1/allOpenOrders', BTC);
  answers.cancelAllAlgo = call('DELETE', '/fapi/v1/algoOpenOrders', BTC);
  gateway.venue.clock.advanceTo(START + 500);
  gateway.venue.setPrice('BTCUSDT', 60_100);
  gateway.venue.clock.advanceTo(START + 11_000);
  answers.countdown = call('POST', '/fapi/v1/countdownCancelAll', {
    ...BTC,
    countdownTime: '5000',
  });
  const get = (name: string, fields = {}) => call('GET', `/fapi/${name}`, fields);
  answers.positionRisk = get('v3/positionRisk', BTC);
  answers.account = get('v3/account');
  answers.balance = get('v3/balance');
  answers.userTrades = get('v1/userTrades', BTC);
  answers.income = get('v1/income', {});
  answers.symbolConfig = get('v1/symbolConfig', BTC);
  answers.accountConfig = get('v1/accountConfig');
  answers.commissionRate = get('v1/commissionRate', BTC);
  answers.leverageBracket = get('v1/leverageBracket', {});
  answers.rateLimit = get('v1/rateLimit/order');
  answers.exchangeInfo = get('v1/exchangeInfo');
  answers.premiumIndex = get('v1/premiumIndex', BTC);
  answers.depth = get('v1/depth', BTC);
  answers.klines = get('v1/klines', { ...BTC, interval: '1m' });
  gateway.venue.setMark('BTCUSDT', 54_000);
}

test('the comparison sees a missing key and another type', () => {
  expect(differences({ a: '1', b: [{ c: 1 }] }, { b: [{ c: '1' }] })).toHaveLength(2);
});

describe.skipIf(!present)('the fake speaks like the recordings', () => {
  if (present) live();
  const DOCS = 'binance_docs/rest_';
  const SDK = 'official-sdk/rest-api__';
  test.each([
    ['newOrder', 'rest_new_order_ACK_2026.json'],
    ['cancelAlgo', `${SDK}TradeApi__cancelAlgoOrder.json`],
    ['cancelAll', `${SDK}TradeApi__cancelAllOpenOrders.json`],
    ['cancelAllAlgo', `${SDK}TradeApi__cancelAllAlgoOpenOrders.json`],
    ['newAlgo', `${SDK}TradeApi__newAlgoOrder.json`],
    ['openAlgo', `${SDK}TradeApi__currentAllAlgoOpenOrders.json`],
    ['queryAlgo', `${SDK}TradeApi__queryAlgoOrder.json`],
    ['marginType', `${SDK}TradeApi__changeMarginType.json`],
    ['leverage', `${SDK}TradeApi__changeInitialLeverage.json`],
    ['countdown', `${SDK}TradeApi__autoCancelAllOpenOrders.json`],
    ['positionRisk', `${SDK}TradeApi__positionInformationV3.json`],
    ['userTrades', `${SDK}TradeApi__accountTradeList.json`],
    ['account', `${SDK}AccountApi__accountInformationV3.json`],
    ['balance', `${SDK}AccountApi__futuresAccountBalanceV3.json`],
    ['income', `${SDK}AccountApi__getIncomeHistory.json`],
    ['symbolConfig', `${SDK}AccountApi__symbolConfiguration.json`],
    ['accountConfig', `${SDK}AccountApi__futuresAccountConfiguration.json`],
    ['commissionRate', `${SDK}AccountApi__userCommissionRate.json`],
    ['rateLimit', `${SDK}AccountApi__queryUserRateLimit.json`],
    ['leverageBracket', 'leverageBracket_BTC_ETH_SOL.json'],
    ['exchangeInfo', 'exchangeInfo_BTC_ETH_SOL.json'],
    ['depth', `${DOCS}depth.json`],
    ['klines', `${DOCS}klines.json`],
    ['premiumIndex', `${DOCS}premiumIndex.json`],
  ])('answer %s has the keys and types of %s', (name, file) => {
    expect(answers[name]).toBeDefined();
    expect(differences(recorded(file), answers[name])).toEqual([]);
  });

  test.each([
    ['ORDER_TRADE_UPDATE', 'captured/ORDER_TRADE_UPDATE_live_2026-05-21.json'],
    ['TRADE_LITE', 'binance_docs/uds_TRADE_LITE.json'],
    ['ACCOUNT_UPDATE', 'binance_docs/uds_ACCOUNT_UPDATE.json'],
    ['ALGO_UPDATE', 'binance_docs/uds_ALGO_UPDATE.json'],
    ['ACCOUNT_CONFIG_UPDATE', 'binance_docs/uds_ACCOUNT_CONFIG_UPDATE.json'],
    ['aggTrade', 'binance_docs/ws_aggTrade.json'],
    ['bookTicker', 'binance_docs/ws_bookTicker.json'],
    ['depthUpdate', 'binance_docs/ws_depthUpdate.json'],
    ['kline', 'binance_docs/ws_kline.json'],
    ['markPriceUpdate', 'binance_docs/ws_markPrice.json'],
    ['forceOrder', 'binance_docs/ws_forceOrder.json'],
  ])('frame %s has the keys and types of %s', (event, file) => {
    expect(differences(recorded(file), frame(event))).toEqual([]);
  });

  test('the filters are those of the recording', () => {
    const theirs = recorded('exchangeInfo_BTC_ETH_SOL.json') as Loose;
    const ours = answers.exchangeInfo as Loose;
    const grid = (info: Loose, i: number) =>
      info.symbols[i].filters
        .filter((f: Loose) => ['PRICE_FILTER', 'LOT_SIZE', 'MIN_NOTIONAL'].includes(f.filterType))
        .map((f: Loose) => Number(f.tickSize ?? f.stepSize ?? f.notional));
    for (let i = 0; i < 3; i++) expect(grid(ours, i)).toEqual(grid(theirs, i));
  });

  test('a closed minute comes with x = true', () => {
    const bar = frame('kline', (entry) => entry.k.x === true) as { k: { t: number; T: number } };
    expect(bar.k.T - bar.k.t).toBe(59_999);
  });
});
