import { describe, expect, test } from 'vitest';
import type { AccountAnswer, AccountUrgency } from '../../live/ports.ts';
import { BinanceRig } from '../testing/in-process-binance.ts';
import { rigExit, rigMarket, rigOrder, rigStop } from '../testing/rig-orders.ts';

const symbol = 'BTCUSDT';
const HOUR = 3_600_000;

const kinds = (rig: BinanceRig) => rig.take().map(({ kind }) => kind);
const calls = (rig: BinanceRig, route: string) =>
  rig.venue.written.filter((each) => each.route === route);

function picture(rig: BinanceRig, sinceMs: number) {
  let answer: AccountAnswer | undefined;
  const fillsAfter = { [symbol]: { fillId: '', atMs: sinceMs } };
  const ask = { symbols: [symbol], fillsAfter, transfersSinceMs: sinceMs };
  rig.binance.accounts.readAccount(ask, (told) => {
    answer = told;
  });
  rig.runFor(60_000);
  if (answer?.kind !== 'picture') throw new Error(`no picture: ${JSON.stringify(answer)}`);
  return answer.picture;
}

describe('the private stream', () => {
  test('is replaced before 24 hours are over, without a moment in which nobody listens', () => {
    const rig = new BinanceRig();
    rig.runFor(22.9 * HOUR);
    rig.take();
    // A trade every 250 ms while the line is changed.
    for (let i = 0; i < 1_600; i++) {
      rig.binance.exchange.submit(i % 2 === 0 ? rigMarket(`${i}e`) : rigExit(`${i}x`));
      rig.runFor(250);
    }
    rig.runFor(5_000);
    expect(rig.binance.stream.counts).toMatchObject({ opened: 2, lost: 0 });
    expect(rig.venue.socketCount('private')).toBe(1);
    const fills = rig.take().filter(({ kind }) => kind === 'order.filled');
    expect(fills).toHaveLength(rig.venue.venue.orders.trades.length);
    expect(fills.length).toBeGreaterThanOrEqual(1_600);
    // No other request was needed to know of them.
    expect(calls(rig, 'GET /fapi/v1/userTrades')).toHaveLength(0);
  });

  test('cut by the venue after 24 hours with a position: back, and everything asked about', () => {
    const rig = new BinanceRig();
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(1_000);
    rig.take();
    rig.venue.closeSockets(1008, 'private');
    // The stop fires while nobody listens.
    rig.venue.venue.setPrice(symbol, 58_900);
    rig.runFor(20_000);
    expect(kinds(rig)).toEqual(['order.filled', 'stop.finished']);
    expect(rig.binance.stream.isLive()).toBe(true);
  });

  test('its key is kept alive; one that expires with the socket open is made anew', () => {
    const rig = new BinanceRig();
    rig.runFor(3 * HOUR);
    expect(rig.binance.stream.counts).toMatchObject({ keys: 1, lost: 0 });
    expect(calls(rig, 'PUT /fapi/v1/listenKey').length).toBeGreaterThanOrEqual(8);
    const before = rig.reconciles;
    rig.venue.gateway.hub.expireListenKey();
    rig.runFor(2_000);
    expect(rig.binance.stream.counts).toMatchObject({ keys: 2, lost: 1 });
    expect(rig.reconciles).toBe(before + 1);
    rig.take();
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.runFor(500);
    expect(kinds(rig)).toContain('order.filled');
  });

  test('a key whose end was told in a silence is found dead within 15 s', () => {
    const rig = new BinanceRig();
    const { gateway } = rig.venue;
    const lost = { category: 'private', match: 'listenKeyExpired', kind: 'drop' } as const;
    gateway.faults.streams.push(lost);
    gateway.hub.expireListenKey();
    rig.runFor(16_000);
    expect(rig.binance.stream.counts).toMatchObject({ keys: 2, opened: 2 });
    rig.take();
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.runFor(500);
    expect(kinds(rig)).toContain('order.filled');
  });

  test('an order that was accepted and is not told makes a new line and a look', () => {
    const rig = new BinanceRig();
    rig.runFor(60_000);
    const frames = { category: 'private', match: '1s', kind: 'drop', count: 1 } as const;
    rig.venue.gateway.faults.streams.push(frames);
    const { reconciles } = rig;
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(2_500);
    expect(rig.binance.stream.counts).toMatchObject({ doubts: 1, opened: 2, lost: 0 });
    expect(rig.reconciles).toBeGreaterThan(reconciles);
    expect(rig.notices.join()).toContain('did not tell order');
    // The next order is told, and nothing else is held against the stream.
    rig.binance.exchange.submit(rigExit('2x'));
    rig.runFor(60_000);
    expect(rig.binance.stream.counts).toMatchObject({ doubts: 1, opened: 2 });
  });

  test('a fill that only the account told makes a new line', () => {
    const rig = new BinanceRig();
    rig.binance.exchange.submit(rigOrder('0e', { priceTicks: 590_000 }));
    rig.runFor(60_000);
    const sinceMs = rig.time.nowMs() - 30_000;
    const { venue, gateway } = rig.venue;
    gateway.faults.streams.push({ category: 'private', kind: 'drop', count: 20 });
    venue.setPrice(symbol, 58_900);
    rig.runFor(5_000);
    gateway.faults.streams.length = 0;
    expect(rig.binance.stream.counts).toMatchObject({ doubts: 0 });
    expect(picture(rig, sinceMs).fills).toHaveLength(1);
    expect(rig.binance.stream.counts).toMatchObject({ doubts: 1, opened: 2 });
    // It is read again and again, and doubted once.
    rig.runFor(200_000);
    picture(rig, sinceMs);
    expect(rig.binance.stream.counts).toMatchObject({ doubts: 1 });
  });

  test('a stream that stays mute is made anew ever more seldom', () => {
    const rig = new BinanceRig();
    rig.venue.gateway.faults.streams.push({ category: 'private', kind: 'drop', count: 1e9 });
    for (let i = 0; i < 600; i++) {
      rig.binance.exchange.submit(i % 2 === 0 ? rigMarket(`${i}e`) : rigExit(`${i}x`));
      rig.runFor(1_000);
    }
    expect(rig.binance.stream.counts.doubts).toBeGreaterThan(5);
    expect(rig.binance.stream.counts.doubts).toBeLessThan(9);
  });

  test('-1125 on keeping alive makes a new key and a new line', () => {
    const rig = new BinanceRig();
    rig.venue.gateway.hub.close();
    rig.runFor(25 * 60_000);
    expect(rig.binance.stream.counts).toMatchObject({ keys: 2, opened: 2 });
    rig.take();
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.runFor(500);
    expect(kinds(rig)).toContain('order.filled');
  });
});

describe('limits and clocks', () => {
  test('a ban with an open position: nothing leaves until its end, then all is well', () => {
    const rig = new BinanceRig();
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.runFor(500);
    const untilMs = rig.time.nowMs() + 120_000;
    rig.venue.gateway.limits.bannedUntil = untilMs;
    rig.take();
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(500);
    const blocked = { kind: 'entries.blocked', reason: expect.stringContaining('banned') };
    expect(rig.take()).toEqual([
      expect.objectContaining(blocked),
      expect.objectContaining({ kind: 'order.rejected', code: -1003 }),
    ]);
    const before = rig.venue.written.length;
    // The stream keeps working, so that what the venue does is known.
    rig.binance.exchange.submit(rigExit('2x'));
    rig.runFor(60_000);
    expect(rig.venue.written.length).toBe(before);
    rig.time.runTo(untilMs + 1);
    rig.binance.exchange.submit(rigExit('3x'));
    rig.runFor(500);
    expect(kinds(rig)).toContain('order.filled');
  });

  test('after a 429 entries wait, protection passes', () => {
    const rig = new BinanceRig();
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.runFor(500);
    rig.take();
    const fault = { match: 'openOrders', kind: 'answer', executed: false } as const;
    rig.venue.gateway.faults.requests.push({ ...fault, status: 429, code: -1003 });
    const ask = { symbols: [symbol], fillsAfter: {}, transfersSinceMs: 0 };
    rig.binance.accounts.readAccount(ask, () => {});
    rig.runFor(500);
    rig.binance.exchange.submit(rigOrder('1e'));
    rig.binance.exchange.submit(rigStop('2s'));
    rig.runFor(1_000);
    expect(kinds(rig).sort()).toEqual(['order.accepted', 'order.rejected']);
  });

  test('with most of the limit used up routine waits, doubt goes on, protection reads all it needs', () => {
    const rig = new BinanceRig();
    rig.time.runTo((Math.floor(rig.time.nowMs() / 60_000) + 1) * 60_000);
    const told: string[] = [];
    const look = (weight: number, urgency: AccountUrgency) => {
      const used = { weight1m: weight, orders10s: 0, orders1m: 0 };
      rig.binance.exchange.line.governor.onUsage(used, rig.time.nowMs());
      rig.venue.written.length = 0;
      const ask = { symbols: [symbol], fillsAfter: {}, transfersSinceMs: 0, urgency };
      rig.binance.accounts.readAccount(ask, ({ kind }) => told.push(kind));
      rig.runFor(2_000);
      const paths = rig.venue.written.map(({ route }) => route.split('/').pop());
      // The stream's own look at its key comes when it comes.
      return paths.filter((path) => path !== 'listenKey');
    };
    expect(look(1_500, 'routine')).toEqual([]);
    expect(look(1_500, 'doubt')).toContain('userTrades');
    expect(look(1_950, 'doubt')).toEqual([]);
    expect(look(2_390, 'protection')).toEqual(['openOrders', 'openAlgoOrders', 'positionRisk']);
    expect(look(2_390, 'start')).toContain('userTrades');
    expect(told).toEqual(['failed', 'picture', 'failed', 'picture', 'picture']);
  });

  test('a ban ends by the clock of the venue, which is not ours', () => {
    const rig = new BinanceRig();
    rig.venue.skewMs = 2_000;
    rig.binance.onClockStep();
    rig.runFor(500);
    const { limits, venue } = rig.venue.gateway;
    limits.bannedUntil = venue.clock.now + 3_000;
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(2_500);
    const { governor } = rig.binance.exchange.line;
    expect(governor.isBanned(rig.time.nowMs())).toBe(true);
    rig.runFor(1_000);
    expect(governor.isBanned(rig.time.nowMs())).toBe(false);
  });

  test.each([-4_000, 3_000])('a venue clock %i ms off: measured anew, one order', (skewMs) => {
    const rig = new BinanceRig();
    rig.venue.skewMs = skewMs;
    rig.binance.exchange.submit(rigStop('1s'));
    rig.binance.exchange.submit(rigOrder('0e'));
    rig.runFor(5_000);
    expect(kinds(rig).sort()).toEqual(['order.accepted', 'order.accepted']);
    expect([...rig.venue.venue.orders.orders.values()]).toHaveLength(1);
    expect([...rig.venue.venue.algos.algos.values()]).toHaveLength(1);
  });
});

describe('the account', () => {
  test('thousands of trades and transfers are read by pages, each once', () => {
    const rig = new BinanceRig();
    const sinceMs = rig.time.nowMs();
    const { venue } = rig.venue;
    for (let i = 0; i < 2_345; i++) {
      venue.account.addIncome('TRANSFER', '', 0.01, rig.time.nowMs());
      rig.runFor(7);
    }
    rig.binance.exchange.submit(rigOrder('0e', { lots: 2_500 }));
    rig.runFor(500);
    const [resting] = [...venue.orders.open];
    for (let i = 0; i < 2_500; i++) venue.orders.fillMaker(resting, 0.001);
    rig.runFor(500);
    const told = picture(rig, sinceMs);
    expect(told.fills).toHaveLength(2_500);
    expect(new Set(told.fills.map(({ fill }) => fill.fillId)).size).toBe(2_500);
    expect(new Set(told.transfers.map(({ id }) => id)).size).toBe(2_345);
    expect(told.transfers).toHaveLength(2_345);
    expect(told.positions).toMatchObject([{ symbol, side: 'buy', lots: 2_500 }]);
  });

  test('filters and fees are read again each day, and what changed becomes an event', () => {
    const rig = new BinanceRig();
    rig.runFor(23 * HOUR);
    expect(kinds(rig)).toEqual([]);
    rig.venue.venue.market(symbol).instrument.minNotional = 100;
    rig.venue.venue.settings.takerFee = 0.0004;
    rig.runFor(2 * HOUR);
    expect(rig.take()).toMatchObject([
      { kind: 'instrument.changed', spec: { version: 2, minNotional: '100' } },
      { kind: 'feeRates.changed', rates: { takerE8: 40_000 } },
    ]);
    // An order that was planned on the old filters is refused before it leaves.
    rig.binance.exchange.submit(rigOrder('0e'));
    rig.runFor(500);
    expect(rig.take()).toMatchObject([{ kind: 'order.rejected', code: 0 }]);
    expect(calls(rig, 'POST /fapi/v1/order')).toEqual([]);
  });

  test.each([
    ['autoclose-', 'liquidation'],
    ['adl_autoclose', 'adl'],
  ] as const)('what the venue closes itself (%s) is a fill of the position', (prefix, origin) => {
    const rig = new BinanceRig();
    rig.binance.exchange.submit(rigMarket('0e'));
    rig.binance.exchange.submit(rigOrder('1t', { side: 'sell', priceTicks: 610_000 }));
    rig.runFor(500);
    rig.take();
    const { venue } = rig.venue;
    venue.liquidate(venue.account.position(symbol, 'BOTH'), prefix, 59_000);
    rig.runFor(1_000);
    const told = rig.take();
    expect(told).toContainEqual(
      expect.objectContaining({ kind: 'order.filled', origin, side: 'sell', lots: 10 }),
    );
    expect(told.some(({ kind }) => kind === 'position.liquidated')).toBe(origin === 'liquidation');
    expect(rig.notices.join()).toContain(`closed by the venue (${origin})`);
  });
});
