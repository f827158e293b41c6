import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsvTable } from './csv-table.ts';
import { parseKlineBytes } from './kline-bytes.ts';
import { rowsOfTable } from './read-bars.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Decimals as exchanges write them, from plain to absurdly long. */
const decimal = fc.oneof(
  fc.tuple(fc.nat(9_999_999), fc.nat(99_999_999)).map(([a, b]) => `${a}.${b}`),
  fc.nat(100_000).map(String),
  fc.tuple(fc.nat(99), fc.bigInt(0n, 10n ** 24n)).map(([a, b]) => `${a}.${b}`),
  fc.constantFrom('0', '0.0', '0.00000001', '1.', '123456789012345678901234567890'),
);

const row = fc.tuple(
  fc.integer({ min: 1e12, max: 2e12 }),
  fc.array(decimal, { minLength: 5, maxLength: 5 }),
  fc.option(decimal),
);

describe('the fast kline parser', () => {
  it('reads every number as the robust path does', () => {
    const file = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 20 }),
      hasHeader: fc.boolean(),
      newline: fc.constantFrom('\n', '\r\n'),
      endsWithNewline: fc.boolean(),
    });
    const header =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
      'taker_buy_volume,taker_buy_quote_volume,ignore';
    fc.assert(
      fc.property(file, ({ rows, hasHeader, newline, endsWithNewline }) => {
        const lines = rows.map(([time, values, taker]) =>
          [time, ...values, time + 1, '', '', taker ?? '', '', ''].join(','),
        );
        if (hasHeader) lines.unshift(header);
        const text = lines.join(newline) + (endsWithNewline ? newline : '');
        const fast = parseKlineBytes(bytes(text));
        const robust = rowsOfTable(readCsvTable('x.csv', bytes(text))).rows;
        expect(fast?.length).toBe(robust.length);
        for (let i = 0; i < robust.length; i++) {
          for (const field of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const) {
            expect(fast?.[field][i]).toBe(robust[field][i]);
          }
          expect(fast?.takerBuyVolume[i]).toEqual(robust.takerBuyVolume[i]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a short row', '1,2,3,4,5,6\n'],
    ['text in a number', '1700000000000,1,x,1,1,1,1,1,1,1,1,0\n'],
    ['an exponent', '1700000000000,1e5,1,1,1,1,1,1,1,1,1,0\n'],
    ['a minus', '1700000000000,-1,1,1,1,1,1,1,1,1,1,0\n'],
    ['quotes', '"1700000000000",1,1,1,1,1,1,1,1,1,1,0\n'],
    ['another header', 'time,open,high,low,close\n1700000000,1,1,1,1\n'],
    ['an empty price', '1700000000000,,1,1,1,1,1,1,1,1,1,0\n'],
    ['a thirteenth field', '1700000000000,1,1,1,1,1,1,1,1,1,1,0,9\n'],
  ])('leaves %s to the robust path', (_, text) => {
    expect(parseKlineBytes(bytes(text))).toBeUndefined();
  });
});
