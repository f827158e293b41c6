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
/** After the start; reads before it are held back. */
let heldUntilMs: number | undefined;
let protectedMs: number[] = [];
let isSent = true;
let watch: StartWatch;

beforeEach(() => {
  time = new VirtualTime(START_MS);
  asks = [];
  protectedMs = [];
  reads = () => 'picture';
  heldUntilMs = undefined;
  isSent = true;
  watch = new StartWatch({
    time,
    accounts: {
      readAccount: (ask, done) => {
        asks.push({ afterMs: time.nowMs() - START_MS, ask });
        time.wake(time.nowMs() + 100, () => {
          const retryAtMs = heldUntilMs === undefined ? undefined : START_MS + heldUntilMs;
          if (retryAtMs !== undefined && time.nowMs() < retryAtMs) {
            done({ kind: 'failed', reason: 'not sent', retryAtMs });
          } else if (reads() === 'picture') done({ kind: 'picture', picture: NOTHING });
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

  test('a read that a ban holds back is taken when the ban ends, not a pause later', () => {
    heldUntilMs = 9_000;
    watch.start({ hasProtected: false });
    runTo(10_000);
    expect(times()).toEqual([0, 9_000]);
    expect(protectedMs).toEqual([9_100]);
  });

  test('a long wait is asked about now and then, for the clock may be set', () => {
    heldUntilMs = 40_000;
    watch.start({ hasProtected: false });
    runTo(41_000);
    expect(times()).toEqual([0, 16_100, 32_200, 40_000]);
  });

  test('a request of the start that a ban refused is followed by a look, other refusals are not', () => {
    watch.start({ hasProtected: true });
    runTo(2_000);
    watch.onFact({ kind: 'order.rejected', orderId: 'a', code: -1003, reason: 'banned' });
    runTo(5_000);
    expect(times()).toEqual([250, 2_000]);
    watch.onFact({ kind: 'order.rejected', orderId: 'a', code: -2022, reason: 'reduce only' });
    runTo(10_000);
    expect(times()).toEqual([250, 2_000]);
  });
});

describe('while the disk keeps the engine waiting', () => {
  test('a fill is looked at at once, and fills in a row once a second', () => {
    watch.start({ hasProtected: false });
    runTo(50);
    watch.onFact(FILL);
    watch.onFact(FILL);
    runTo(200);
    expect(times()).toEqual([0, 100]);
    runTo(250);
    watch.onFact(FILL);
    watch.onFact(FILL);
    runTo(5_000);
    expect(times()).toEqual([0, 100, 1_100]);
    watch.onFact(FILL);
    watch.onFact({ kind: 'order.accepted', orderId: 'a', venueId: '1' });
    runTo(5_050);
    expect(times()).toEqual([0, 100, 1_100, 5_000]);
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

  test('frames of one moment do not put off the look of the first', () => {
    watch.start({ hasProtected: false });
    runTo(500);
    for (let left = 3; left > 0; left--) watch.onFact(FILL);
    runTo(2_000);
    expect(times()).toEqual([0, 500]);
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
