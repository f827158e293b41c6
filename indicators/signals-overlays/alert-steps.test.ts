import { expect, test } from 'vitest';
import { AlertSteps } from './alert-steps.ts';

/** One character a bar: the conditions that hold, as letters; returns '!' where it fired. */
function run(steps: AlertSteps, bars: readonly string[], conditions = 'abc'): string {
  return bars
    .map((held) => {
      const holds = [...conditions].map((letter) => (held.includes(letter) ? 1 : 0));
      return steps.update(holds) === 1 ? '!' : '.';
    })
    .join('');
}

test('one step is an AND of its conditions on every bar', () => {
  const steps = new AlertSteps({ steps: [1, 1, 1] });
  expect(run(steps, ['abc', 'ab', 'abc', ''])).toBe('!.!.');
});

test('steps come in order, each on a later bar', () => {
  const steps = new AlertSteps({ steps: [1, 2, 3] });
  expect(run(steps, ['b', 'abc', 'c', 'bc', 'c', 'c'])).toBe('....!.');
});

test('conditions of one step must hold on one bar', () => {
  const steps = new AlertSteps({ steps: [1, 2, 2] });
  expect(run(steps, ['a', 'b', 'c', 'bc'])).toBe('...!');
});

test('the maximum distance runs from one step to the next and then starts over', () => {
  const inTime = new AlertSteps({ steps: [1, 2, 3], distanceMaxBars: 2 });
  expect(run(inTime, ['a', '', 'b', '', 'c'])).toBe('....!');
  const late = new AlertSteps({ steps: [1, 2, 3], distanceMaxBars: 2 });
  expect(run(late, ['a', '', '', 'b', 'c'])).toBe('.....');
  const again = new AlertSteps({ steps: [1, 2, 3], distanceMaxBars: 2 });
  expect(run(again, ['a', '', '', 'a', 'b', 'c'])).toBe('.....!');
});

test('while a step is awaited, a newer bar of the one before counts', () => {
  const steps = new AlertSteps({ steps: [1, 2], distanceMaxBars: 2 });
  expect(run(steps, ['a', '', 'a', '', 'b'], 'ab')).toBe('....!');
});

test('after firing it starts over', () => {
  const steps = new AlertSteps({ steps: [1, 2] });
  expect(run(steps, ['a', 'b', 'b', 'a', 'b'], 'ab')).toBe('.!..!');
});

test('wrong declarations and wrong lengths are refused', () => {
  for (const steps of [[], [0], [1, 3], [1.5]]) {
    expect(() => new AlertSteps({ steps })).toThrow(RangeError);
  }
  expect(() => new AlertSteps({ steps: [1], distanceMaxBars: -1 })).toThrow(RangeError);
  expect(() => new AlertSteps({ steps: [1] }).update([1, 1])).toThrow(RangeError);
});
