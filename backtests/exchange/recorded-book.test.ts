import { describe, expect, it } from 'vitest';
import type { Side } from '../../src/engine/units.ts';
import { ORDER_LIMITS, RateLimiter } from './rate-limiter.ts';
import { BTC, order, START_MS, VenueDriver } from './testing/venue-driver.ts';
import { VenueBook } from './venue-book.ts';

/** A venue with a book of two levels a side: 59,990 x 2, 59,989 x 3 and 60,000 x 1, 60,001 x 4. */
function venue() {
  const driver = new VenueDriver({ orderLatencyMs: 0, responseLatencyMs: 0 });
  const { exchange } = driver;
  const market = exchange.market(BTC);
  let nowMs = START_MS;
  const lines: string[] = [];
  const settle = () => {
    while (exchange.nextMs() <= nowMs) {
      const fact = exchange.step();
      if (fact?.kind === 'order.filled') {
        const how = fact.isMaker ? 'maker' : 'taker';
        lines.push(`${fact.orderId} ${fact.lots / 1000} @ ${fact.priceTicks / 10} ${how}`);
      } else if (fact !== undefined && fact.kind !== 'order.accepted') lines.push(fact.kind);
    }
    return lines.splice(0);
  };
  const level = (side: Side, price: number, quantity: number, isTop = false) => {
    nowMs += 10;
    market.tellBook(nowMs, side, { ticks: price * 10, lots: quantity * 1000, isTop });
    return settle();
  };
  const trade = (price: number, quantity: number, taker: Side) => {
    nowMs += 10;
    market.tellTrade(nowMs, price, { lots: Math.round(quantity * 1000), taker });
    return settle();
  };
  const mark = (price: number) => {
    nowMs += 10;
    market.tellMark(nowMs, price);
    return settle();
  };
  const send = (ask: Parameters<typeof order>[0]) => {
    nowMs += 10;
    exchange.setTime(nowMs);
    exchange.submit(order(ask) as Parameters<typeof exchange.submit>[0]);
    return settle();
  };
  level('buy', 59_990, 2);
  level('buy', 59_989, 3);
  level('sell', 60_000, 1);
  level('sell', 60_001, 4);
  trade(60_000, 0.001, 'buy');
  return { exchange, level, trade, mark, send };
}

const bid = { orderId: 'm', price: 59_990, timeInForce: 'GTX' } as const;
const exit = { side: 'sell', reduceOnly: true } as const;

describe('takers walk the recorded book', () => {
  it('fills a market order level by level', () => {
    expect(venue().send({ orderId: 'b', quantity: 3 })).toEqual([
      'b 1 @ 60000 taker',
      'b 2 @ 60001 taker',
    ]);
  });

  it('fills an IOC in part, up to its limit, and expires the rest', () => {
    const sent = { orderId: 'b', quantity: 3, price: 60_000, timeInForce: 'IOC' } as const;
    expect(venue().send(sent)).toEqual(['b 1 @ 60000 taker', 'order.expired']);
  });

  it('expires what is left of a market order when the book is empty', () => {
    expect(venue().send({ orderId: 'b', quantity: 6 })).toEqual([
      'b 1 @ 60000 taker',
      'b 4 @ 60001 taker',
      'order.expired',
    ]);
  });

  it('does not sell the same level twice before it is told again', () => {
    const { send, level } = venue();
    send({ orderId: 'b', quantity: 1 });
    expect(send({ orderId: 'c', quantity: 1 })).toEqual(['c 1 @ 60001 taker']);
    level('sell', 60_000, 1);
    expect(send({ orderId: 'd', quantity: 1 })).toEqual(['d 1 @ 60000 taker']);
  });

  it('rests what a limit leaves', () => {
    const { send, level } = venue();
    expect(send({ orderId: 'b', quantity: 3, price: 60_000 })).toEqual(['b 1 @ 60000 taker']);
    expect(level('sell', 59_995, 1)).toEqual(['b 2 @ 60000 maker']);
  });

  it('refuses post-only at the other side of the book, not at the last price', () => {
    expect(venue().send({ ...bid, price: 60_000 })).toEqual(['order.rejected']);
    expect(venue().send({ ...bid, price: 59_999.9 })).toEqual([]);
  });
});

describe('makers stand in the queue', () => {
  it('is filled after the 2 that were there before it, and only by sellers', () => {
    const { send, trade } = venue();
    send(bid);
    expect(trade(59_990, 5, 'buy')).toEqual([]);
    expect(trade(59_990, 1.5, 'sell')).toEqual([]);
    expect(trade(59_990, 0.7, 'sell')).toEqual(['m 0.2 @ 59990 maker']);
    expect(trade(59_990, 9, 'sell')).toEqual(['m 0.8 @ 59990 maker']);
  });

  it('moves up when the level shrinks below what is ahead, never back', () => {
    const { send, trade, level } = venue();
    send(bid);
    level('buy', 59_990, 0.5);
    level('buy', 59_990, 7);
    expect(trade(59_990, 0.6, 'sell')).toEqual(['m 0.1 @ 59990 maker']);
  });

  it('is filled whole by a trade below it, or by a seller offering at it', () => {
    const one = venue();
    one.send(bid);
    expect(one.trade(59_989, 0.001, 'sell')).toEqual(['m 1 @ 59990 maker']);
    const two = venue();
    two.send(bid);
    expect(two.level('sell', 59_990, 0.001, true)).toEqual(['m 1 @ 59990 maker']);
  });

  it('one trade fills two orders of ours no more than its size', () => {
    const { send, trade } = venue();
    send({ ...bid, price: 59_991, quantity: 0.3 });
    send({ ...bid, orderId: 'n', price: 59_991, quantity: 0.3 });
    expect(trade(59_991, 0.4, 'sell')).toEqual(['m 0.3 @ 59991 maker', 'n 0.1 @ 59991 maker']);
  });

  it('a partial fill of the last reduce-only target expires it once', () => {
    const { send, trade } = venue();
    send({ orderId: 'b', quantity: 1 });
    send({ ...exit, orderId: 't', price: 60_005, quantity: 0.6 });
    send({ ...exit, orderId: 'u', price: 60_006, quantity: 0.9 });
    expect(trade(60_005, 0.6, 'buy')).toEqual(['t 0.6 @ 60005 maker']);
    expect(trade(60_006, 0.4, 'buy')).toEqual(['u 0.4 @ 60006 maker', 'order.expired']);
  });
});

describe('stops by mark and by last price', () => {
  const stop = { ...exit, orderId: 's', trigger: 59_980 } as const;

  it('a mark stop ignores the last price, and fires on the mark', () => {
    const { send, trade, mark } = venue();
    mark(60_000);
    send({ orderId: 'b', quantity: 1 });
    send({ ...stop, triggerSource: 'mark' });
    expect(trade(59_970, 0.001, 'sell')).toEqual([]);
    expect(mark(59_980)).toEqual(['stop.triggered', 's 1 @ 59990 taker', 'stop.finished']);
  });

  it('a stop by last price ignores the mark', () => {
    const { send, trade, mark } = venue();
    send({ orderId: 'b', quantity: 1 });
    send(stop);
    expect(mark(59_000)).toEqual([]);
    expect(trade(59_980, 0.001, 'sell')).toEqual([
      'stop.triggered',
      's 1 @ 59990 taker',
      'stop.finished',
    ]);
  });

  it('a mark stop beyond the mark is refused, wherever the last price is', () => {
    const { send, mark } = venue();
    mark(59_975);
    send({ orderId: 'b', quantity: 1 });
    expect(send({ ...stop, triggerSource: 'mark' })).toEqual(['order.rejected']);
  });
});

describe('rate limit and book', () => {
  it('refuses the 301st order of a 10 s window, and the 1,201st of a minute', () => {
    const limiter = new RateLimiter(ORDER_LIMITS);
    const admitted = (atMs: number, count: number) =>
      Array.from({ length: count }, () => limiter.admit(atMs)).filter(Boolean).length;
    expect(admitted(0, 400)).toBe(300);
    expect(admitted(9_999, 1)).toBe(0);
    expect(admitted(10_000, 400)).toBe(300);
    expect(admitted(20_000, 400) + admitted(30_000, 400)).toBe(600);
    expect(admitted(40_000, 400)).toBe(0);
    expect(admitted(60_000, 400)).toBe(300);
  });

  it('lets 200 limits rest on a symbol, and takes 300 orders in ten seconds', () => {
    const driver = new VenueDriver();
    driver.exchange.market(BTC).tellTrade(START_MS, 60_000);
    const many = Array.from({ length: 301 }, (_, i) =>
      order({ orderId: `o${i}`, price: 50_000 + i, quantity: 0.002 }),
    );
    driver.send(...many);
    const codes: Record<number, number> = {};
    while (driver.exchange.nextMs() < START_MS + 1_000) {
      const fact = driver.exchange.step();
      if (fact?.kind === 'order.rejected') codes[fact.code] = (codes[fact.code] ?? 0) + 1;
    }
    expect(codes).toEqual({ '-2025': 100, '-1015': 1 });
  });

  it('refuses with -2027 what would exceed the bracket of the leverage', () => {
    const tier = { notionalFloor: 0, maintenanceRate: 0.004, cum: 0 };
    const driver = new VenueDriver({
      brackets: { [BTC]: [{ ...tier, notionalCap: 100_000, leverageMax: 125 }] },
    });
    driver.exchange.market(BTC).tellTrade(START_MS, 60_000);
    const codes: number[] = [];
    driver.send(
      order({ orderId: 'a', quantity: 1 }),
      order({ orderId: 'b', quantity: 0.667 }),
      // Selling more than is held is judged by what is left.
      order({ orderId: 'c', quantity: 2.6, side: 'sell' }),
    );
    while (driver.exchange.nextMs() < START_MS + 1_000) {
      const fact = driver.exchange.step();
      if (fact?.kind === 'order.rejected') codes.push(fact.code);
    }
    expect(codes).toEqual([-2027]);
  });

  it('a ticker clears what lies before its best level', () => {
    const book = new VenueBook();
    book.setLevel('buy', 100, 5);
    book.setLevel('buy', 99, 6);
    book.setLevel('sell', 101, 7);
    book.setTop('buy', 98, 1);
    expect([book.best('buy'), book.lotsAt('buy', 99), book.best('sell')]).toEqual([98, 0, 101]);
    book.setTop('buy', 101, 2);
    expect(book.best('sell')).toBe(Number.POSITIVE_INFINITY);
  });
});
