import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest, digestOf } from './digest.ts';

/** Text that is equal for two values exactly when they are the same data. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = value as Record<string, unknown>;
    const parts = Object.keys(fields)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`);
    return `{${parts.join(',')}}`;
  }
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

/** Few leaves and deep shapes, so that near-equal values meet often. */
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(1, 2, -0, 0, 'a', null, true),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('tree')),
  ),
}));

describe('the digest of plain data', () => {
  it('is equal for equal data only, whatever the shape', () => {
    const byDigest = new Map<string, string>();
    fc.assert(
      fc.property(tree, (value) => {
        const digest = digestOf(value);
        expect(canonical(value)).toBe(byDigest.get(digest) ?? canonical(value));
        byDigest.set(digest, canonical(value));
      }),
      { numRuns: 3_000 },
    );
    expect(byDigest.size).toBeGreaterThan(500);
  });

  it.each([
    [[[1], 2], [[1, 2]]],
    [{ a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
    [null, {}],
    [[], [[]]],
    [0, -0],
    [1, '1'],
    [1, true],
    [
      ['ab', 'c'],
      ['a', 'bc'],
    ],
  ])('tells %j from %j', (one, other) => {
    expect(digestOf(one)).not.toBe(digestOf(other));
  });

  it('does not depend on the order of keys, nor on fields that are undefined', () => {
    expect(digestOf({ a: 1, b: [2, 'x'] })).toBe(digestOf({ b: [2, 'x'], a: 1 }));
    expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }));
  });

  it('knows one NaN', () => {
    const odd = new Float64Array(new Uint32Array([1, 0x7ff80000]).buffer)[0];
    expect(odd).toBeNaN();
    expect(digestOf(odd)).toBe(digestOf(Number.NaN));
  });

  it('goes on from a snapshot', () => {
    const whole = new Digest();
    const first = new Digest();
    for (const digest of [whole, first]) digest.addNumber(1.5);
    const second = new Digest();
    second.load(structuredClone(first.save()));
    for (const digest of [whole, second]) digest.addString('fill');
    expect(second.hex()).toBe(whole.hex());
  });
});
