import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { decode, encode } from './journal-codec.ts';
import { Leases } from './leases.ts';
import { Timers } from './timers.ts';

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
});

describe('digests', () => {
  it('do not depend on the order of keys, and tell values apart', () => {
    expect(digestOf({ a: 1, b: [2, 'x'] })).toBe(digestOf({ b: [2, 'x'], a: 1 }));
    const values = [
      0,
      -0,
      Number.NaN,
      1,
      '1',
      true,
      [1],
      [[1]],
      ['ab', 'c'],
      ['a', 'bc'],
      { a: 1 },
    ];
    expect(new Set(values.map(digestOf)).size).toBe(values.length);
  });
});

describe('leases', () => {
  it('are granted all or none, to one owner', () => {
    const symbols = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
    const wish = fc.record({
      want: fc.uniqueArray(fc.constantFrom(...symbols), { minLength: 1 }),
      trade: fc.constantFrom('t1', 't2'),
      isRelease: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 30 }), (wishes) => {
        const leases = new Leases();
        const owner = new Map<string, string>();
        for (const { want, trade, isRelease } of wishes) {
          if (isRelease) {
            for (const symbol of want) {
              leases.release(symbol, trade);
              if (owner.get(symbol) === trade) owner.delete(symbol);
            }
          } else {
            const isFree = want.every((symbol) => !owner.has(symbol));
            expect(leases.grant(want, { strategyId: trade, tradeId: trade })).toBe(isFree);
            if (isFree) for (const symbol of want) owner.set(symbol, trade);
          }
          for (const symbol of symbols) {
            expect(leases.ownerOf(symbol)?.tradeId).toBe(owner.get(symbol));
          }
        }
      }),
    );
  });
});

describe('timers', () => {
  it('fire by time, equal times in the order they were set, and can be moved', () => {
    const timers = new Timers();
    timers.set('b', 20);
    timers.set('a', 20);
    timers.set('c', 10);
    timers.set('b', 5);
    const order: string[] = [];
    for (let next = timers.next(); next !== undefined; next = timers.next()) {
      order.push(next.id);
      timers.clear(next.id);
    }
    expect(order).toEqual(['b', 'c', 'a']);
  });
});
