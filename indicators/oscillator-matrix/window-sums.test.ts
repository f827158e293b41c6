import { expect, test } from 'vitest';
import { generator } from './testing/walk-bars.ts';
import { ringMask, WindowSums } from './window-sums.ts';

test('a ring has room for the window and the row that leaves it', () => {
  expect([1, 2, 3, 4, 34, 63, 64].map(ringMask)).toEqual([1, 3, 3, 7, 63, 63, 127]);
});

test('windows of two lengths over one ring equal sums made afresh, zeros exactly', () => {
  const random = generator(3);
  const mask = ringMask(35);
  const ring = new Float64Array(2 * (mask + 1));
  const windows = [35, 7].map((length) => new WindowSums({ channels: 2, length, mask }));
  const history: number[][] = [];
  for (let row = 0; row < 5000; row++) {
    const isQuiet = row % 300 > 200;
    const values = [isQuiet ? 0 : random() * 1e7, random() < 0.5 ? 0 : random() - 0.5];
    history.push(values);
    ring.set(values, 2 * (row & mask));
    for (const window of windows) {
      window.update(ring, row);
      for (const c of [0, 1]) {
        const last = history.slice(-window.length).map((v) => v[c]);
        const sum = last.reduce((a, b) => a + b, 0);
        const size = last.reduce((a, b) => a + Math.abs(b), 0);
        if (size === 0) expect(window.sums[c]).toBe(0);
        else if (Math.abs(window.sums[c] - sum) > 1e-8) expect.fail(`row ${row}: ${sum}`);
      }
    }
  }
});
