import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../engine/event.ts';
import { Instrument } from '../../engine/instrument.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import { BinanceExchange } from './binance-exchange.ts';
import { type Reply, ScriptedRest } from './testing/scripted-rest.ts';
import { testSpecs } from './testing/specs.ts';
import { PRECEDENCE, type RestRequest } from './venue-rest.ts';

const START_MS = 1_795_000_000_000;
const instruments = new Map(testSpecs().map((spec) => [spec.symbol, new Instrument(spec)]));

function venue(reply: (request: RestRequest, index: number) => Reply) {
  const time = new VirtualTime(START_MS);
  const rest = new ScriptedRest(time, reply);
  const events: EngineEvent[] = [];
  const notices: string[] = [];
  let reconciles = 0;
  const exchange = new BinanceExchange({
    rest,
    time,
    instruments,
    sink: (event) => void events.push(event),
    notice: (_level, code, text) => void notices.push(`${code} ${text}`),
    onReconcile: () => void reconciles++,
    onFiltersDoubted: () => {},
    onMute: () => {},
  });
  const run = (ms: number) => time.runTo(time.nowMs() + ms);
  const kinds = () => events.map(({ kind }) => kind);
  return { exchange, rest, time, events, notices, run, kinds, reconciles: () => reconciles };
}

function order(change: Partial<OrderRequest> = {}): RiskApproved<OrderRequest> {
  return {
    ...{ orderId: 'qcm-boot1-2a-0e', tradeId: 'boot1-2a', strategyId: 's', role: 'entry' },
    ...{ symbol: 'BTCUSDT', instrumentVersion: 1, side: 'buy', type: 'limit', lots: 10 },
    ...{ timeInForce: 'GTX', priceTicks: 600_000, reduceOnly: false, closePosition: false },
    ...{ triggerTicks: 0, triggerSource: 'mark' },
    ...change,
  } as RiskApproved<OrderRequest>;
}

const STOP = order({
  ...{ orderId: 'qcm-boot1-2a-1s', role: 'stop', side: 'sell', type: 'stopMarket' },
  ...{ priceTicks: 0, timeInForce: 'GTC', reduceOnly: true, triggerTicks: 590_000 },
});
const EXIT = order({
  ...{ orderId: 'qcm-boot1-2a-3x', role: 'exit', side: 'sell', type: 'market' },
  ...{ priceTicks: 0, timeInForce: 'IOC', reduceOnly: true },
});
const ACK = { body: { orderId: 77, clientOrderId: 'qcm-boot1-2a-0e', status: 'NEW' } };
const UNKNOWN_ORDER = { status: 400, code: -2013 };

describe('an order at the venue', () => {
  test('carries documented parameters only; entries have the short window', () => {
    const { exchange, rest, run, events } = venue(() => ACK);
    exchange.submit(order());
    run(100);
    expect(rest.sent[0]).toEqual({
      ...{ method: 'POST', api: 'fapiPrivate', path: 'order', recvWindowMs: 1_500 },
      precedence: PRECEDENCE.opens,
      params: {
        ...{ symbol: 'BTCUSDT', side: 'BUY', quantity: '0.010', type: 'LIMIT' },
        ...{ timeInForce: 'GTX', price: '60000.0', newClientOrderId: 'qcm-boot1-2a-0e' },
      },
    });
    expect(events).toEqual([{ kind: 'order.accepted', orderId: 'qcm-boot1-2a-0e', venueId: '77' }]);
  });

  test('conditional orders go to the algo service with triggerPrice', () => {
    const { exchange, rest } = venue(() => 'silence');
    exchange.submit(STOP);
    exchange.submit(order({ ...STOP, orderId: 'qcm-boot1-2a-2d', closePosition: true, lots: 0 }));
    expect(rest.sent[0]).toMatchObject({ path: 'algoOrder', recvWindowMs: 5_000 });
    expect(rest.sent[0].params).toMatchObject({ triggerPrice: '59000.0', reduceOnly: 'true' });
    expect(rest.sent[1].params).toMatchObject({ closePosition: 'true' });
    expect(rest.sent[1].params).not.toHaveProperty('quantity');
    expect(rest.sent[1].params).not.toHaveProperty('reduceOnly');
  });

  test('an entry without an answer is asked about and never sent again', () => {
    const { exchange, rest, run, kinds, events } = venue(({ method }) =>
      method === 'POST' ? 'silence' : UNKNOWN_ORDER,
    );
    exchange.submit(order());
    run(3_400);
    expect(kinds()).toEqual(['order.unknown']);
    run(6_000);
    expect(rest.calls().filter((call) => call === 'POST order')).toHaveLength(1);
    // Final only after sent + window + 2 s.
    expect(events.at(-1)).toMatchObject({ kind: 'order.rejected', code: -2013 });
    const calls = rest.calls().length;
    run(60_000);
    expect(rest.calls()).toHaveLength(calls);
  });

  test('"does not exist" is no answer before sent + window + 2 s', () => {
    const { exchange, run, kinds } = venue(({ method }) =>
      method === 'POST' ? { status: 408, code: -1007 } : UNKNOWN_ORDER,
    );
    exchange.submit(order());
    run(3_400);
    expect(kinds()).toEqual(['order.unknown']);
    run(3_000);
    expect(kinds()).toEqual(['order.unknown', 'order.rejected']);
  });

  test('fills of a lost order come from the trade list, each at its own price', () => {
    const trades = [
      {
        id: 1,
        price: '59999.9',
        qty: '0.004',
        side: 'BUY',
        maker: false,
        commission: '0.012',
        commissionAsset: 'USDT',
      },
      {
        id: 2,
        price: '60000.0',
        qty: '0.006',
        side: 'BUY',
        maker: false,
        commission: '0.018',
        commissionAsset: 'USDT',
      },
    ];
    const { exchange, run, events } = venue(({ method, path }) => {
      if (method === 'POST') return { status: 503, code: 0, message: 'Unknown error' };
      if (path === 'userTrades') return { body: trades };
      return { body: { orderId: 77, status: 'FILLED', executedQty: '0.010', avgPrice: '1' } };
    });
    exchange.submit(order());
    run(2_000);
    const fills = events.filter((event) => event.kind === 'order.filled');
    expect(fills.map(({ priceTicks, lots }) => [priceTicks, lots])).toEqual([
      [599_999, 4],
      [600_000, 6],
    ]);
  });

  test('the recorded acknowledgement without a price makes no fill', () => {
    const { exchange, run, kinds } = venue(() => ({
      body: { orderId: 77, status: 'FILLED', executedQty: '0.010', avgPrice: '60000' },
    }));
    exchange.submit(order());
    run(900);
    expect(kinds()).toEqual(['order.accepted']);
  });

  test('a refusal that may be repeated is repeated under the same id, bounded', () => {
    const { exchange, rest, run, events } = venue(() => ({ status: 503, code: -1008 }));
    exchange.submit(STOP);
    run(5_000);
    expect(rest.sent).toHaveLength(4);
    expect(new Set(rest.sent.map(({ params }) => params.clientAlgoId)).size).toBe(1);
    expect(events.at(-1)).toMatchObject({ kind: 'order.rejected', code: -1008 });
  });

  test('an exit that may be repeated is repeated soon: the books have more of them', () => {
    const { exchange, rest, run, kinds } = venue(() => ({ status: 503, code: -1008 }));
    exchange.submit(EXIT);
    run(800);
    expect(rest.sent).toHaveLength(4);
    expect(kinds()).toEqual(['order.rejected']);
  });

  test('the time until "does not exist" counts begins with the last sending', () => {
    let posted = 0;
    const { exchange, run, time, events } = venue(({ method }) => {
      if (method !== 'POST') return UNKNOWN_ORDER;
      return posted++ < 3 ? { status: 503, code: -1008 } : 'silence';
    });
    const sentMs = time.nowMs();
    exchange.submit(EXIT);
    run(7_500);
    expect(events.at(-1)).toMatchObject({ kind: 'order.unknown' });
    run(1_000);
    expect(events.at(-1)).toMatchObject({ kind: 'order.rejected', code: -2013 });
    expect(time.nowMs() - sentMs).toBe(8_500);
  });

  test('an exit whose end has been told does not leave again, however late its refusal', () => {
    const { exchange, rest, run, events } = venue(({ method }) =>
      method === 'POST' ? { status: 503, code: -1008, afterMs: 9_000 } : UNKNOWN_ORDER,
    );
    exchange.submit(EXIT);
    run(20_000);
    expect(events.at(-1)).toMatchObject({ kind: 'order.rejected', code: -2013 });
    expect(rest.calls().filter((call) => call === 'POST order')).toHaveLength(1);
  });

  test('a clock error syncs the clock and tries once more', () => {
    const { exchange, rest, run } = venue(() => ({ status: 400, code: -1021 }));
    exchange.submit(order());
    run(5_000);
    expect(rest.clockSyncs).toBe(2);
    expect(rest.sent).toHaveLength(2);
  });
});

describe('a stop', () => {
  test('whose answer is late gets one second stop; of two that rest one is cancelled', () => {
    let posted = 0;
    const { exchange, rest, run, kinds } = venue(({ method, params }) => {
      if (method === 'POST') return posted++ === 0 ? 'silence' : { body: { algoId: 6 } };
      if (method === 'DELETE') return { body: { code: '200' } };
      const isTwin = String(params.clientAlgoId).includes('.');
      return { body: { algoId: isTwin ? 6 : 5, algoStatus: 'NEW' } };
    });
    exchange.submit(STOP);
    run(799);
    expect(rest.calls()).toEqual(['POST algoOrder']);
    run(500);
    expect(kinds()).toContain('order.accepted');
    const posts = rest.sent.filter(({ method }) => method === 'POST');
    expect(posts.map(({ params }) => params.clientAlgoId)).toEqual([
      'qcm-boot1-2a-1s',
      'qcm-boot1-2a-1.s',
    ]);
    run(5_000);
    const cancels = rest.sent.filter(({ method }) => method === 'DELETE');
    expect(new Set(cancels.map(({ params }) => params.clientAlgoId))).toEqual(
      new Set(['qcm-boot1-2a-1.s']),
    );
    // Its end is not the end of the stop.
    const o = { caid: 'qcm-boot1-2a-1.s', aid: 6, s: 'BTCUSDT', ps: 'BOTH', X: 'CANCELED' };
    exchange.onFrame(JSON.stringify({ e: 'ALGO_UPDATE', E: 1, o }));
    expect(kinds()).not.toContain('order.cancelled');
    expect(rest.sent.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  test('-4130 takes over a stop of ours that rests, and leaves a stranger alone', () => {
    const closing = order({
      ...{ ...STOP, orderId: 'qcm-boot2-3-1d', role: 'disaster', closePosition: true },
      ...{ reduceOnly: false, lots: 0 },
    });
    for (const [id, kind] of [
      ['qcm-boot1-1-1d', 'order.accepted'],
      ['web_abc', 'order.rejected'],
    ]) {
      const row = { clientAlgoId: id, algoId: 9, closePosition: true, side: 'SELL' };
      const { exchange, rest, run, events } = venue(({ method }) =>
        method === 'GET'
          ? { body: [{ ...row, symbol: 'BTCUSDT', triggerPrice: '1' }] }
          : { status: 400, code: -4130 },
      );
      exchange.submit(closing);
      run(1_000);
      expect(events).toMatchObject([{ kind, orderId: closing.orderId }]);
      if (kind === 'order.rejected') continue;
      const { orderId } = closing;
      exchange.cancel({ kind: 'order.cancel', orderId, symbol: 'BTCUSDT', isConditional: true });
      expect(rest.sent.at(-1)).toMatchObject({ method: 'DELETE', params: { clientAlgoId: id } });
    }
  });

  test('a ban lets nothing out and says so at once', () => {
    const message = `IP banned until ${START_MS + 60_000}`;
    const { exchange, rest, run, kinds, notices } = venue(() => ({
      ...{ status: 418, code: -1003, message },
    }));
    exchange.submit(order());
    run(100);
    exchange.submit(STOP);
    run(100);
    expect(rest.calls()).toEqual(['POST order']);
    expect(kinds().filter((kind) => kind === 'order.rejected')).toHaveLength(2);
    expect(kinds()).toContain('entries.blocked');
    expect(notices[0]).toContain('VENUE_REFUSED');
  });
});

describe('a cancel', () => {
  test('of an order that is gone asks how it ended', () => {
    const { exchange, run, kinds } = venue(({ method }) => {
      if (method === 'POST') return ACK;
      if (method === 'DELETE') return { status: 400, code: -2011 };
      return { body: { orderId: 77, status: 'EXPIRED', executedQty: '0' } };
    });
    exchange.submit(order());
    const ids = { orderId: 'qcm-boot1-2a-0e', symbol: 'BTCUSDT', isConditional: false };
    run(100);
    exchange.cancel({ kind: 'order.cancel', ...ids });
    run(3_000);
    expect(kinds()).toEqual(['order.accepted', 'order.cancelRejected', 'order.expired']);
  });

  test('that got lost is sent again as long as the order rests', () => {
    let cancels = 0;
    const { exchange, run, kinds } = venue(({ method }) => {
      if (method === 'POST') return ACK;
      if (method === 'DELETE') return cancels++ === 0 ? 'silence' : { body: {} };
      const status = cancels > 1 ? 'CANCELED' : 'NEW';
      return { body: { orderId: 77, status, executedQty: '0' } };
    });
    exchange.submit(order());
    const ids = { orderId: 'qcm-boot1-2a-0e', symbol: 'BTCUSDT', isConditional: false };
    exchange.cancel({ kind: 'order.cancel', ...ids });
    run(10_000);
    expect(cancels).toBe(2);
    expect(kinds().at(-1)).toBe('order.cancelled');
  });
});
