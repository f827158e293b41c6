import { expect, test } from 'vitest';
import { liquidationPrice } from './account.ts';
import { Gateway } from './gateway.ts';
import { defaultInstruments } from './instruments.ts';
import type { Venue } from './venue.ts';

const START = Date.UTC(2026, 0, 1, 7, 59);

// biome-ignore lint/suspicious/noExplicitAny: frames of many shapes, read by key
type Frame = Record<string, any>;

function open(): { gateway: Gateway; venue: Venue; events: Frame[] } {
  const gateway = new Gateway({ startTime: START, balance: 1000, apiKey: 'k', secret: 's' });
  const events: Frame[] = [];
  const key = gateway.hub.create();
  const send = (text: string) => void events.push(JSON.parse(text));
  gateway.hub.connect(`/private/ws?listenKey=${key}`, { send, close: () => {} });
  gateway.venue.account.config('BTCUSDT').marginType = 'ISOLATED';
  gateway.venue.account.config('BTCUSDT').leverage = 10;
  return { gateway, venue: gateway.venue, events };
}

let nextId = 0;

function order(venue: Venue, change: object) {
  return venue.orders.place({
    symbol: 'BTCUSDT',
    side: 'BUY',
    positionSide: 'BOTH',
    type: 'MARKET',
    timeInForce: 'GTC',
    price: 0,
    quantity: 0.01,
    reduceOnly: false,
    reduceOnlySent: false,
    clientId: `c${nextId++}`,
    priceMatch: 'NONE',
    stp: 'NONE',
    goodTillDate: 0,
    ...change,
  });
}

function stop(venue: Venue, change: object) {
  return venue.algos.place({
    symbol: 'BTCUSDT',
    side: 'SELL',
    positionSide: 'BOTH',
    type: 'STOP_MARKET',
    timeInForce: 'GTC',
    quantity: 0.01,
    price: 0,
    triggerPrice: 59_000,
    activatePrice: 0,
    callbackRate: 0,
    workingType: 'CONTRACT_PRICE',
    priceMatch: 'NONE',
    priceProtect: false,
    closePosition: false,
    reduceOnly: true,
    reduceOnlySent: true,
    clientId: `a${nextId++}`,
    stp: 'NONE',
    ...change,
  });
}

test('the liquidation price of the FAQ example is 54216.87', () => {
  const position = {
    symbol: 'BTCUSDT',
    positionSide: 'BOTH' as const,
    amount: 0.01,
    entryPrice: 60_000,
    isolatedWallet: 60,
    realized: 0,
    updateTime: 0,
  };
  const [instrument] = defaultInstruments();
  expect(liquidationPrice(position, { instrument, wallet: 60 })).toBeCloseTo(54216.87, 2);
});

test('an isolated long is liquidated at its price and costs no more than its wallet', () => {
  const { venue, events } = open();
  order(venue, {});
  const before = venue.account.wallet;
  venue.setMark('BTCUSDT', 54_000);
  const last = events.filter((event) => event.e === 'ORDER_TRADE_UPDATE').at(-1) as Frame;
  expect(last.o.c).toMatch(/^autoclose-/);
  expect([last.o.x, last.o.X, last.o.er]).toEqual(['CALCULATED', 'FILLED', '5']);
  expect(venue.account.position('BTCUSDT', 'BOTH').amount).toBe(0);
  expect(before - venue.account.wallet).toBeLessThanOrEqual(60.01);
  expect(before - venue.account.wallet).toBeGreaterThan(57);
});

test('funding at 08:00 takes mark x quantity x rate from the isolated wallet and tells B and P', () => {
  const { venue, events } = open();
  order(venue, {});
  const wallet = venue.account.wallet;
  venue.clock.advanceTo(START + 61_000);
  const event = events.at(-1) as Frame;
  expect(event.a.m).toBe('FUNDING_FEE');
  expect(event.a.P).toHaveLength(1);
  expect(wallet - venue.account.wallet).toBeCloseTo(0.01 * 60_000 * 0.0001, 8);
});

test('a market order larger than the scripted book expires its rest with reason 9', () => {
  const { venue } = open();
  venue.setLevels('BTCUSDT', { bids: [[60_000, 1]], asks: [[60_000.1, 0.004]] });
  const done = order(venue, {});
  expect([done.status, done.filled, done.expireReason]).toEqual(['EXPIRED', 0.004, 9]);
});

test('a resting order is filled by a trade through it, not by one at its price', () => {
  const { venue } = open();
  const resting = order(venue, { type: 'LIMIT', timeInForce: 'GTX', price: 59_990 });
  venue.trade('BTCUSDT', { price: 59_990, quantity: 5, buyerIsMaker: true });
  expect(resting.filled).toBe(0);
  venue.trade('BTCUSDT', { price: 59_989.9, quantity: 0.004, buyerIsMaker: true });
  expect([resting.filled, resting.status]).toEqual([0.004, 'PARTIALLY_FILLED']);
});

test('flat: a closePosition stop expires, a triggered reduce-only stop is REJECTED with a reason', () => {
  const { venue } = open();
  order(venue, {});
  const close = stop(venue, {
    closePosition: true,
    quantity: 0,
    reduceOnly: false,
    reduceOnlySent: false,
  });
  expect(() =>
    stop(venue, { closePosition: true, quantity: 0, reduceOnly: false, reduceOnlySent: false }),
  ).toThrow(expect.objectContaining({ venueCode: -4130 }));
  const working = stop(venue, {});
  order(venue, { side: 'SELL', reduceOnly: true });
  expect(close.status).toBe('EXPIRED');
  expect(working.status).toBe('NEW');
  venue.setPrice('BTCUSDT', 58_990);
  expect([working.status, working.rejectReason]).toEqual(['REJECTED', 'Reduce Only reject']);
});

test('priceProtect holds a trigger back while mark and last lie apart', () => {
  const { venue } = open();
  order(venue, {});
  const working = stop(venue, { priceProtect: true });
  venue.trade('BTCUSDT', { price: 56_000, quantity: 0.01, buyerIsMaker: true });
  expect(working.status).toBe('NEW');
  venue.setMark('BTCUSDT', 56_500);
  expect(working.status).toBe('FINISHED');
});

test('a trailing stop follows the best price and fires at its callback', () => {
  const { venue } = open();
  order(venue, {});
  const trailing = stop(venue, { type: 'TRAILING_STOP_MARKET', triggerPrice: 0, callbackRate: 1 });
  venue.setPrice('BTCUSDT', 61_000);
  expect(trailing.triggerPrice).toBeCloseTo(60_390, 6);
  venue.setPrice('BTCUSDT', 60_390);
  expect(trailing.status).toBe('FINISHED');
});

test('a symbol that leaves TRADING refuses orders by its status, and what rests only rests', () => {
  const { venue } = open();
  order(venue, {});
  const { instrument } = venue.market('BTCUSDT');
  const working = stop(venue, { triggerPrice: 59_000 });
  const refusal = (place: () => unknown): number => {
    try {
      place();
      return 0;
    } catch (error) {
      return (error as { venueCode: number }).venueCode;
    }
  };
  const opens = () => refusal(() => order(venue, {}));
  const more = () => refusal(() => stop(venue, { clientId: 'again', triggerPrice: 58_000 }));
  instrument.status = 'SETTLING';
  venue.setPrice('BTCUSDT', 58_900);
  expect([opens(), more(), working.status]).toEqual([-4108, -4108, 'NEW']);
  instrument.status = 'CLOSE';
  expect(opens()).toBe(-4141);
  instrument.status = 'PRE_SETTLE';
  expect([opens(), more()]).toEqual([-4140, 0]);
  instrument.status = 'TRADING';
  venue.setPrice('BTCUSDT', 58_800);
  expect(working.status).toBe('FINISHED');
});

test('a stop may be FINISHED with nothing executed', () => {
  const { venue, events } = open();
  order(venue, {});
  const working = stop(venue, {});
  venue.algos.finishEmpty(working);
  const last = (events.at(-1) as { o: { X: string; aq: string } }).o;
  expect([last.X, Number(last.aq), venue.algos.open.size]).toEqual(['FINISHED', 0, 0]);
  expect(venue.account.position('BTCUSDT', 'BOTH').amount).not.toBe(0);
});

test('the dead-man timer cancels orders and leaves conditional ones', () => {
  const { venue } = open();
  const resting = order(venue, { type: 'LIMIT', price: 59_000 });
  const working = stop(venue, {});
  venue.countdown('BTCUSDT', 5000);
  venue.clock.advanceTo(START + 4999);
  expect(resting.status).toBe('NEW');
  venue.clock.advanceTo(START + 5000);
  expect(resting.status).toBe('CANCELED');
  expect(working.status).toBe('NEW');
});

test('weights are counted, exceeded with 429, and a ban answers 418 with its end', () => {
  const { gateway } = open();
  const ask = () =>
    gateway.request({ method: 'GET', path: '/fapi/v1/time', query: '', body: '', apiKey: '' });
  expect(ask().headers['X-MBX-USED-WEIGHT-1M']).toBe('1');
  gateway.limits.limits.weightPerMinute = 2;
  ask();
  expect([ask().status, JSON.parse(ask().body).code]).toEqual([429, -1003]);
  gateway.limits.bannedUntil = START + 120_000;
  expect(ask().status).toBe(418);
  expect(ask().body).toContain(String(START + 120_000));
});

test('depth frames chain by pu, and a key that expired mutes the private socket', () => {
  const { gateway, venue, events } = open();
  const frames: Frame[] = [];
  const send = (text: string) => void frames.push(JSON.parse(text));
  gateway.hub.connect('/public/ws/btcusdt@depth@100ms', { send, close: () => {} });
  for (let i = 1; i <= 20; i++) {
    venue.setPrice('BTCUSDT', 60_000 + i);
    venue.clock.advanceTo(START + i * 100);
  }
  expect(frames.length).toBeGreaterThan(10);
  for (let i = 1; i < frames.length; i++) expect(frames[i].pu).toBe(frames[i - 1].u);
  gateway.hub.expireListenKey();
  expect((events.at(-1) as Frame).e).toBe('listenKeyExpired');
  const count = events.length;
  order(venue, {});
  expect(events.length).toBe(count);
});
