import { describe, expect, test } from 'vitest';
import { BinanceRig } from '../testing/in-process-binance.ts';
import type { WireFate } from '../testing/in-process-venue.ts';
import { rigDisaster, rigExit, rigMarket, rigOrder, rigStop } from '../testing/rig-orders.ts';
import { twinId } from './order-id.ts';

const symbol = 'BTCUSDT';

function lines(rig: BinanceRig): string[] {
  return rig.take().flatMap((event) => {
    if (!('orderId' in event)) return [];
    const id = event.orderId.slice('qcm-boot1-2a-'.length);
    const code = 'code' in event ? ` ${event.code}` : '';
    return [`${event.kind.replace('order.', '')} ${id}${code}`];
  });
}

const posts = (rig: BinanceRig, path: string) =>
  rig.venue.written.filter(({ route }) => route === `POST /fapi/v1/${path}`);
const openAlgos = (rig: BinanceRig) =>
  [...rig.venue.venue.algos.open].map(({ clientId }) => clientId);

/** What happens to the first requests to a route, in order; all later ones pass. */
function fates(rig: BinanceRig, route: string, ...wanted: WireFate[]): void {
  rig.venue.fateOf = ({ method, path }) =>
    `${method} ${path}` === route ? (wanted.shift() ?? 'pass') : 'pass';
}

function holding(options: ConstructorParameters<typeof BinanceRig>[0] = {}): BinanceRig {
  const rig = new BinanceRig(options);
  rig.binance.exchange.submit(rigMarket('0e'));
  rig.runFor(500);
  rig.take();
  return rig;
}

describe('a protective request without an answer', () => {
  test('lost on its way: after 800 ms one more stop under another id stands for it', () => {
    const rig = holding();
    fates(rig, 'POST /fapi/v1/algoOrder', 'lost');
    const sentMs = rig.time.nowMs();
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(790);
    expect(posts(rig, 'algoOrder')).toHaveLength(1);
    rig.runFor(10);
    expect(posts(rig, 'algoOrder').at(-1)?.atMs).toBe(sentMs + 800);
    rig.runFor(30_000);
    expect(openAlgos(rig)).toEqual([twinId('qcm-boot1-2a-1s')]);
    expect(lines(rig)).toEqual(['unknown 1s', 'accepted 1s']);
    rig.venue.venue.setPrice(symbol, 58_900);
    rig.runFor(2_000);
    expect(lines(rig)).toEqual(['stop.triggered 1s', 'filled 1s', 'stop.finished 1s']);
  });

  test('carried out, its answer and frames lost: both rest, and the second one goes', () => {
    const rig = holding();
    fates(rig, 'POST /fapi/v1/algoOrder', 'answerLost');
    rig.venue.gateway.faults.streams.push({ category: 'private', match: 'ALGO', kind: 'drop' });
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(830);
    expect(openAlgos(rig)).toHaveLength(2);
    rig.runFor(30_000);
    expect(openAlgos(rig)).toEqual(['qcm-boot1-2a-1s']);
    expect(posts(rig, 'algoOrder')).toHaveLength(2);
    expect(lines(rig)).toEqual(['unknown 1s', 'accepted 1s']);
  });

  test('the stream tells what the answer would have: no second stop', () => {
    const rig = holding();
    fates(rig, 'POST /fapi/v1/algoOrder', 'answerLost');
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(5_000);
    expect(posts(rig, 'algoOrder')).toHaveLength(1);
    expect(lines(rig)).toEqual(['accepted 1s']);
  });

  test('an entry is never sent twice: it is asked about until it is known', () => {
    for (const fate of ['answerLost', 'lost', 'reset'] as const) {
      const rig = new BinanceRig();
      fates(rig, 'POST /fapi/v1/order', fate);
      rig.venue.gateway.faults.streams.push({ category: 'private', kind: 'drop', count: 1 });
      const sentMs = rig.time.nowMs();
      rig.binance.exchange.submit(rigOrder('0e'));
      // Unknown until 1,500 ms of validity and 2 s have passed, whatever the venue says before.
      rig.time.runTo(sentMs + 3_490);
      if (fate !== 'answerLost') expect(lines(rig)).toEqual(['unknown 0e']);
      rig.runFor(10_000);
      expect(lines(rig).at(-1)).toBe(fate === 'answerLost' ? 'accepted 0e' : 'rejected 0e -2013');
      expect(posts(rig, 'order')).toHaveLength(1);
    }
  });

  test('a cancel whose answer is lost is asked about and sent again while the order rests', () => {
    const rig = new BinanceRig();
    rig.binance.exchange.submit(rigOrder('0e'));
    rig.runFor(500);
    fates(rig, 'DELETE /fapi/v1/order', 'lost', 'lost');
    const { orderId } = rigOrder('0e');
    rig.binance.exchange.cancel({ kind: 'order.cancel', orderId, symbol, isConditional: false });
    rig.runFor(20_000);
    expect(lines(rig)).toEqual(['accepted 0e', 'cancelled 0e']);
    expect([...rig.venue.venue.orders.open]).toEqual([]);
  });

  test('an amendment whose answer is lost is told by the stream, once', () => {
    const rig = new BinanceRig();
    rig.binance.exchange.submit(rigOrder('0e'));
    rig.runFor(500);
    rig.take();
    fates(rig, 'PUT /fapi/v1/order', 'answerLost');
    const { orderId } = rigOrder('0e');
    const amend = { orderId, symbol, priceTicks: 599_500, lots: 8 };
    rig.binance.exchange.amend({ kind: 'order.amend', ...amend });
    rig.runFor(10_000);
    expect(lines(rig)).toEqual(['amended 0e']);
    expect([...rig.venue.venue.orders.open]).toMatchObject([{ price: 59_950, quantity: 0.008 }]);
  });
});

describe('stops', () => {
  test.each(['accept', 'refuse'] as const)(
    'before the entry: a venue that says %s',
    (stopBeforeEntry) => {
      const rig = new BinanceRig({ settings: { stopBeforeEntry } });
      const { exchange } = rig.binance;
      exchange.submit(rigStop('1s'));
      exchange.submit(rigDisaster('2d'));
      rig.runFor(1_000);
      const said = stopBeforeEntry === 'accept' ? 'accepted 1s' : 'rejected 1s -2022';
      expect(lines(rig).sort()).toEqual([said, 'rejected 2d -4509'].sort());
    },
  );

  test('one that an earlier process left is taken over instead of a second one', () => {
    const rig = holding();
    rig.binance.exchange.submit(rigDisaster('1d'));
    rig.runFor(500);
    rig.binance.stop();
    const later = new BinanceRig({ venueOf: rig });
    const next = rigDisaster('9d', { triggerTicks: 581_000 });
    later.binance.exchange.submit({ ...next, orderId: 'qcm-boot2-5-9d' } as typeof next);
    later.runFor(1_000);
    const told = later.take().filter((event) => event.kind === 'order.accepted');
    expect(told).toMatchObject([{ orderId: 'qcm-boot2-5-9d' }]);
    expect(later.notices.join()).toContain('STOP_ADOPTED');
    // What happens to it at the venue happens to ours.
    const ours = { orderId: 'qcm-boot2-5-9d', symbol, isConditional: true };
    later.binance.exchange.cancel({ kind: 'order.cancel', ...ours });
    later.runFor(1_000);
    expect(later.take()).toMatchObject([{ kind: 'order.cancelled', orderId: 'qcm-boot2-5-9d' }]);
    expect(openAlgos(later)).toEqual([]);
  });

  test('somebody else’s closePosition stop is left alone and ours is refused', () => {
    const rig = holding();
    const stop = rigDisaster('1d');
    rig.binance.exchange.submit({ ...stop, orderId: 'web_stranger' } as typeof stop);
    rig.runFor(500);
    rig.take();
    rig.binance.exchange.submit(rigDisaster('2d'));
    rig.runFor(1_000);
    expect(lines(rig)).toEqual(['rejected 2d -4130']);
    expect(openAlgos(rig)).toEqual(['web_stranger']);
  });

  test('never ask for priceProtect: a trigger held back would be a naked position', () => {
    const rig = holding();
    rig.binance.exchange.submit(rigStop('1s'));
    rig.runFor(500);
    expect(posts(rig, 'algoOrder')[0].params.has('priceProtect')).toBe(false);
    // Last price falls 8 % while the mark stands still.
    rig.venue.venue.trade(symbol, { price: 55_000, quantity: 0.01, buyerIsMaker: true });
    rig.runFor(1_000);
    expect(lines(rig)).toContain('filled 1s');
  });

  test('the venue’s timer may take them: that is told like any other cancel', () => {
    const rig = holding({ settings: { countdownTakesAlgoOrders: true } });
    const { exchange } = rig.binance;
    exchange.submit(rigStop('1s'));
    exchange.submit(rigOrder('2e'));
    exchange.arm(symbol, 5_000);
    rig.runFor(5_100);
    expect(lines(rig).slice(-2).sort()).toEqual(['cancelled 1s', 'cancelled 2e']);
    exchange.submit(rigStop('3s'));
    exchange.arm(symbol, 5_000);
    rig.runFor(1_000);
    exchange.disarm(symbol);
    rig.runFor(20_000);
    expect(openAlgos(rig)).toEqual(['qcm-boot1-2a-3s']);
  });
});

describe('a market without prices near the mark (-4131)', () => {
  function torn(): BinanceRig {
    const rig = holding();
    // Bids 7 % under the mark: a market order is refused, a limit at the band's edge is not.
    rig.venue.venue.setQuote(symbol, { bid: 55_800, ask: 60_000.1 });
    return rig;
  }

  test('an exit goes out again as a limit inside the band, under the same id', () => {
    const rig = torn();
    rig.binance.exchange.submit(rigExit('3x'));
    rig.runFor(2_000);
    const [refused, limited] = posts(rig, 'order').slice(1);
    expect(refused.params.get('type')).toBe('MARKET');
    expect(Object.fromEntries(limited.params)).toMatchObject({
      ...{ type: 'LIMIT', timeInForce: 'IOC', price: '57300.0', reduceOnly: 'true' },
      newClientOrderId: refused.params.get('newClientOrderId'),
    });
    // Nobody buys there yet: it expires, and the engine sends the next one.
    expect(lines(rig)).toEqual(['accepted 3x', 'expired 3x']);
    rig.venue.venue.setQuote(symbol, { bid: 58_000, ask: 60_000.1 });
    rig.binance.exchange.submit(rigExit('4x'));
    rig.runFor(2_000);
    expect(lines(rig)).toEqual(['accepted 4x', 'filled 4x']);
  });

  test('an entry is refused', () => {
    const rig = torn();
    rig.binance.exchange.submit(rigMarket('3e', { side: 'sell' }));
    rig.runFor(2_000);
    expect(lines(rig)).toEqual(['rejected 3e -4131']);
    expect(posts(rig, 'order')).toHaveLength(2);
  });
});
