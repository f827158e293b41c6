import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ROW_ASK,
  ROW_BID,
  ROW_BUY,
  ROW_CLEAR,
  ROW_SELL,
  ROW_TOP_ASK,
  ROW_TOP_BID,
} from '../../data/recorded/tape.ts';
import { type TypedRow, typedTape } from '../../data/recorded/testing/typed-tape.ts';
import type { EngineEvent } from '../../src/engine/event.ts';
import type { OrderRequest } from '../../src/engine/order.ts';
import type { SimulatedExchange } from './simulated-exchange.ts';
import {
  BTC,
  barsOf,
  MINUTE,
  order,
  type Row,
  START_MS,
  VenueDriver,
} from './testing/venue-driver.ts';

const P = 60_000;
const MINUTES = 6;
const END_MS = START_MS + MINUTES * MINUTE;
const near = fc.integer({ min: -60, max: 60 }).map((ticks) => P + ticks / 2);
const side = fc.constantFrom('buy' as const, 'sell' as const);
const lots = fc.integer({ min: 2, max: 900 }).map((thousandths) => thousandths / 1_000);

/** Where BTC's price comes from: bars, a stream of trades and books, or a recording. */
const feed = fc.constantFrom('bars' as const, 'told' as const, 'recorded' as const);
const ask = fc.record({
  price: near,
  quantity: lots,
  side,
  type: fc.constantFrom('limit' as const, 'postOnly' as const, 'ioc' as const, 'market' as const),
  reduceOnly: fc.boolean(),
});
const op = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('submit' as const), ask }) },
  fc.record({ kind: fc.constant('stop' as const), price: near, side, isMark: fc.boolean() }),
  fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(20) }),
  fc.record({ kind: fc.constant('query' as const), nth: fc.nat(20) }),
  fc.record({ kind: fc.constant('amend' as const), nth: fc.nat(20), price: near, quantity: lots }),
  fc.record({ kind: fc.constant('burst' as const), count: fc.integer({ min: 50, max: 160 }) }),
  fc.record({ kind: fc.constant('trade' as const), price: near, quantity: lots, side }),
  fc.record({ kind: fc.constant('mark' as const), price: near }),
  fc.record({
    kind: fc.constant('level' as const),
    price: near,
    quantity: fc.oneof(fc.constant(0), lots),
    side,
    isTop: fc.boolean(),
  }),
);
const steps = fc.array(fc.record({ waitMs: fc.nat(9_000), op }), { minLength: 6, maxLength: 40 });
const rows = fc.array(
  fc.record({ waitMs: fc.nat(2_500), kind: fc.nat(5), price: near, quantity: lots }),
  { minLength: 20, maxLength: 120 },
);
const bar = fc.tuple(near, near, near, near);
const bars = fc.array(bar, { minLength: MINUTES, maxLength: MINUTES });

type Step = typeof steps extends fc.Arbitrary<(infer T)[]> ? T : never;
type Made<T> = T extends fc.Arbitrary<infer V> ? V : never;

const KINDS = [ROW_BUY, ROW_SELL, ROW_BID, ROW_ASK, ROW_TOP_BID, ROW_TOP_ASK];
const barRows = (made: Made<typeof bars>): Row[] =>
  made.map((prices) => [prices[0], Math.max(...prices), Math.min(...prices), prices[3]]);

function tapeOf(made: Made<typeof rows>) {
  let afterMs = 0;
  const typed: TypedRow[] = [
    [0, ROW_CLEAR, 0, 0],
    [0, ROW_BID, P - 1, 2],
    [0, ROW_ASK, P + 1, 2],
  ];
  for (const { waitMs, kind, price, quantity } of made) {
    afterMs = Math.min(afterMs + waitMs, END_MS - START_MS - 1);
    typed.push([afterMs, KINDS[kind], price, quantity]);
  }
  // The book is lost in the fifth minute, so that both ways out of it are taken.
  const bookSpans = [{ fromMs: START_MS, toMs: START_MS + 4 * MINUTE }];
  return typedTape(BTC, typed, { fromMs: START_MS, toMs: END_MS - MINUTE, bookSpans });
}

/** Plays the steps; `stopAt` takes the exchange down before that step and sets up another one. */
function play(
  input: {
    feed: Made<typeof feed>;
    steps: Step[];
    rows: Made<typeof rows>;
    bars: Made<typeof bars>;
  },
  stopAt: number,
) {
  const tapes = input.feed === 'recorded' ? [tapeOf(input.rows)] : undefined;
  const start = (): SimulatedExchange =>
    new VenueDriver({ tapes, costs: { slippageFraction: () => 0.0002 } }).exchange;
  const series = barsOf(barRows(input.bars));
  const facts: string[] = [];
  const ids: string[] = [];
  let exchange = start();
  let nowMs = START_MS;
  let nextBar = 0;
  const until = (atMs: number) => {
    while (exchange.nextMs() <= atMs) {
      const factMs = exchange.nextMs();
      const fact = exchange.step();
      if (fact !== undefined) facts.push(line(factMs, fact));
    }
  };
  const advance = (atMs: number) => {
    while (input.feed !== 'told' && nextBar < MINUTES && START_MS + nextBar * MINUTE <= atMs) {
      until(START_MS + nextBar * MINUTE);
      exchange.setBar(BTC, series, nextBar++);
    }
    until(atMs);
    nowMs = atMs;
    exchange.setTime(nowMs);
  };
  if (input.feed === 'told') exchange.market(BTC).tellTrade(START_MS, P);
  for (const [i, step] of input.steps.entries()) {
    if (i === stopAt) {
      const saved = deserialize(serialize(exchange.save())) as unknown;
      exchange = start();
      exchange.load(saved);
    }
    advance(Math.min(nowMs + step.waitMs, END_MS - 1));
    act(exchange, { step: step.op, ids, nowMs, isTold: input.feed === 'told' });
  }
  advance(END_MS - 1);
  return { facts, end: exchange.save() };
}

const line = (atMs: number, fact: EngineEvent) => `${atMs} ${JSON.stringify(fact)}`;

function act(
  exchange: SimulatedExchange,
  at: { step: Step['op']; ids: string[]; nowMs: number; isTold: boolean },
): void {
  const { step, ids, nowMs, isTold } = at;
  const market = exchange.market(BTC);
  const submit = (change: Parameters<typeof order>[0]) => {
    const orderId = `o${ids.length}`;
    ids.push(orderId);
    const request: OrderRequest = order({ ...change, orderId });
    exchange.submit(request as Parameters<typeof exchange.submit>[0]);
  };
  const target = (nth: number) => ({
    orderId: ids[nth % Math.max(1, ids.length)] ?? 'o0',
    symbol: BTC,
  });
  switch (step.kind) {
    case 'submit': {
      const { type, price, ...rest } = step.ask;
      if (type === 'market') return submit(rest);
      const timeInForce = type === 'ioc' ? 'IOC' : type === 'postOnly' ? 'GTX' : 'GTC';
      return submit({ ...rest, price, timeInForce });
    }
    case 'stop': {
      const triggerSource = step.isMark ? 'mark' : 'contract';
      return submit({ side: step.side, trigger: step.price, closePosition: true, triggerSource });
    }
    case 'cancel':
      return exchange.cancel({ kind: 'order.cancel', ...target(step.nth), isConditional: false });
    case 'query':
      return exchange.query({ kind: 'order.query', ...target(step.nth), isConditional: false });
    case 'amend': {
      const change = { priceTicks: step.price * 10, lots: Math.round(step.quantity * 1_000) };
      return exchange.amend({ kind: 'order.amend', ...target(step.nth), ...change });
    }
    case 'burst':
      // Enough of them meet the rate limit.
      for (let i = 0; i < step.count; i++) submit({ price: P - 500, quantity: 0.002 });
      return;
    case 'mark':
      return market.tellMark(nowMs, step.price);
    case 'trade': {
      const taken = { lots: Math.round(step.quantity * 1_000), taker: step.side };
      return isTold ? market.tellTrade(nowMs, step.price, taken) : undefined;
    }
    case 'level': {
      const level = { ticks: step.price * 10, lots: Math.round(step.quantity * 1_000) };
      if (isTold)
        market.tellBook(nowMs, step.side, { ...level, isTop: step.isTop && level.lots > 0 });
    }
  }
}

describe('a simulated exchange loaded from its snapshot', () => {
  it('goes on as if it had never stopped, wherever that was', () => {
    let facts = 0;
    fc.assert(
      fc.property(fc.record({ feed, steps, rows, bars }), fc.nat(39), (input, nth) => {
        const stopAt = nth % input.steps.length;
        const whole = play(input, -1);
        const halved = play(input, stopAt);
        facts += whole.facts.length;
        expect(halved.facts).toEqual(whole.facts);
        expect(halved.end).toEqual(whole.end);
      }),
      { numRuns: 120, seed: 4 },
    );
    expect(facts).toBeGreaterThan(3_000);
  });

  it('refuses with a hint what an older version saved', () => {
    const { exchange } = new VenueDriver();
    const { orderRate: _, ...older } = exchange.save() as Record<string, unknown>;
    expect(() => new VenueDriver().exchange.load(older)).toThrow(/older version/);
  });
});
