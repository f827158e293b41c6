import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from './error.ts';
import { decode, encode } from './journal-codec.ts';

const plain = fc.jsonValue({ maxDepth: 3 });
const special = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0);

describe('journal lines', () => {
  it('come back as they were, NaN, infinities and -0 included', () => {
    fc.assert(
      fc.property(plain, special, fc.string(), (value, number, text) => {
        const line = { value, number, text, tagged: `~${text}`, list: [number, text] };
        expect(decode(encode(line))).toEqual(JSON.parse(JSON.stringify({ value })) && line);
      }),
    );
  });

  it('keep columns as columns', () => {
    const state = { a: Float64Array.of(1, Number.NaN, -0), b: Int32Array.of(-3), c: [1, 2] };
    expect(decode(encode(state))).toEqual(state);
  });

  it('are refused when cut anywhere or when any character differs', () => {
    const line = encode({ seq: 17, event: { kind: 'bar.closed', close: 60_000.1 } });
    for (let at = 0; at < line.length; at++) {
      expect(() => decode(line.slice(0, at)), `cut at ${at}`).toThrow();
      const other = line[at] === '7' ? '8' : '7';
      const flipped = line.slice(0, at) + other + line.slice(at + 1);
      expect(() => decode(flipped), `flip at ${at}`).toThrow();
    }
  });

  it('are refused when any one bit of any line differs on disk', () => {
    fc.assert(
      fc.property(plain, special, fc.nat(), fc.nat(7), (value, number, at, bit) => {
        const bytes = new TextEncoder().encode(encode({ value, number }));
        bytes[at % bytes.length] ^= 1 << bit;
        expect(() => decode(new TextDecoder().decode(bytes))).toThrow(AppError);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['undefined', undefined],
    ['undefined in a list', [1, undefined]],
    ['a map', { deep: new Map([[1, 2]]) }],
    ['a set', new Set([1])],
    ['a column of another kind', Int16Array.of(1)],
    ['data that looks like a column', { '~array': 'Float64Array', values: [1] }],
  ])('refuse %s instead of changing it', (_name, value) => {
    expect(() => encode(value)).toThrow(AppError);
  });
});
