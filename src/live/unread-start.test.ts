import { expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import type { OrderRequest } from '../engine/order.ts';
import { TEST_SYMBOLS, testSession } from '../engine/testing/engine-fixture.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import type { ProtectionRow } from '../store/store-state.ts';
import type { AccountPicture } from './ports.ts';
import { LiveSession } from './session.ts';
import { VirtualTime } from './virtual-time.ts';

const [BTC] = TEST_SYMBOLS;
const START_MS = 1_795_000_000_000;
const FILLED_MS = 5_000;
const NOTHING = { orders: [], positions: [], balances: [], fills: [], transfers: [] };
const BARE: AccountPicture = {
  ...NOTHING,
  positions: [{ symbol: BTC, side: 'buy', lots: 100, entryPrice: 100_000 }],
};
const ROW: ProtectionRow = {
  ...{ symbol: BTC, tradeId: 'old00001-7', strategyId: 's', side: 'buy', lots: 0 },
  ...{ stopTicks: 995_000, disasterTicks: 0, instrumentVersion: 1, isMain: true },
};
const OLD = {
  ...{ bootId: 'old00001', startedMs: START_MS - 60_000, codeVersion: '1', configHash: '' },
  ...{ config: {}, mode: 'live' as const, dataHash: '' },
};

/** The books are back at once; of an order of the process before nobody hears that it was filled. */
function started(canReadAll: boolean): { sent: OrderRequest[]; protectionReads: number } {
  const time = new VirtualTime(START_MS);
  const sent: OrderRequest[] = [];
  let protectionReads = 0;
  const { kind: _, ...info } = testSession({ mode: 'live', bootId: 'new00001' });
  const session = new LiveSession({
    ...{ damage: [], time, info, config: {}, symbols: TEST_SYMBOLS },
    state: { snapshot: undefined, suffix: [], lastSeq: 0, protection: [ROW], sessions: [OLD] },
    store: new BufferedStore({
      commit: (_batch, done) => time.wake(time.nowMs() + 150, () => done(undefined)),
      close: (done) => done(),
    }),
    createEngine: () => new Engine({ strategies: [], rules: [], isStrict: false }),
    exchange: {
      submit: (request) => void sent.push(request),
      ...{ amend: () => {}, cancel: () => {}, query: () => {} },
    },
    accounts: {
      readAccount: ({ urgency }, done) => {
        const isProtection = urgency === 'protection';
        if (isProtection) protectionReads++;
        const picture = time.nowMs() < START_MS + FILLED_MS ? NOTHING : BARE;
        time.wake(time.nowMs() + 100, () => {
          if (isProtection || canReadAll) done({ kind: 'picture', picture });
          else done({ kind: 'failed', reason: 'trades: no answer' });
        });
      },
    },
    feed: { start: () => {}, stop: () => {} },
  });
  session.start();
  time.runTo(START_MS + 11_000);
  return { sent, protectionReads };
}

test('positions are watched until the account was compared, not only until the books are back', () => {
  const { sent } = started(false);
  expect(sent).toMatchObject([{ role: 'stop', symbol: BTC, side: 'sell', triggerTicks: 995_000 }]);
});

test('once it was compared the start looks no more', () => {
  expect(started(true).protectionReads).toBe(1);
});
