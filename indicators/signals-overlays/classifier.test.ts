import { expect, test } from 'vitest';
import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import { bar, mirrored, walkBars } from '../oscillator-matrix/testing/walk-bars.ts';
import { Classifier } from './classifier.ts';

test('equals the rule with a sorted window: 3 with the trend, 1 more from the median on', () => {
  const [trend, mean, atr] = [new Ema(200), new Ema(50), new Atr(14)];
  const classifier = new Classifier();
  const stretches: number[] = [];
  const counts = [0, 0, 0, 0, 0];
  for (const b of walkBars(3000, 41)) {
    classifier.update(b);
    trend.update(b.close);
    stretches.push(Math.abs(b.close - mean.update(b.close)) / atr.update(b.high, b.low, b.close));
    const last = stretches.slice(-200);
    if (stretches.length < 249) {
      expect(classifier.rate(1)).toBeNaN();
      continue;
    }
    const sorted = [...last].sort((a, z) => a - z);
    const threshold = (sorted[99] + sorted[100]) / 2;
    const isStretched = last[199] >= threshold ? 1 : 0;
    for (const side of [1, -1]) {
      const expected = (Math.sign(b.close - trend.value) === side ? 3 : 1) + isStretched;
      expect(classifier.rate(side)).toBe(expected);
      counts[expected]++;
    }
  }
  expect(Math.min(...counts.slice(1))).toBeGreaterThan(200);
});

test('on a flat price every stretch is 0, which is at least the median', () => {
  const classifier = new Classifier();
  for (let index = 0; index < 300; index++) classifier.update(bar({ index, close: 5 }));
  expect([classifier.rate(1), classifier.rate(-1)]).toEqual([2, 2]);
});

test('mirrored prices rate the other side the same', () => {
  const [plain, image] = [new Classifier(), new Classifier()];
  const bars = walkBars(1500, 42);
  const turned = mirrored(bars, 60_000);
  bars.forEach((b, i) => {
    plain.update(b);
    image.update(turned[i]);
    expect(image.rate(-1)).toBe(plain.rate(1));
  });
});
