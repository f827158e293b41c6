import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Engine } from './engine.ts';
import { PROTECTION_DEADLINE_MS } from './protection.ts';
import { EngineDriver, ScriptedStrategy, testPlan } from './testing/engine-fixture.ts';

/** One random step of a venue that may do everything a real one does, in any order. */
type Step = { pick: number; action: number; part: number; waitMs: number; price: number };

const step: fc.Arbitrary<Step> = fc.record({
  pick: fc.nat(1_000),
  action: fc.nat(99),
  part: fc.nat(1_000),
  waitMs: fc.nat(900),
  price: fc.integer({ min: -400, max: 400 }),
});

const hedge = {
  makerWaitMs: 1_500,
  onFail: 'exitBtc' as const,
  legs: ['ETHUSDT', 'SOLUSDT'].map((symbol, i) => ({
    symbol,
    direction: -1 as const,
    notionalRatio: 0.3,
    beta: 1.1,
    correlation: 0.8,
    stopPrice: [4_100, 210][i],
    price: [4_000, 200][i],
  })),
};

const BASE: Record<string, number> = { BTCUSDT: 100_000, ETHUSDT: 4_000, SOLUSDT: 200 };

interface Play {
  isHedged: boolean;
  mode: 'touch' | 'taker';
  prePlace?: 'auto' | 'off';
}

function play(steps: readonly Step[], options: Play) {
  const strategy = new ScriptedStrategy();
  const { prePlace = 'off' } = options;
  const engine = new Engine({ strategies: [strategy], rules: [], prePlace });
  const driver = new EngineDriver({ engine, strategy, session: { mode: 'live' } });
  driver.send({ kind: 'entries.released', reason: 'not reconciled' });
  const entry = { ...testPlan().entry, mode: options.mode };
  driver.strategy.next({
    kind: 'enter',
    plan: testPlan({ entry, hedge: options.isHedged ? hedge : undefined }),
  });
  driver.bar('BTCUSDT', 100_000);
  expect(driver.submits('entry')).toHaveLength(1);
  expect(driver.submits('stop')).toHaveLength(prePlace === 'auto' ? 1 : 0);
  for (const next of steps) {
    takeStep(driver, next);
    checkInvariants(driver);
  }
  return driver;
}

function takeStep(driver: EngineDriver, next: Step): void {
  const dueMs = driver.engine.nextTimerMs();
  if (dueMs <= driver.nowMs + next.waitMs + 1) {
    driver.timer();
    return;
  }
  driver.nowMs += next.waitMs;
  const { kernel } = driver.engine.inspect();
  const open = kernel.store.openOrders();
  if (open.length === 0) return;
  const { request, state, filledLots } = open[next.pick % open.length];
  const { orderId, symbol, side } = request;
  const price = BASE[symbol] * (1 + next.price / 100_000);
  const left = request.lots - filledLots;
  const position = Math.abs(kernel.portfolio.position(symbol)?.lots ?? 0);
  const isClosing = request.reduceOnly || request.closePosition;
  const fillable = isClosing ? Math.min(request.closePosition ? position : left, position) : left;
  if (state === 'submitted' && next.action < 40) driver.accept(orderId);
  else if (state === 'submitted' && next.action < 46) driver.reject(orderId, -2019);
  else if (state === 'cancelPending' && next.action < 60) driver.cancelled(orderId);
  else if (next.action < 90 && fillable > 0) {
    const lots =
      next.action < 75 ? fillable : Math.max(1, Math.ceil((fillable * next.part) / 1_000));
    if (request.type === 'stopMarket') driver.send({ kind: 'stop.triggered', orderId });
    driver.fill({ orderId, symbol, side, lots }, price, { isMaker: next.part % 2 === 0 });
  } else if (request.timeInForce === 'IOC' && request.type !== 'stopMarket') {
    driver.send({ kind: 'order.expired', orderId });
  } else if (state === 'cancelPending') driver.cancelled(orderId);
}

function checkInvariants(driver: EngineDriver): void {
  const { kernel, open } = driver.engine.inspect();
  kernel.portfolio.assertBalanced();
  for (const trade of open.values()) {
    for (const leg of trade.legs) {
      const held = kernel.portfolio.position(leg.symbol)?.lots ?? 0;
      expect(held * leg.direction + 0, 'the leg equals the book').toBe(leg.lots);
      expect(kernel.leases.ownerOf(leg.symbol)?.tradeId).toBe(trade.tradeId);
      // What is being closed is retried until flat; everything else waits for its stop.
      const isOpen = leg.lots > 0 && trade.phase !== 'closing' && !leg.mustClose;
      if (isOpen && !leg.stopIsAcked) {
        expect(leg.unprotectedSinceMs, 'an unanswered stop has a deadline').not.toBeNaN();
      }
      const isNaked = !Number.isNaN(leg.unprotectedSinceMs) && trade.phase !== 'closing';
      if (isNaked && !leg.mustClose) {
        const nakedMs = driver.nowMs - leg.unprotectedSinceMs;
        expect(nakedMs).toBeLessThanOrEqual(PROTECTION_DEADLINE_MS);
      }
    }
    expect(restingTargets(driver, trade.tradeId)).toBeLessThanOrEqual(trade.legs[0].lots);
  }
}

/** Lots of targets that rest and have not been asked to go. */
function restingTargets(driver: EngineDriver, tradeId: string): number {
  let lots = 0;
  for (const order of driver.engine.inspect().kernel.store.openOrders()) {
    const { request, state, filledLots } = order;
    if (request.tradeId !== tradeId || request.role !== 'target') continue;
    if (state !== 'cancelPending') lots += request.lots - filledLots;
  }
  return lots;
}

/** A venue that from now on answers everything, until nothing is left to do. */
function settle(driver: EngineDriver): void {
  for (let i = 0; i < 500; i++) {
    const { kernel, open } = driver.engine.inspect();
    if (open.size === 0) return;
    if (driver.engine.nextTimerMs() <= driver.nowMs + 1) {
      driver.timer();
      continue;
    }
    const orders = kernel.store.openOrders();
    const exit = orders.find((order) => order.request.role === 'exit');
    const cancelling = orders.find((order) => order.state === 'cancelPending');
    const fired = orders.find((order) => order.state === 'triggered');
    const immediate = orders.find((order) => order.request.timeInForce === 'IOC');
    const fresh = orders.find((order) => order.state === 'submitted');
    if (exit !== undefined) {
      const { request } = exit;
      const held = Math.abs(kernel.portfolio.position(request.symbol)?.lots ?? 0);
      const lots = Math.min(request.lots - exit.filledLots, held);
      if (lots > 0) driver.fill({ ...request, lots }, BASE[request.symbol]);
      else driver.send({ kind: 'order.expired', orderId: request.orderId }, 1);
    } else if (fired !== undefined) {
      const { orderId } = fired.request;
      driver.send({ kind: 'stop.finished', orderId, lots: fired.filledLots }, 1);
    } else if (immediate !== undefined) {
      driver.send({ kind: 'order.expired', orderId: immediate.request.orderId }, 1);
    } else if (cancelling !== undefined) driver.cancelled(cancelling.request.orderId);
    else if (fresh !== undefined && fresh.request.type !== 'stopMarket') {
      driver.send({ kind: 'order.expired', orderId: fresh.request.orderId }, 1);
    } else if (fresh !== undefined) driver.accept(fresh.request.orderId);
    else driver.timer();
    checkInvariants(driver);
  }
  expect.fail('the package did not end');
}

const KINDS = [
  ['touch', 'off'],
  ['taker', 'off'],
  ['touch', 'auto'],
  ['taker', 'auto'],
] as const;

describe('any venue behaviour', () => {
  for (const isHedged of [false, true]) {
    for (const [mode, prePlace] of KINDS) {
      it(`keeps every invariant and ends flat (${mode}, hedge ${isHedged}, ${prePlace})`, () => {
        fc.assert(
          fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
            const driver = play(steps, { isHedged, mode, prePlace });
            settle(driver);
            const { kernel } = driver.engine.inspect();
            for (const symbol of Object.keys(BASE)) {
              expect(kernel.portfolio.position(symbol)?.lots ?? 0).toBe(0);
              expect(kernel.leases.ownerOf(symbol)).toBeUndefined();
            }
            const net = driver.engine.trades.reduce((sum, trade) => sum + trade.netPnl, 0);
            expect(driver.engine.equity()).toBeCloseTo(10_000 + net, 6);
          }),
          { numRuns: 400 },
        );
      });
    }
  }
});
