import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fuzzFrames } from '../../../data/binance/testing/fuzz-frames.ts';
import { sharedPath } from '../../../data/testing/shared.ts';
import { Instrument } from '../../engine/instrument.ts';
import { testSpecs } from './testing/specs.ts';
import { UserFrameReader } from './user-frame.ts';

const folder = sharedPath('payloads', 'binance');
const instruments = new Map(testSpecs().map((spec) => [spec.symbol, new Instrument(spec)]));
const ID = 'qcm-boot1-2a-0e';

const fill = {
  e: 'ORDER_TRADE_UPDATE',
  E: 1_779_367_929_402,
  o: {
    ...{
      s: 'BTCUSDT',
      c: ID,
      S: 'BUY',
      o: 'LIMIT',
      f: 'GTX',
      q: '0.010',
      p: '60000.0',
      ps: 'BOTH',
    },
    ...{ x: 'TRADE', X: 'PARTIALLY_FILLED', i: 77, l: '0.004', L: '60000.00', t: 9, m: true },
    ...{ n: '0.04800000', N: 'USDT' },
  },
};

function read(frame: unknown) {
  return new UserFrameReader(instruments).read(JSON.stringify(frame));
}

describe('frames of the user stream', () => {
  test('a fill is in ticks, lots and cash units, priced by its own trade', () => {
    const reading = read(fill);
    expect(reading.unsupported).toBeUndefined();
    expect(reading.events).toEqual([
      {
        ...{ kind: 'order.filled', orderId: ID, fillId: '9', symbol: 'BTCUSDT', side: 'buy' },
        ...{ priceTicks: 600_000, lots: 4, feeUnits: 4_800_000, feeAsset: 'USDT' },
        ...{ isMaker: true, origin: 'own' },
      },
    ]);
  });

  test('a price off the tick is never rounded', () => {
    const reading = read({ ...fill, o: { ...fill.o, L: '60000.05' } });
    expect(reading.events).toEqual([]);
    expect(reading.unsupported).toContain('grid');
    expect(reading.needsReconcile).toBe(true);
  });

  test('unknown execution types and position sides are unsupported, unknown fields counted', () => {
    expect(read({ ...fill, o: { ...fill.o, x: 'MERGED' } }).unsupported).toContain('MERGED');
    expect(read({ ...fill, o: { ...fill.o, ps: 'LONG' } }).unsupported).toContain('LONG');
    const reader = new UserFrameReader(instruments);
    const text = JSON.stringify({ ...fill, o: { ...fill.o, zz: 1 } });
    expect(reader.read(text).events).toHaveLength(1);
    expect([...reader.unknownFields.counts()]).toEqual([['order.zz', 1]]);
  });

  test('a liquidation is a fill of the position and an alarm', () => {
    const reading = read({ ...fill, o: { ...fill.o, c: 'autoclose-1', x: 'CALCULATED' } });
    expect(reading.events.map(({ kind }) => kind)).toEqual(['order.filled', 'position.liquidated']);
    expect(reading.alarm).toContain('liquidation');
    const empty = read({ ...fill, o: { ...fill.o, c: 'autoclose-1', x: 'CALCULATED', l: '0' } });
    expect(empty.events).toEqual([]);
  });

  test('the order made by a trigger is known by the stop, finished is not filled', () => {
    const reader = new UserFrameReader(instruments);
    const stop = 'qcm-boot1-2a-1s';
    const o = { caid: stop, aid: 1_000_000_203_021_052, s: 'BTCUSDT', ps: 'BOTH', X: 'TRIGGERED' };
    const triggered = { e: 'ALGO_UPDATE', E: 1, o: { ...o, ai: '88', aq: '0' } };
    expect(reader.read(JSON.stringify(triggered)).events).toEqual([
      { kind: 'stop.triggered', orderId: stop },
    ]);
    const child = { ...fill, o: { ...fill.o, c: 'venueMade', i: 88, S: 'SELL' } };
    expect(reader.read(JSON.stringify(child)).events).toMatchObject([
      { kind: 'order.filled', orderId: stop, origin: 'own' },
    ]);
    const finished = { e: 'ALGO_UPDATE', E: 1, o: { ...o, X: 'FINISHED', ai: '88', aq: '0' } };
    expect(reader.read(JSON.stringify(finished)).events).toEqual([
      { kind: 'stop.finished', orderId: stop, lots: 0 },
    ]);
  });

  test('isolated funding is booked by its amount', () => {
    const B = [{ a: 'USDT', wb: '99', cw: '1', bc: '-0.12345678' }];
    const P = [{ s: 'BTCUSDT', pa: '0.01' }];
    const frame = { e: 'ACCOUNT_UPDATE', E: 1, a: { m: 'FUNDING_FEE', B, P } };
    expect(read(frame).events).toMatchObject([
      { kind: 'funding.settled', symbol: 'BTCUSDT', bookedUnits: -12_345_678 },
    ]);
    expect(read({ e: 'ACCOUNT_UPDATE', E: 1, a: { m: 'DEPOSIT', B } }).needsReconcile).toBe(true);
  });

  test.skipIf(folder === undefined)('every recorded payload is understood or unsupported', () => {
    const reader = new UserFrameReader(instruments);
    let understood = 0;
    let files = 0;
    for (const name of readdirSync(folder as string, { recursive: true }) as string[]) {
      if (!name.endsWith('.json')) continue;
      files++;
      const text = readFileSync(join(folder as string, name), 'utf8');
      const reading = reader.read(text);
      expect(reading.kind === 'other' ? reading.unsupported : 'known', name).toBeTruthy();
      if (reading.kind !== 'other') understood++;
    }
    expect(files).toBeGreaterThan(200);
    expect(understood).toBeGreaterThan(30);
  });

  test('100,000 broken frames are neither a crash nor a wrong number', () => {
    const reader = new UserFrameReader(instruments);
    const seeds = [
      JSON.stringify(fill),
      JSON.stringify({ e: 'ALGO_UPDATE', E: 1, o: { caid: ID } }),
    ];
    let unsupported = 0;
    for (const text of fuzzFrames({ seeds, count: 100_000, seed: 7 })) {
      const reading = reader.read(text);
      if (reading.unsupported !== undefined) unsupported++;
      for (const event of reading.events) {
        if (event.kind !== 'order.filled') continue;
        expect(Number.isSafeInteger(event.lots) && event.lots > 0).toBe(true);
        expect(Number.isSafeInteger(event.priceTicks) && event.priceTicks > 0).toBe(true);
        expect(Number.isSafeInteger(event.feeUnits)).toBe(true);
      }
    }
    expect(unsupported).toBeGreaterThan(10_000);
  });
});
