import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createBars } from '../../../data/bars/bars.ts';
import { packBars, UNPACK_BARS_SCRIPT } from './pack-bars.ts';
import { packInts, UNPACK_SCRIPT } from './pack-ints.ts';

function inPage<T>(expression: string, values: Record<string, unknown>): T {
  const script = `${UNPACK_SCRIPT}${UNPACK_BARS_SCRIPT}JSON.stringify(${expression})`;
  return JSON.parse(runInNewContext(script, { atob, ...values }));
}

test('whole numbers come back in the page, up to 2^52 and below zero', () => {
  const values = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31, -(2 ** 31), 2 ** 52 - 1];
  expect(inPage('unpackInts(text)', { text: packInts(values) })).toEqual(values);
  expect(packInts([])).toBe('');
});

test('small numbers take one byte, and what is no whole number is refused', () => {
  const bytes = (values: number[]) => Buffer.from(packInts(values), 'base64').length;
  expect([bytes([63]), bytes([-64]), bytes([64])]).toEqual([1, 1, 2]);
  expect(() => packInts([0.5])).toThrow(RangeError);
  expect(() => packInts([Number.NaN])).toThrow(RangeError);
});

test('bars come back to the tick, holes in time included', () => {
  const source = { kind: 'file', names: [] } as const;
  const bars = createBars({ symbol: 'X', timeframeMs: 180_000, length: 4, source });
  bars.openTime.set([0, 180_000, 720_000, 900_000]);
  bars.open.set([9, 100.1, 100.3, 99.9]);
  bars.high.set([9, 100.4, 100.3, 101.7]);
  bars.low.set([9, 99.8, 99.2, 99.9]);
  bars.close.set([9, 100.3, 99.9, 101.6]);
  const packed = packBars(bars, { from: 1, to: 4, tickSize: '0.10' });
  expect(packed).toMatchObject({ count: 3, firstMs: 180_000, digits: 1, tick: 0.1 });
  expect(inPage('unpackBars(packed).slice(0, 9)', { packed })).toEqual([
    { time: 180, open: 100.1, high: 100.4, low: 99.8, close: 100.3 },
    { time: 720, open: 100.3, high: 100.3, low: 99.2, close: 99.9 },
    { time: 900, open: 99.9, high: 101.7, low: 99.9, close: 101.6 },
  ]);
});
