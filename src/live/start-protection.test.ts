import { beforeEach, describe, expect, test } from 'vitest';
import type { OrderRequest } from '../engine/order.ts';
import { isApproved } from '../engine/risk-gate.ts';
import type { ProtectionRow } from '../store/store-state.ts';
import type { AccountPicture, RestingOrder } from './ports.ts';
import { StartProtection } from './start-protection.ts';

const ROW: ProtectionRow = {
  symbol: 'BTCUSDT',
  tradeId: 'old00001-7',
  strategyId: 's',
  side: 'buy',
  lots: 100,
  stopTicks: 995_000,
  disasterTicks: 990_000,
  instrumentVersion: 1,
};
const LONG = { symbol: 'BTCUSDT', side: 'buy', lots: 120, entryPrice: 100_000 } as const;
const EMPTY: AccountPicture = {
  orders: [],
  positions: [LONG],
  balances: [],
  fills: [],
  transfers: [],
};
const STOP: RestingOrder = {
  orderId: 'qcm-old00001-7-1s',
  venueId: 'v',
  symbol: 'BTCUSDT',
  side: 'sell',
  isConditional: true,
  reduceOnly: true,
  closePosition: false,
  priceTicks: 0,
  triggerTicks: 995_000,
  lots: 120,
  filledLots: 0,
};

let nowMs = 36;
let sent: OrderRequest[] = [];
beforeEach(() => {
  nowMs = 36;
  sent = [];
});

function protection(rows: readonly ProtectionRow[]): StartProtection {
  const never = () => {
    throw new Error('only submits');
  };
  return new StartProtection({
    rows,
    knownBootIds: new Set(['old00001', 'new00001']),
    bootId: 'new00001',
    time: { nowMs: () => nowMs },
    exchange: {
      submit: (request) => sent.push(request),
      amend: never,
      cancel: never,
      query: never,
    },
  });
}

describe('a position that the table proves ours', () => {
  test('gets a stop over what the venue says is held, at the recorded price', () => {
    protection([ROW]).run(EMPTY);
    expect(sent).toMatchObject([
      {
        orderId: 'qcm-new00001-0-10s',
        role: 'stop',
        type: 'stopMarket',
        symbol: 'BTCUSDT',
        side: 'sell',
        lots: 120,
        triggerTicks: 995_000,
        reduceOnly: true,
      },
    ]);
    expect(isApproved(sent[0])).toBe(true);
  });

  test('is left alone when a working stop of ours covers it', () => {
    protection([ROW]).run({ ...EMPTY, orders: [STOP] });
    expect(sent).toEqual([]);
  });

  test('gets one when the stop covers a part only, or is the disaster stop, or somebody else’s', () => {
    for (const order of [
      { ...STOP, lots: 100 },
      { ...STOP, reduceOnly: false, closePosition: true, lots: 0 },
      { ...STOP, orderId: 'web_1' },
    ]) {
      sent = [];
      protection([ROW]).run({ ...EMPTY, orders: [order] });
      expect(sent.map(({ role }) => role)).toEqual(['stop']);
    }
  });

  test('is closed at market when the venue refuses the stop, once', () => {
    const start = protection([ROW]);
    start.run(EMPTY);
    const reject = { kind: 'order.rejected', code: -2021, reason: 'would trigger' } as const;
    expect(start.onFact({ ...reject, orderId: sent[0].orderId })).toBe(true);
    expect(sent.map(({ role, side, lots }) => [role, side, lots])).toEqual([
      ['stop', 'sell', 120],
      ['exit', 'sell', 120],
    ]);
    expect(start.onFact({ ...reject, orderId: sent[1].orderId })).toBe(true);
    expect(sent.length).toBe(2);
    expect(start.onFact({ ...reject, orderId: 'qcm-old00001-7-9s' })).toBe(false);
  });
});

describe('run again while the books are not back', () => {
  test('asks for nothing twice: what is under way may be missing in the picture', () => {
    const start = protection([ROW]);
    start.run(EMPTY);
    nowMs += 1_400;
    start.run(EMPTY);
    expect(sent.length).toBe(1);
    start.run({ ...EMPTY, orders: [{ ...STOP, orderId: sent[0].orderId }] });
    expect(sent.length).toBe(1);
  });

  test('sends another one when more is held, the first was taken away or never came', () => {
    const start = protection([ROW]);
    start.run(EMPTY);
    start.run({ ...EMPTY, positions: [{ ...LONG, lots: 130 }] });
    expect(sent.map(({ lots }) => lots)).toEqual([120, 130]);
    for (const { orderId } of [...sent]) start.onFact({ kind: 'order.cancelled', orderId });
    start.run(EMPTY);
    nowMs += 1_500;
    start.run(EMPTY);
    expect(sent.map(({ lots }) => lots)).toEqual([120, 130, 120, 120]);
    expect(new Set(sent.map(({ orderId }) => orderId)).size).toBe(4);
  });

  test('tells of a position without a recorded price once', () => {
    const start = protection([]);
    const orders = [{ ...STOP, isConditional: false }];
    start.run({ ...EMPTY, orders });
    start.run({ ...EMPTY, orders });
    expect(start.unpriced).toEqual(['BTCUSDT']);
  });
});

test('an entry that was filled while nobody looked has a row, and is protected', () => {
  protection([{ ...ROW, lots: 0 }]).run(EMPTY);
  expect(sent.map(({ lots }) => lots)).toEqual([120]);
});

test('a position of somebody else is not touched, on the other side of ours as well', () => {
  protection([]).run(EMPTY);
  protection([ROW]).run({ ...EMPTY, positions: [{ ...LONG, side: 'sell' }] });
  protection([ROW]).run({ ...EMPTY, positions: [{ ...LONG, symbol: 'ETHUSDT' }] });
  expect(sent).toEqual([]);
});

test('one that only orders of ours prove has no recorded price: the operator is told', () => {
  const start = protection([]);
  const target = { ...STOP, orderId: 'qcm-old00001-7-4t', isConditional: false };
  start.run({ ...EMPTY, orders: [target] });
  expect(sent).toEqual([]);
  expect(start.unpriced).toEqual(['BTCUSDT']);
});
