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
  test('a stop that never arrived is sent again where none stands, and nothing is closed', () => {
    const start = protection([ROW]);
    start.run(EMPTY);
    const lost = { kind: 'order.rejected', code: -2013, reason: 'not known' } as const;
    expect(start.onFact({ ...lost, orderId: sent[0].orderId })).toBe(true);
    expect(sent.map(({ role }) => role)).toEqual(['stop']);
    start.run(EMPTY);
    expect(sent.map(({ role }) => role)).toEqual(['stop', 'stop']);
    start.run({ ...EMPTY, orders: [{ ...STOP, orderId: sent[1].orderId }] });
    expect(sent.length).toBe(2);
  });

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

describe('a hedge leg whose main leg was closed while the engine waits', () => {
  const LEG_STOP = {
    ...STOP,
    orderId: 'qcm-old00001-7-2s',
    symbol: 'ETHUSDT',
    side: 'buy',
  } as const;
  const MAIN_ROW: ProtectionRow = { ...ROW, isMain: true };
  const LEG_ROW: ProtectionRow = {
    ...{ ...ROW, symbol: 'ETHUSDT', side: 'sell', lots: 50, stopTicks: 410_000 },
    isMain: false,
  };
  const LEG = { symbol: 'ETHUSDT', side: 'sell', lots: 50, entryPrice: 4_000 } as const;
  const LONELY: AccountPicture = {
    ...EMPTY,
    positions: [LEG],
    orders: [{ ...LEG_STOP, lots: 50 }],
  };
  const symbols = ['BTCUSDT', 'ETHUSDT'];
  const seesAll = [...symbols, 'SOLUSDT'];
  const SOL_ROW: ProtectionRow = { ...LEG_ROW, symbol: 'SOLUSDT' };
  const rows = [MAIN_ROW, LEG_ROW];
  const close = (start: StartProtection, picture: AccountPicture, told = symbols) =>
    start.closeLonely(picture, { askedMs: nowMs, symbols: told });

  test('is closed at market, with what the venue says is held', () => {
    const start = protection(rows);
    start.run(LONELY);
    close(start, { ...LONELY, positions: [{ ...LEG, lots: 40 }] });
    expect(sent).toMatchObject([
      {
        orderId: 'qcm-new00001-0-10x',
        role: 'exit',
        type: 'market',
        symbol: 'ETHUSDT',
        side: 'buy',
        lots: 40,
        reduceOnly: true,
      },
    ]);
    expect(isApproved(sent[0])).toBe(true);
    expect([...start.lonely]).toEqual(['qcm-new00001-0-10x']);
  });

  test('once as long as the exit may be under way; anew when it was refused or never came', () => {
    const start = protection(rows);
    close(start, LONELY);
    nowMs += 1_499;
    close(start, LONELY);
    expect(sent.length).toBe(1);
    nowMs += 1;
    close(start, LONELY);
    expect(sent.length).toBe(2);
    for (const { orderId } of [...sent]) {
      expect(
        start.onFact({ kind: 'order.rejected', orderId, code: -2022, reason: 'reduce only' }),
      ).toBe(true);
    }
    close(start, LONELY);
    expect(sent.map(({ role }) => role)).toEqual(['exit', 'exit', 'exit']);
    expect(new Set(sent.map(({ orderId }) => orderId)).size).toBe(3);
  });

  test('a stop under way holds up no exit, and none leaves before the stop rests', () => {
    const start = protection(rows);
    const naked = { ...LONELY, orders: [] };
    start.run(naked);
    close(start, naked);
    expect(sent.map(({ role }) => role)).toEqual(['stop']);
    const rests = [{ ...LEG_STOP, orderId: sent[0].orderId, lots: 50 }];
    close(start, { ...LONELY, orders: rests });
    expect(sent.map(({ role }) => role)).toEqual(['stop', 'exit']);
  });

  const entry = { ...STOP, orderId: 'qcm-old00001-7-0e', isConditional: false, reduceOnly: false };
  const isFlipped = { ...LEG, side: 'buy' } as const;
  test.each<[string, ProtectionRow[], Partial<AccountPicture>, string[]]>([
    ['its main leg is held', rows, { positions: [LONG, LEG] }, symbols],
    [
      'its main leg is held the other way',
      rows,
      { positions: [{ ...LONG, side: 'sell' }, LEG] },
      symbols,
    ],
    ['an entry of the main leg rests', rows, { orders: [...LONELY.orders, entry] }, symbols],
    ['its main leg was not open yet', [{ ...MAIN_ROW, lots: 0 }, LEG_ROW], {}, symbols],
    ['nothing of the leg was recorded', [MAIN_ROW, { ...LEG_ROW, lots: 0 }], {}, symbols],
    ['more is held than was recorded', rows, { positions: [{ ...LEG, lots: 51 }] }, symbols],
    ['the other side is held', rows, { positions: [isFlipped] }, symbols],
    ['no stop covers it', rows, { orders: [] }, symbols],
    ['the stop is somebody else’s', rows, { orders: [{ ...LEG_STOP, orderId: 'web_1' }] }, symbols],
    ['the main leg is of another trade', [{ ...MAIN_ROW, tradeId: 'x' }, LEG_ROW], {}, symbols],
    ['the rows do not say which is which', [ROW, { ...LEG_ROW, isMain: undefined }], {}, symbols],
    ['only the leg’s row says which it is', [ROW, LEG_ROW], {}, symbols],
    ['only the main leg’s row does', [MAIN_ROW, { ...LEG_ROW, isMain: undefined }], {}, symbols],
    ['another hedge leg is gone', [SOL_ROW, ...rows], { positions: [LONG, LEG] }, seesAll],
    ['the picture does not show the main leg', rows, {}, ['ETHUSDT']],
    ['the engine would not know the leg', rows, {}, ['BTCUSDT']],
  ])('stays when %s', (_, told, picture, seen) => {
    close(protection(told), { ...LONELY, ...picture }, seen);
    expect(sent).toEqual([]);
  });

  test('a main leg without its hedge is not touched', () => {
    close(protection(rows), { ...EMPTY, orders: [STOP] });
    expect(sent).toEqual([]);
  });
});
