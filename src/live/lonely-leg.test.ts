import { expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import type { OrderRequest } from '../engine/order.ts';
import { TEST_SYMBOLS, testSession } from '../engine/testing/engine-fixture.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import type { ProtectionRow, StoreState } from '../store/store-state.ts';
import type { AccountPicture } from './ports.ts';
import { LiveSession } from './session.ts';
import { VirtualTime } from './virtual-time.ts';

const [BTC, ETH] = TEST_SYMBOLS;
const START_MS = 1_795_000_000_000;
const LOOK_MS = 100;

const ROW = { tradeId: 'old00001-7', strategyId: 's', disasterTicks: 0, instrumentVersion: 1 };
const ROWS: ProtectionRow[] = [
  { ...ROW, symbol: BTC, side: 'buy', lots: 100, stopTicks: 995_000, isMain: true },
  { ...ROW, symbol: ETH, side: 'sell', lots: 50, stopTicks: 410_000, isMain: false },
];
const LONELY: AccountPicture = {
  positions: [{ symbol: ETH, side: 'sell', lots: 50, entryPrice: 4_000 }],
  orders: [
    {
      ...{ orderId: 'qcm-old00001-8-2s', venueId: 'v', symbol: ETH, side: 'buy', lots: 50 },
      ...{ isConditional: true, reduceOnly: true, closePosition: false, filledLots: 0 },
      ...{ priceTicks: 0, triggerTicks: 410_000 },
    },
  ],
  ...{ balances: [], fills: [], transfers: [] },
};
const BEFORE: StoreState = {
  ...{ snapshot: undefined, suffix: [], lastSeq: 0, protection: ROWS },
  sessions: [
    {
      ...{ bootId: 'old00001', startedMs: START_MS - 60_000, codeVersion: '1', configHash: '' },
      ...{ config: {}, mode: 'live', dataHash: '' },
    },
  ],
};

/** What the first seconds of a start send, and tell, when a commit takes so long. */
function started(commitMs: number): { sent: OrderRequest[]; codes: string[] } {
  const time = new VirtualTime(START_MS);
  const sent: OrderRequest[] = [];
  const codes: string[] = [];
  const { kind: _, ...info } = testSession({ mode: 'live', bootId: 'new00001' });
  const session = new LiveSession({
    ...{ state: BEFORE, damage: [], time, info, config: {}, symbols: TEST_SYMBOLS },
    store: new BufferedStore({
      commit: (_batch, done) => time.wake(time.nowMs() + commitMs, () => done(undefined)),
      close: (done) => done(),
    }),
    createEngine: () => new Engine({ strategies: [], rules: [], isStrict: false }),
    exchange: {
      submit: (request) => void sent.push(request),
      ...{ amend: () => {}, cancel: () => {}, query: () => {} },
    },
    accounts: {
      readAccount: (_ask, done) => {
        time.wake(time.nowMs() + LOOK_MS, () => done({ kind: 'picture', picture: LONELY }));
      },
    },
    feed: { start: () => {}, stop: () => {} },
    observers: [{ onNotify: ({ code }) => codes.push(code) }],
  });
  session.start();
  time.runTo(START_MS + 4_000);
  return { sent, codes };
}

test('a lonely hedge leg is closed while the disk keeps the engine waiting', () => {
  const { sent, codes } = started(5_000);
  expect(sent).toMatchObject([{ role: 'exit', symbol: ETH, side: 'buy', lots: 50 }]);
  expect(codes).toEqual(['START_LONELY']);
});

test('with the books back it is the engine’s: the rows of the start tell of the past', () => {
  const { sent, codes } = started(LOOK_MS / 2);
  expect(sent).toEqual([]);
  expect(codes).not.toContain('START_LONELY');
});
