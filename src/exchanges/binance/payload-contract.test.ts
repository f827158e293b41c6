import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { klineRow, MarketFrameReader } from '../../../data/binance/market-frame.ts';
import { sharedPath } from '../../../data/testing/shared.ts';
import type { EngineEvent } from '../../engine/event.ts';
import { Instrument } from '../../engine/instrument.ts';
import type { AccountAnswer } from '../../live/ports.ts';
import { VirtualTime } from '../../live/virtual-time.ts';
import { AccountReader } from './account-reader.ts';
import { connectBinance } from './connect.ts';
import type { ScriptOutcome } from './rest-script.ts';
import { ScriptedRest } from './testing/scripted-rest.ts';
import { testSpecs } from './testing/specs.ts';
import { UserFrameReader } from './user-frame.ts';
import { readUserTrade } from './venue-fill.ts';
import { readBrackets, readFeeRates, readInstrument } from './venue-rows.ts';

const folder = sharedPath('payloads', 'binance');
const START_MS = 1_795_000_000_000;
const ID = 'qcm-boot1-2a-0e';
const name = { orderId: ID, symbol: 'BTCUSDT' };

if (folder === undefined) {
  console.warn('payload contract skipped: ../shared/payloads/binance is absent');
}

function files(): string[] {
  const names = readdirSync(folder as string, { recursive: true }) as string[];
  return names.filter((each) => each.endsWith('.json')).sort();
}

/** The payload of a file: some are wrapped with their source, status or stream. */
function payload(file: string): unknown {
  const root: unknown = JSON.parse(readFileSync(join(folder as string, file), 'utf8'));
  const wrapped = root as { body?: unknown; result?: unknown } | null;
  if (typeof wrapped === 'object' && wrapped !== null)
    return wrapped.body ?? wrapped.result ?? root;
  return root;
}

const rows = (file: string) => {
  const body = payload(file);
  return (Array.isArray(body) ? body : [body]) as Record<string, unknown>[];
};

/** An adapter whose venue answers everything with one body. */
function adapter(body: unknown) {
  const time = new VirtualTime(START_MS);
  const events: EngineEvent[] = [];
  const binance = connectBinance({
    ...{ rest: new ScriptedRest(time, () => ({ body })), time, wsUrl: 'wss://venue' },
    ...{ symbols: ['BTCUSDT'], leverage: 5, notice: () => {}, onReconcile: () => {} },
    sink: (event) => void events.push(event),
    open: () => ({ send: () => {}, ping: () => {}, close: () => {} }),
  });
  const instruments = binance.instruments as Map<string, Instrument>;
  for (const spec of testSpecs()) instruments.set(spec.symbol, new Instrument(spec));
  return { time, events, ...binance };
}

describe.skipIf(folder === undefined)('every recorded payload', () => {
  test('as a frame of either stream: understood, or unsupported with a reason', () => {
    const instruments = new Map(testSpecs().map((spec) => [spec.symbol, new Instrument(spec)]));
    const user = new UserFrameReader(instruments);
    const market = new MarketFrameReader();
    const understood = { user: 0, market: 0 };
    for (const file of files()) {
      const text = JSON.stringify(payload(file));
      const reading = user.read(text);
      if (reading.unsupported === undefined) understood.user++;
      else expect(reading.events, file).toEqual([]);
      const frame = market.read(text);
      if (frame.kind !== 'unsupported') understood.market++;
      else expect(frame.reason, file).not.toBe('');
    }
    expect(files().length).toBeGreaterThan(200);
    expect(understood.user).toBeGreaterThan(15);
    expect(understood.market).toBeGreaterThan(8);
  });

  test('as the answer to everything: no crash, no fill, no picture made of it', () => {
    let pictures = 0;
    for (const file of files()) {
      const { time, events, exchange, accounts, setup } = adapter(payload(file));
      exchange.cancel({ kind: 'order.cancel', ...name, isConditional: false });
      exchange.query({ kind: 'order.query', ...name, orderId: `${ID}x`, isConditional: true });
      let picture: AccountAnswer | undefined;
      let facts: ScriptOutcome<unknown> | undefined;
      const ask = { symbols: ['BTCUSDT'], fillsAfter: {}, transfersSinceMs: START_MS };
      accounts.readAccount(ask, (answer) => {
        picture = answer;
      });
      setup.begin((outcome) => {
        facts = outcome;
      });
      time.runTo(START_MS + 20_000);
      setup.stop();
      if (picture?.kind === 'picture') {
        pictures++;
        expect(picture.picture.positions, file).toEqual([]);
      }
      expect(facts?.kind, file).toBe('failed');
      expect(
        events.filter(({ kind }) => kind === 'order.filled'),
        file,
      ).toEqual([]);
    }
    // An empty list is the account of somebody who has nothing.
    expect(pictures).toBeLessThanOrEqual(3);
  });

  test('user trades, brackets, fees, filters and bars are read where they are such', () => {
    const instrument = new Instrument(testSpecs()[0]);
    const [trade] = rows('official-sdk/rest-api__TradeApi__accountTradeList.json');
    // The documented sample is of hedge mode and off the tick of today: told, never rounded.
    const context = { orderId: ID, instrument };
    expect(readUserTrade(trade, context)).toContain('SHORT');
    expect(readUserTrade({ ...trade, positionSide: 'BOTH' }, context)).toContain('7819.01');
    const onTick = { ...trade, positionSide: 'BOTH', price: '7819.00' };
    expect(readUserTrade(onTick, context)).toMatchObject({ side: 'sell', priceTicks: 78_190 });
    const exchangeInfo = payload('exchangeInfo_BTC_ETH_SOL.json') as { symbols: never[] };
    const [btc] = exchangeInfo.symbols;
    expect(readInstrument(btc, 1)).toMatchObject({ symbol: 'BTCUSDT', tickSize: '0.10' });
    const brackets = rows('leverageBracket_BTC_ETH_SOL.json');
    expect(Array.isArray(readBrackets(brackets[0]))).toBe(true);
    expect(readFeeRates(rows('binance_docs/rest_commissionRate.json')[0])).toHaveProperty(
      'takerE8',
    );
    expect(klineRow(rows('binance_docs/rest_klines.json')[0])).toHaveProperty('takerBuyVolume');
  });

  test.each([
    ['openOrders', 'binance_docs/rest_openOrders.json'],
    ['openOrders', 'official-sdk/rest-api__TradeApi__currentAllOpenOrders.json'],
    ['openAlgoOrders', 'binance_docs/rest_open_algo_orders.json'],
    ['openAlgoOrders', 'captured/algoOrder_finished.json'],
  ])('%s of %s make a picture once they are on a symbol of ours', (path, file) => {
    const time = new VirtualTime(START_MS);
    const listed = rows(file).map((row) => ({ ...row, symbol: 'BTCUSDT', quantity: '0.01' }));
    const rest = new ScriptedRest(time, (request) => ({
      body: request.path === path ? listed : [],
    }));
    const binance = connectBinance({
      ...{ rest, time, wsUrl: 'wss://venue', symbols: ['BTCUSDT'], leverage: 5 },
      ...{ sink: () => {}, notice: () => {}, onReconcile: () => {} },
    });
    const instruments = new Map(testSpecs().map((spec) => [spec.symbol, new Instrument(spec)]));
    const accounts = new AccountReader({
      ...{ line: binance.exchange.line, instruments, orders: binance.exchange.orders },
      nowMs: () => time.nowMs(),
      witness: binance.exchange.witness,
    });
    let answer: AccountAnswer | undefined;
    accounts.readAccount({ symbols: [], fillsAfter: {}, transfersSinceMs: START_MS }, (told) => {
      answer = told;
    });
    time.runTo(START_MS + 5_000);
    expect(answer).toMatchObject({
      kind: 'picture',
      picture: { orders: [{ symbol: 'BTCUSDT', isConditional: path === 'openAlgoOrders' }] },
    });
  });
});
