import { expect, test } from 'vitest';
import { bar } from '../oscillator-matrix/testing/walk-bars.ts';
import { TpSlLevels } from './tp-sl-levels.ts';

const NONE = { confirmation: 0, exitBull: 0, exitBear: 0 };

/** Calm bars of height 2 around 100, then a signal at 100: ATR 2, distance 4. */
function opened(side: number): TpSlLevels {
  const levels = new TpSlLevels();
  for (let index = 0; index < 20; index++) levels.update(calm(index), NONE);
  levels.update(calm(20), { ...NONE, confirmation: side });
  return levels;
}

function calm(index: number) {
  return { ...bar({ index, close: 100 }), high: 101, low: 99 };
}

function state(levels: TpSlLevels): number[] {
  const { takeProfit, stopLoss, takeProfitHit, stopLossHit, side } = levels;
  return [takeProfit, stopLoss, takeProfitHit, stopLossHit, side];
}

const GONE = [Number.NaN, Number.NaN];

test('a signal sets stop and target two ATRs away, on either side', () => {
  expect(state(opened(1))).toEqual([104, 96, 0, 0, 1]);
  expect(state(opened(-1))).toEqual([96, 104, 0, 0, -1]);
});

test('targets are reached one after the other, the third ends it', () => {
  const levels = opened(1);
  levels.update({ ...bar({ index: 21, close: 103 }), high: 104, low: 99 }, NONE);
  expect(state(levels)).toEqual([108, 96, 1, 0, 1]);
  levels.update({ ...bar({ index: 22, close: 110 }), high: 112, low: 103 }, NONE);
  expect(state(levels)).toEqual([...GONE, 3, 0, 0]);
});

test('a bar that reaches both counts for the stop', () => {
  const levels = opened(-1);
  levels.update({ ...bar({ index: 21, close: 100 }), high: 104, low: 90 }, NONE);
  expect(state(levels)).toEqual([...GONE, 0, 1, 0]);
});

test('an exit or another signal ends it; the signal bar itself is not matched', () => {
  const left = opened(1);
  left.update(calm(21), { ...NONE, exitBull: 1 });
  expect(state(left)).toEqual([...GONE, 0, 0, 0]);
  const turned = opened(1);
  turned.update({ ...calm(21), close: 99 }, { ...NONE, confirmation: -1 });
  expect(state(turned).slice(2)).toEqual([0, 0, -1]);
  expect(turned.takeProfit).toBeLessThan(99);
});

test('a signal before there is a range sets nothing; distances must be positive', () => {
  const levels = new TpSlLevels();
  levels.update(calm(0), { ...NONE, confirmation: 1 });
  expect(levels.side).toBe(0);
  expect(() => new TpSlLevels({ distanceAtrs: 0 })).toThrow(RangeError);
});
