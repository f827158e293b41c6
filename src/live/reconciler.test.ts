import { beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../engine/engine.ts';
import type { EngineEvent, EventSource, OrderFilled } from '../engine/event.ts';
import type { OrderRequest } from '../engine/order.ts';
import type { ExchangePort } from '../engine/ports.ts';
import {
  EngineDriver,
  ScriptedStrategy,
  testPlan,
  testSession,
} from '../engine/testing/engine-fixture.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import type { AccountAnswer, AccountAsk, AccountPicture, RestingOrder } from './ports.ts';
import { Reconciler } from './reconciler.ts';
import { VirtualTime } from './virtual-time.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];

/** A driver's engine as the books, a picture typed by hand as the venue. */
class ReconcileRig {
  readonly time: VirtualTime;
  readonly driver: EngineDriver;
  readonly told: { event: EngineEvent; source: EventSource }[] = [];
  readonly cancelled: string[] = [];
  readonly codes: string[] = [];
  readonly asks: AccountAsk[] = [];
  picture: AccountPicture;
  failure: string | undefined;
  retryAtMs: number | undefined;
  agreed = 0;
  readonly reconciler: Reconciler;

  constructor() {
    const strategy = new ScriptedStrategy();
    const engine = new Engine({ strategies: [strategy], rules: [], isStrict: false });
    const session = testSession({ mode: 'live', bootId: 'test0001' });
    this.driver = new EngineDriver({ engine, strategy, session });
    this.driver.send({ kind: 'session.reconciled' });
    this.time = new VirtualTime(this.driver.nowMs + 10_000);
    this.picture = {
      orders: [],
      positions: [],
      balances: [{ asset: 'USDT', cashUnits: session.cashUnits }],
      fills: [],
      transfers: [],
    };
    this.reconciler = new Reconciler({
      engine: () => engine,
      deliver: (event, source) => {
        this.told.push({ event, source });
        this.driver.nowMs = Math.max(this.driver.nowMs, this.time.nowMs());
        this.driver.send(event);
      },
      time: this.time,
      accounts: { readAccount: (ask, done) => this.answer(ask, done) },
      exchange: this.port(),
      store: new BufferedStore(new SqliteStore(':memory:')),
      symbols: SYMBOLS,
      knownBootIds: new Set(['test0001']),
      sinceMs: this.driver.nowMs,
      notify: ({ code }) => this.codes.push(code),
      onCompared: () => {},
      onAgreed: () => this.agreed++,
    });
  }

  /** Looks, and goes on for as long; returns what was told as events. */
  look(forMs = 3_000): EngineEvent[] {
    const from = this.told.length;
    this.reconciler.request();
    this.time.runTo(this.time.nowMs() + forMs);
    return this.told.slice(from).map(({ event }) => event);
  }

  halts(): readonly string[] {
    return this.driver.engine.inspect().halts;
  }

  /** A long of `lots`, entry filled, stop and disaster stop acknowledged and resting. */
  openTrade(): OrderRequest {
    const { driver } = this;
    driver.strategy.next({ kind: 'enter', plan: testPlan() });
    driver.bar('BTCUSDT', 100_000);
    const [entry] = driver.submits('entry');
    driver.fill(entry, 100_000);
    const sent = driver.submits();
    for (const request of sent) driver.accept(request.orderId);
    const cashUnits = driver.engine.inspect().kernel.portfolio.cashUnits();
    this.picture = {
      ...this.picture,
      orders: sent.map((request) =>
        resting({ ...request, isConditional: request.triggerTicks > 0 }),
      ),
      positions: [{ symbol: 'BTCUSDT', side: 'buy', lots: entry.lots, entryPrice: 100_000 }],
      balances: [{ asset: 'USDT', cashUnits }],
    };
    return entry;
  }

  private answer(ask: AccountAsk, done: (answer: AccountAnswer) => void): void {
    this.asks.push(ask);
    const { failure, retryAtMs } = this;
    this.time.wake(this.time.nowMs() + 50, () =>
      done(
        failure === undefined
          ? { kind: 'picture', picture: this.picture }
          : { kind: 'failed', reason: failure, retryAtMs },
      ),
    );
  }

  private port(): ExchangePort {
    const never = () => {
      throw new Error('the reconciler only cancels');
    };
    return {
      submit: never,
      amend: never,
      query: never,
      cancel: ({ orderId }) => this.cancelled.push(orderId),
    };
  }
}

function resting(order: Partial<RestingOrder> & { orderId: string }): RestingOrder {
  return {
    venueId: 'v',
    symbol: 'BTCUSDT',
    side: 'buy',
    isConditional: false,
    reduceOnly: false,
    closePosition: false,
    priceTicks: 1,
    triggerTicks: 0,
    lots: 1,
    filledLots: 0,
    ...order,
  };
}

function fill(over: Partial<OrderFilled>): OrderFilled {
  return {
    kind: 'order.filled',
    orderId: 'x',
    fillId: 'f',
    symbol: 'BTCUSDT',
    side: 'sell',
    priceTicks: 1_000_000,
    lots: 1,
    feeUnits: 0,
    feeAsset: 'USDT',
    isMaker: false,
    origin: 'own',
    ...over,
  };
}

let rig: ReconcileRig;
beforeEach(() => {
  rig = new ReconcileRig();
});

describe('books and venue agree', () => {
  test('nothing is told, and it looks again a minute later', () => {
    expect(rig.look()).toEqual([]);
    expect(rig.agreed).toBe(1);
    rig.time.runTo(rig.time.nowMs() + 60_000);
    expect(rig.asks.length).toBe(2);
  });

  test('with an open trade as well', () => {
    rig.openTrade();
    expect(rig.look()).toEqual([]);
    expect(rig.agreed).toBe(1);
  });

  test('a picture that fails is taken again, and nothing is concluded', () => {
    rig.openTrade();
    rig.failure = 'HTTP 502';
    expect(rig.look()).toEqual([]);
    expect(rig.codes).toContain('ACCOUNT_READ');
    expect(rig.agreed).toBe(0);
    rig.failure = undefined;
    rig.time.runTo(rig.time.nowMs() + 2_000);
    expect(rig.agreed).toBe(1);
  });
});

test('without agreement it looks less and less often: every look costs weight', () => {
  rig.failure = 'HTTP 429';
  rig.look(120_000);
  // After 0, 1, 2, 3, 5, 9, 17, 33, 49, 65, 81, 97 and 113 s.
  expect(rig.asks.length).toBe(13);
  rig.failure = undefined;
  rig.time.runTo(rig.time.nowMs() + 20_000);
  expect(rig.agreed).toBe(1);
  rig.failure = 'HTTP 502';
  const before = rig.asks.length;
  rig.look(2_500);
  expect(rig.asks.length).toBe(before + 3);
});

describe('what the stream did not tell', () => {
  test('a fill becomes an event, once', () => {
    const entry = rig.openTrade();
    const stop = rig.picture.orders.find((order) => order.orderId.endsWith('s'));
    const missed = fill({ orderId: stop?.orderId, fillId: 'm1', lots: entry.lots });
    rig.picture = { ...rig.picture, orders: [], positions: [], fills: [{ atMs: 1, fill: missed }] };
    const events = rig.look(20_000);
    expect(events.filter(({ kind }) => kind === 'order.filled')).toEqual([missed]);
    const { kernel } = rig.driver.engine.inspect();
    expect(kernel.portfolio.position('BTCUSDT')?.lots).toBe(0);
  });

  test('an order that does not rest any more is asked about', () => {
    rig.openTrade();
    const [gone, ...others] = rig.picture.orders;
    rig.picture = { ...rig.picture, orders: others };
    expect(rig.look(500)).toEqual([
      { kind: 'order.unknown', orderId: gone.orderId, reason: 'not among the open orders' },
    ]);
    expect(rig.driver.effects.map(({ kind }) => kind)).toEqual(['order.query']);
    expect(rig.agreed).toBe(0);
  });

  test('one that has just been sent is not', () => {
    rig.driver.nowMs = rig.time.nowMs();
    rig.driver.strategy.next({ kind: 'enter', plan: testPlan() });
    rig.driver.bar('BTCUSDT', 100_000);
    expect(rig.look(500)).toEqual([]);
  });
});

describe('orders that nobody stands for', () => {
  test('one of ours that would open a position goes, and nothing else counts meanwhile', () => {
    const orderId = 'qcm-test0001-99-0l';
    const late = fill({ fillId: 'late', side: 'buy' });
    rig.picture = {
      ...rig.picture,
      orders: [resting({ orderId })],
      fills: [{ atMs: 1, fill: late }],
    };
    expect(rig.look(500)).toEqual([]);
    expect(rig.cancelled).toEqual([orderId]);
    rig.picture = { ...rig.picture, orders: [] };
    rig.time.runTo(rig.time.nowMs() + 2_000);
    expect(rig.told.map(({ event }) => event)).toContainEqual(late);
  });

  test('a stop of ours on a flat symbol goes; a spare one goes when the other works', () => {
    const spare = resting({
      orderId: 'qcm-test0001-0-0s',
      isConditional: true,
      reduceOnly: true,
      side: 'sell',
    });
    rig.picture = { ...rig.picture, orders: [spare] };
    rig.look(500);
    expect(rig.cancelled).toEqual([spare.orderId]);
    const other = new ReconcileRig();
    other.openTrade();
    other.picture = { ...other.picture, orders: [...other.picture.orders, spare] };
    other.look(500);
    expect(other.cancelled).toEqual([spare.orderId]);
  });

  test('those of others stay, block entries, and release them when they are gone', () => {
    rig.picture = { ...rig.picture, orders: [resting({ orderId: 'web_123' })] };
    rig.look();
    expect(rig.cancelled).toEqual([]);
    expect(rig.halts()).toEqual(['account: an order on BTCUSDT is not ours']);
    rig.look();
    expect(rig.told.length).toBe(1);
    rig.picture = { ...rig.picture, orders: [] };
    rig.look();
    expect(rig.halts()).toEqual([]);
  });

  test('on other symbols they are nobody’s business', () => {
    rig.picture = { ...rig.picture, orders: [resting({ orderId: 'web_1', symbol: 'DOGEUSDT' })] };
    expect(rig.look()).toEqual([]);
    expect(rig.halts()).toEqual([]);
  });

  test('an own prefix with an unknown boot id is another instance: nothing is cancelled', () => {
    rig.picture = { ...rig.picture, orders: [resting({ orderId: 'qcm-other001-5-0e' })] };
    rig.look();
    expect(rig.cancelled).toEqual([]);
    expect(rig.halts()[0]).toMatch(/second instance or to a restored backup/);
  });
});

test('a routine look may wait for the limit, also when it fails; one that is asked for may not', () => {
  const rig = new ReconcileRig();
  const urgencies = () => rig.asks.splice(0).map(({ urgency }) => urgency);
  rig.look();
  expect(urgencies()).toEqual(['doubt']);
  rig.failure = 'held back';
  rig.time.runTo(rig.time.nowMs() + 59_000);
  expect(urgencies()).toEqual(['routine', 'routine']);
  rig.failure = undefined;
  rig.look();
  expect(urgencies()).toEqual(['doubt']);
});

test('until a start has compared once, packages wait for no limit; without one it may wait', () => {
  const rig = new ReconcileRig();
  rig.openTrade();
  rig.failure = 'HTTP 502';
  rig.look(1_500);
  rig.failure = undefined;
  rig.look();
  const urgencies = rig.asks.map(({ urgency }) => urgency);
  expect(urgencies.slice(0, 3)).toEqual(['start', 'start', 'start']);
  rig.reconciler.request();
  expect(rig.asks.at(-1)?.urgency).toBe('doubt');
});

test('a look that was held back is taken when the limit says, and makes no pause longer', () => {
  const rig = new ReconcileRig();
  rig.failure = 'held back';
  rig.retryAtMs = rig.time.nowMs() + 40_000;
  rig.look(39_000);
  // None is taken in between but one each 16 s: the limit may be gone sooner.
  expect(rig.asks.length).toBe(3);
  rig.failure = undefined;
  rig.time.runTo(rig.retryAtMs + 100);
  expect(rig.agreed).toBe(1);
});

describe('sums that differ', () => {
  test('are told when a second picture shows the same', () => {
    const position = { symbol: 'ETHUSDT', side: 'sell', lots: 7, entryPrice: 4_000 } as const;
    rig.picture = { ...rig.picture, positions: [position] };
    expect(rig.look(500)).toEqual([]);
    rig.time.runTo(rig.time.nowMs() + 1_000);
    expect(rig.told.map(({ event }) => event)).toEqual([
      { kind: 'position.reported', ...position },
    ]);
    expect(rig.halts()).toEqual(['position ETHUSDT']);
    // The operator closes it by hand.
    rig.picture = { ...rig.picture, positions: [] };
    rig.look();
    expect(rig.halts()).toEqual([]);
  });

  test('a difference of one picture is a fact under way and forgotten', () => {
    const before = rig.picture;
    rig.picture = { ...before, balances: [{ asset: 'USDT', cashUnits: 1 }] };
    expect(rig.look(500)).toEqual([]);
    rig.picture = before;
    expect(rig.look()).toEqual([]);
  });

  test('a deposit is no profit, and a balance of BNB is its own', () => {
    const cashUnits = 11_000e8;
    rig.picture = {
      ...rig.picture,
      balances: [
        { asset: 'USDT', cashUnits },
        { asset: 'BNB', cashUnits: 5e8 },
      ],
      transfers: [{ id: 't1', atMs: rig.time.nowMs(), asset: 'USDT', cashUnits: 1_000e8 }],
    };
    const events = rig.look();
    expect(events).toEqual([
      { kind: 'account.reported', asset: 'USDT', cashUnits, transferUnits: 1_000e8 },
      { kind: 'account.reported', asset: 'BNB', cashUnits: 5e8, transferUnits: 0 },
    ]);
    const { kernel } = rig.driver.engine.inspect();
    expect(rig.driver.engine.equity()).toBe(11_000);
    expect(kernel.watch.equityAtMidnight).toBe(11_000);
    expect(kernel.portfolio.cashUnits('BNB')).toBe(5e8);
    kernel.portfolio.assertBalanced();
    expect(rig.look()).toEqual([]);
  });

  test('an operator who trades where we hold nothing is not in our books', () => {
    const byHand = fill({ orderId: 'web_9', fillId: 'u1', side: 'buy', origin: 'user' });
    const position = { symbol: 'BTCUSDT', side: 'buy', lots: 1, entryPrice: 100_000 } as const;
    rig.picture = { ...rig.picture, fills: [{ atMs: 1, fill: byHand }], positions: [position] };
    rig.look();
    const { kernel } = rig.driver.engine.inspect();
    expect(kernel.portfolio.position('BTCUSDT')?.lots ?? 0).toBe(0);
    expect(rig.halts()).toEqual(['position BTCUSDT']);
    rig.picture = { ...rig.picture, positions: [] };
    rig.look();
    expect(rig.halts()).toEqual([]);
  });
});
