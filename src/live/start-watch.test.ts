import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountAsk } from './ports.ts';
import { StartWatch } from './start-watch.ts';
import { VirtualTime } from './virtual-time.ts';

const START_MS = 1_795_000_000_000;
const FILL = { kind: 'order.filled' } as Parameters<StartWatch['onFact']>[0];
const NOTHING = { orders: [], positions: [], balances: [], fills: [], transfers: [] };

let time: VirtualTime;
let asks: { afterMs: number; ask: AccountAsk }[] = [];
let reads: () => 'picture' | 'failed' = () => 'picture';
let protectedMs: number[] = [];
let isSent = true;
let watch: StartWatch;

beforeEach(() => {
  time = new VirtualTime(START_MS);
  asks = [];
  protectedMs = [];
  reads = () => 'picture';
  isSent = true;
  watch = new StartWatch({
    time,
    accounts: {
      readAccount: (ask, done) => {
        asks.push({ afterMs: time.nowMs() - START_MS, ask });
        time.wake(time.nowMs() + 100, () => {
          if (reads() === 'picture') done({ kind: 'picture', picture: NOTHING });
          else done({ kind: 'failed', reason: 'no' });
        });
      },
    },
    protect: () => isSent,
    onProtected: () => protectedMs.push(time.nowMs() - START_MS),
  });
});

const runTo = (afterMs: number) => time.runTo(START_MS + afterMs);
const times = () => asks.map(({ afterMs }) => afterMs);

describe('a start', () => {
  test('looks at once, as protection, and is done when the engine is back', () => {
    watch.start({ hasProtected: false });
    watch.onEngineBack();
    runTo(60_000);
    expect(asks).toMatchObject([{ afterMs: 0, ask: { urgency: 'protection' } }]);
    expect(protectedMs).toEqual([100]);
  });

  test('tries until a picture came and everything was sent, engine or not', () => {
    reads = () => (time.nowMs() < START_MS + 800 ? 'failed' : 'picture');
    isSent = false;
    watch.start({ hasProtected: false });
    watch.onEngineBack();
    runTo(1_200);
    isSent = true;
    runTo(60_000);
    expect(times()).toEqual([0, 350, 700, 1_050, 1_400]);
    expect(protectedMs).toEqual([1_500]);
  });
});

describe('while the disk keeps the engine waiting', () => {
  test('a fill is looked at within a second, and fills in a row once a second', () => {
    watch.start({ hasProtected: false });
    runTo(50);
    watch.onFact(FILL);
    watch.onFact(FILL);
    runTo(5_000);
    expect(times()).toEqual([0, 1_000]);
    watch.onFact(FILL);
    watch.onFact({ kind: 'order.accepted', orderId: 'a', venueId: '1' });
    runTo(5_050);
    expect(times()).toEqual([0, 1_000, 5_000]);
    expect(protectedMs).toEqual([100]);
  });

  test('without any it looks now and then, for frames may be lost', () => {
    watch.start({ hasProtected: true });
    runTo(25_000);
    expect(times()).toEqual([250, 10_250, 20_250]);
    expect(protectedMs).toEqual([]);
    watch.onFact(FILL);
    watch.onEngineBack();
    watch.onFact(FILL);
    runTo(90_000);
    expect(times()).toEqual([250, 10_250, 20_250]);
  });

  test('nothing is read after a stop', () => {
    watch.start({ hasProtected: false });
    runTo(50);
    watch.stop();
    watch.look();
    runTo(60_000);
    expect(times()).toEqual([0]);
    expect(protectedMs).toEqual([]);
  });
});
