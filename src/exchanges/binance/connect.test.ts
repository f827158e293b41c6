import { describe, expect, test } from 'vitest';
import type { SocketHandlers } from '../../../data/binance/venue-socket.ts';
import type { EngineEvent } from '../../engine/event.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import { connectBinance } from './connect.ts';
import { type Reply, ScriptedRest } from './testing/scripted-rest.ts';
import { testSpecs } from './testing/specs.ts';
import { venueAddress } from './venue-address.ts';
import type { RestRequest } from './venue-rest.ts';

const [SPEC] = testSpecs();
let tick = '0.10';
/** How a change of the margin type is refused; 0 when it is taken. */
let marginCode = 0;

function account({ method, path }: RestRequest): Reply {
  const filters = [
    { filterType: 'PRICE_FILTER', tickSize: tick },
    { filterType: 'LOT_SIZE', stepSize: SPEC.stepSize, maxQty: SPEC.maxQuantity },
    { filterType: 'MARKET_LOT_SIZE', maxQty: '120' },
    { filterType: 'MIN_NOTIONAL', notional: '50' },
    { filterType: 'PERCENT_PRICE', multiplierUp: '1.05', multiplierDown: '0.95' },
  ];
  const names = { symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT', status: 'TRADING' };
  const rates = { makerCommissionRate: '0.000200', takerCommissionRate: '0.000500' };
  const tier = { notionalFloor: 0, notionalCap: 300_000, maintMarginRatio: 0.004, cum: 0 };
  switch (`${method} ${path}`) {
    case 'POST positionSide/dual':
      return { status: 400, code: -4059 };
    case 'POST multiAssetsMargin':
      return { status: 400, code: -4171 };
    case 'GET exchangeInfo':
      return { body: { symbols: [{ ...names, liquidationFee: '0.0125', filters }] } };
    case 'GET leverageBracket':
      return { body: [{ symbol: 'BTCUSDT', brackets: [{ ...tier, initialLeverage: 150 }] }] };
    case 'GET commissionRate':
      return { body: rates };
    case 'GET symbolConfig':
      return { body: [{ symbol: 'BTCUSDT', marginType: 'CROSSED', leverage: 20 }] };
    case 'GET positionRisk':
      return { body: [{ symbol: 'BTCUSDT', positionAmt: '0.010', positionSide: 'BOTH' }] };
    case 'POST marginType':
      return marginCode === 0 ? { body: {} } : { status: 400, code: marginCode };
    case 'POST listenKey':
      return { body: { listenKey: 'key0000001' } };
    default:
      return { body: {} };
  }
}

function session() {
  const time = new VirtualTime(1_795_000_000_000);
  const rest = new ScriptedRest(time, account);
  const events: EngineEvent[] = [];
  const sockets: { url: string; handlers: SocketHandlers }[] = [];
  let reconciles = 0;
  const binance = connectBinance({
    ...{ rest, time, wsUrl: 'wss://venue', symbols: ['BTCUSDT'], leverage: 5 },
    sink: (event) => void events.push(event),
    notice: () => {},
    onReconcile: () => void reconciles++,
    open: (url, handlers) => {
      sockets.push({ url, handlers });
      time.wake(time.nowMs() + 20, () => handlers.onOpen());
      return { send: () => {}, ping: () => {}, close: () => {} };
    },
  });
  const run = async (ms: number) => {
    for (let at = time.nowMs() + 100; ms > 0; ms -= 100, at += 100) {
      time.runTo(at);
      for (let i = 0; i < 5; i++) await Promise.resolve();
    }
  };
  return { time, rest, events, sockets, binance, run, reconciles: () => reconciles };
}

describe('the account', () => {
  test('is put into its state; leverage is left alone under a position', async () => {
    tick = '0.10';
    const { rest, binance, run, events } = session();
    const prepared = binance.setup.prepare();
    await run(3_000);
    const facts = await prepared;
    expect(facts.instruments).toEqual([{ ...SPEC, liquidationFee: '0.0125' }]);
    expect(facts.feeRates).toEqual({ BTCUSDT: { makerE8: 20_000, takerE8: 50_000 } });
    expect(facts.brackets.BTCUSDT).toHaveLength(1);
    expect(rest.calls()).toContain('POST marginType');
    expect(rest.calls()).not.toContain('POST leverage');
    expect(events).toContainEqual({
      ...{ kind: 'accountConfig.changed', symbol: 'BTCUSDT', leverage: 20 },
    });
    tick = '0.20';
    const refreshed = binance.setup.refresh();
    await run(1_000);
    await refreshed;
    expect(events.at(-1)).toMatchObject({ kind: 'instrument.changed', spec: { version: 2 } });
    binance.stop();
  });
});

test('cross margin under a position does not end a start: entries wait until it is isolated', async () => {
  const { binance, run, events } = session();
  marginCode = -4048;
  const prepared = binance.setup.prepare();
  await run(3_000);
  await prepared;
  const reason = 'venue: BTCUSDT is on cross margin';
  const told = () => events.flatMap((each) => ('reason' in each ? [each.kind] : []));
  expect(events).toContainEqual({ kind: 'entries.blocked', reason });
  await run(60_000);
  // A person may have lifted the halt in between.
  expect(told()).toEqual(['entries.blocked', 'entries.blocked']);
  marginCode = 0;
  await run(60_000);
  expect(events.at(-1)).toEqual({ kind: 'entries.released', reason });
  await run(120_000);
  expect(told()).toHaveLength(3);
  binance.stop();
});

describe('the private stream', () => {
  test('has its own path; an expired key makes a new one and asks for a look', async () => {
    const { sockets, binance, run, reconciles } = session();
    binance.stream.start();
    await run(500);
    expect(sockets[0].url).toBe('wss://venue/private/ws?listenKey=key0000001');
    expect(reconciles()).toBe(1);
    sockets[0].handlers.onText('{"e":"listenKeyExpired","E":"1736996475556","listenKey":"k1"}');
    await run(500);
    expect(sockets).toHaveLength(2);
    expect(reconciles()).toBe(2);
    binance.stop();
  });

  test('a line on which not even pongs come is replaced; one that lives is kept', async () => {
    const { sockets, binance, run } = session();
    binance.stream.start();
    for (let i = 0; i < 12; i++) {
      await run(10_000);
      sockets[0].handlers.onLife();
    }
    expect(sockets).toHaveLength(1);
    await run(60_000);
    expect(sockets.length).toBeGreaterThan(1);
    binance.stop();
  });
});

describe('addresses', () => {
  const env = { QCM_BINANCE_REST: 'http://127.0.0.1:9/', QCM_BINANCE_WS: 'ws://127.0.0.1:9/base/' };
  test('follow the variables, but never with real money or real keys', () => {
    const at = (mode: 'paper' | 'live', isFakeVenue: boolean, apiKey = 'test1') =>
      venueAddress({ mode, env, isFakeVenue, apiKey });
    const expected = { restUrl: 'http://127.0.0.1:9', wsUrl: 'ws://127.0.0.1:9/base' };
    expect(at('paper', false)).toEqual({ ...expected, isElsewhere: true });
    expect(at('live', true)).toMatchObject(expected);
    expect(() => at('live', false)).toThrow('live mode');
    expect(() => at('live', true, 'AbC123')).toThrow('"test"');
    const half = { QCM_BINANCE_REST: 'http://127.0.0.1:9' };
    expect(() => venueAddress({ mode: 'paper', env: half, isFakeVenue: false })).toThrow('one of');
    expect(venueAddress({ mode: 'live', env: {}, isFakeVenue: false }).restUrl).toBe(
      'https://fapi.binance.com',
    );
  });
});
