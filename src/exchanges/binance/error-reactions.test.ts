import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../../engine/event.ts';
import { Instrument } from '../../engine/instrument.ts';
import type { OrderRequest } from '../../engine/order.ts';
import type { RiskApproved } from '../../engine/risk-gate.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import { BinanceExchange } from './binance-exchange.ts';
import { ERROR_TABLE, type ErrorRule } from './error-table.ts';
import { type Reply, ScriptedRest } from './testing/scripted-rest.ts';
import { testSpecs } from './testing/specs.ts';
import type { RestRequest } from './venue-rest.ts';

const symbol = 'BTCUSDT';
const instruments = new Map(testSpecs().map((spec) => [spec.symbol, new Instrument(spec)]));
const UNLISTED: ErrorRule = { code: -9_876, reaction: 'terminal', also: 'alarm', meaning: 'new' };

const ENTRY = {
  ...{ orderId: 'qcm-boot1-2a-0e', tradeId: 't', strategyId: 's', symbol, role: 'entry' },
  ...{ instrumentVersion: 1, side: 'buy', type: 'limit', timeInForce: 'GTX', lots: 10 },
  ...{ priceTicks: 599_900, triggerTicks: 0, triggerSource: 'mark' },
  ...{ reduceOnly: false, closePosition: false },
} as OrderRequest as RiskApproved<OrderRequest>;
const STOP = {
  ...{ ...ENTRY, orderId: 'qcm-boot1-2a-1s', role: 'stop', side: 'sell', type: 'stopMarket' },
  ...{ reduceOnly: true, priceTicks: 0, triggerTicks: 590_000 },
} as RiskApproved<OrderRequest>;

function statusOf({ code }: ErrorRule): number {
  if (code === -1003 || code === -1015) return 429;
  if (code === -1008) return 503;
  return code === -1007 ? 408 : 400;
}

/** A venue that answers what `fails` picks with this error, once or always, and all else well. */
function session(fails: (request: RestRequest, index: number) => boolean, rule: ErrorRule) {
  const time = new VirtualTime(1_795_000_000_000);
  const events: EngineEvent[] = [];
  const notices: string[] = [];
  const rows = { status: 'NEW', algoStatus: 'NEW', executedQty: '0', actualQty: '0' };
  const rest = new ScriptedRest(time, (request, index): Reply => {
    if (fails(request, index)) return { status: statusOf(rule), code: rule.code };
    if (request.path === 'openAlgoOrders') return { body: [] };
    return { body: { orderId: 77, algoId: 78, actualOrderId: '', ...rows } };
  });
  const counts = { filters: 0, reconciles: 0 };
  const exchange = new BinanceExchange({
    ...{ rest, time, instruments },
    sink: (event) => void events.push(event),
    notice: (level, code) => void notices.push(`${level} ${code}`),
    onReconcile: () => void counts.reconciles++,
    onFiltersDoubted: () => void counts.filters++,
    onMute: () => {},
  });
  return { time, rest, events, notices, exchange, counts };
}

const posts = (rest: ScriptedRest) =>
  rest.sent.filter(({ method, path }) => method === 'POST' && /rder$/.test(path));

describe.each([...ERROR_TABLE, UNLISTED])('code $code: $meaning', (rule) => {
  test.each([ENTRY, STOP])('refuses a submission: $role', (request) => {
    const { time, rest, events, notices, exchange, counts } = session(
      ({ method }) => method === 'POST',
      rule,
    );
    exchange.submit(request);
    time.runTo(time.nowMs() + 30_000);
    const kinds = events.map(({ kind }) => kind);
    const rejections = events.filter((event) => event.kind === 'order.rejected');
    switch (rule.reaction) {
      case 'retry':
        // The same id, a few times, then an end; never a second order.
        expect(new Set(posts(rest).map(({ params }) => idOf(params))).size).toBe(1);
        // After a 429 only protection may leave before the window is over.
        if (statusOf(rule) !== 429 || request === STOP) {
          expect(posts(rest).length).toBeGreaterThan(1);
        }
        expect(posts(rest).length).toBeLessThanOrEqual(4);
        // An entry that a full window holds back is refused by our own governor.
        expect([rule.code, -1_003]).toContain(rejections[0]?.code);
        expect(rejections).toHaveLength(1);
        break;
      case 'query':
      case 'done':
      case 'gone':
        // Only silence asks for one more stop: an answer shows that the venue can be asked.
        expect(posts(rest)).toHaveLength(1);
        expect(kinds[0]).toBe('order.unknown');
        expect(kinds.at(-1)).toBe('order.accepted');
        break;
      default:
        expect(posts(rest)).toHaveLength(1);
        expect(rejections).toMatchObject([{ orderId: request.orderId, code: rule.code }]);
        expect(kinds).not.toContain('order.accepted');
    }
    if (rule.also === 'alarm') expect(notices).toContain('alarm VENUE_REFUSED');
    if (rule.also === 'syncClock') expect(rest.clockSyncs).toBeGreaterThan(0);
    if (rule.also === 'rereadFilters') expect(counts.filters).toBeGreaterThan(0);
    if (rule.also === 'haltEntries' || rule.reaction === 'halt') {
      expect(kinds).toContain('entries.blocked');
    }
    if (rule.reaction === 'resync') expect(counts.reconciles).toBeGreaterThan(0);
  });

  test('once, in the way of a cancel: the order is looked at, and nothing is made up', () => {
    let left = 1;
    const { time, rest, events, exchange } = session(
      ({ method }) => method === 'DELETE' && left-- > 0,
      rule,
    );
    exchange.submit(ENTRY);
    time.runTo(time.nowMs() + 1_000);
    exchange.cancel({ kind: 'order.cancel', orderId: ENTRY.orderId, symbol, isConditional: false });
    time.runTo(time.nowMs() + 8_000);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).not.toContain('order.cancelled');
    expect(rest.calls()).toContain('GET order');
    // It still rests at the venue, so that the cancel goes out again.
    expect(rest.calls().filter((call) => call === 'DELETE order').length).toBeGreaterThan(1);
  });

  test('in the way of an amendment: the order stays as it is unless the venue says so', () => {
    const { time, rest, events, exchange } = session(({ method }) => method === 'PUT', rule);
    exchange.submit(ENTRY);
    time.runTo(time.nowMs() + 1_000);
    const amend = { orderId: ENTRY.orderId, symbol, priceTicks: 599_800, lots: 10 };
    exchange.amend({ kind: 'order.amend', ...amend });
    time.runTo(time.nowMs() + 8_000);
    const amended = events.filter(({ kind }) => kind === 'order.amended');
    expect(amended).toHaveLength(rule.reaction === 'done' ? 1 : 0);
    expect(rest.calls().filter((call) => call === 'PUT order')).toHaveLength(1);
    if (rule.reaction !== 'done') expect(rest.calls()).toContain('GET order');
  });

  test('in the way of a query: only "unknown order", and late, ends it', () => {
    const { time, events, exchange } = session(({ method }) => method === 'GET', rule);
    exchange.query({ kind: 'order.query', orderId: ENTRY.orderId, symbol, isConditional: false });
    time.runTo(time.nowMs() + 6_900);
    expect(events.filter(({ kind }) => kind.startsWith('order.'))).toEqual([]);
    time.runTo(time.nowMs() + 20_000);
    const facts = events.filter(({ kind }) => kind.startsWith('order.'));
    expect(facts.map(({ kind }) => kind)).toEqual(
      rule.reaction === 'gone' ? ['order.rejected'] : [],
    );
  });
});

function idOf(params: RestRequest['params']): unknown {
  return params.newClientOrderId ?? params.clientAlgoId;
}
