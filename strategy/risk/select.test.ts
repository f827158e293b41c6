import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectKth, selectMedian } from './select.ts';

const values = fc
  .array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 })), {
    minLength: 1,
    maxLength: 200,
  })
  .map((list) => Float64Array.from(list, (value) => value + 0));

describe('selection', () => {
  it('finds what a full sort finds', () => {
    fc.assert(
      fc.property(values, fc.nat(), (list, seed) => {
        const sorted = list.slice().sort();
        const k = seed % list.length;
        expect(selectKth(list.slice(), k)).toBe(sorted[k]);
        const middle = list.length >> 1;
        const median =
          list.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        expect(selectMedian(list.slice())).toBe(median);
      }),
      { numRuns: 1_000 },
    );
  });
});
