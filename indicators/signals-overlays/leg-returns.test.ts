import { expect, test } from 'vitest';
import { bar, generator } from '../oscillator-matrix/testing/walk-bars.ts';
import { LegReturns } from './leg-returns.ts';

const UNIT = 2 ** 46;

test('sums equal the finished legs that begin in the last 250 bars, and never drift', () => {
  const random = generator(12);
  const returns = new LegReturns(3);
  const turns: { at: number; direction: number; close: number }[][] = [[], [], []];
  let close = 100;
  for (let index = 0; index < 5000; index++) {
    close *= 1 + (random() - 0.5) / 50;
    returns.expire(index);
    // The third candidate turns on every bar: the window holds as many legs as it can.
    turns.forEach((list, i) => {
      if (i < 2 && random() > 0.06) return;
      const direction = list.length % 2 === 0 ? 1 : -1;
      list.push({ at: index, direction, close });
      returns.turn(i, { direction, bar: bar({ index, close }), index });
    });
    turns.forEach((list, i) => {
      let sum = 0;
      for (let k = list.length - 1; k > 0 && list[k - 1].at >= index - 249; k--) {
        sum += list[k - 1].direction * (list[k].close / list[k - 1].close - 1);
      }
      if (Math.abs(returns.sums[i] / UNIT - sum) > 1e-11) expect.fail(`${i} at ${index}: ${sum}`);
    });
  }
});

test('candidates with the same legs are exactly equal, whatever they had before', () => {
  const returns = new LegReturns(2);
  const random = generator(13);
  const turn = (i: number, index: number, close: number, direction: number) =>
    returns.turn(i, { direction, bar: bar({ index, close }), index });
  for (let index = 0; index < 200; index += 3) {
    turn(0, index, 100 + random(), index % 2 === 0 ? 1 : -1);
  }
  for (let index = 200; index < 480; index += 10) {
    const close = 100 + random();
    returns.expire(index);
    turn(0, index, close, index % 20 === 0 ? 1 : -1);
    turn(1, index, close, index % 20 === 0 ? 1 : -1);
  }
  expect(returns.expire(480)).toBe(true);
  expect(returns.sums[0]).toBe(returns.sums[1]);
  expect(returns.sums[0]).not.toBe(0);
});
