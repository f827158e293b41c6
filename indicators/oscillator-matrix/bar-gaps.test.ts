import { expect, test } from 'vitest';
import { BarGaps } from './bar-gaps.ts';
import { bar } from './testing/walk-bars.ts';

function watch(gaps: BarGaps, indexes: readonly number[]): string {
  return indexes
    .map((index) => {
      gaps.update(bar({ index, close: 1 }));
      return gaps.restart === 1 ? 'R' : gaps.shown === 1 ? '.' : 'm';
    })
    .join('');
}

test('five bars are muted after a hole, the first bar after it included', () => {
  expect(watch(new BarGaps(180_000), [0, 1, 2, 4, 5, 6, 7, 8, 9, 10])).toBe('...mmmmm..');
});

test('a second hole begins the five bars anew', () => {
  expect(watch(new BarGaps(), [0, 1, 3, 4, 6, 7, 8, 9, 10, 11])).toBe('..mmmmmmm.');
});

test('200 missing bars are bridged, 201 start anew', () => {
  expect(watch(new BarGaps(), [0, 1, 202, 203])).toBe('..mm');
  expect(watch(new BarGaps(), [0, 1, 203, 204])).toBe('..Rm');
});

test('the length of a bar is given or the smallest distance so far', () => {
  expect(watch(new BarGaps(60_000), [0, 1])).toBe('.m');
  expect(watch(new BarGaps(), [0, 2, 3, 4])).toBe('....');
  expect(() => new BarGaps(-1)).toThrow(RangeError);
});
