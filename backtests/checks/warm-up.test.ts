import { expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { Ema } from '../../indicators/basic/ema.ts';
import { Sma } from '../../indicators/basic/sma.ts';
import { measureWarmUp, type Watched, warmUpText, worstWarmUp } from './warm-up.ts';

const [BARS] = simulateMarket({ seed: 4, days: 3, timeframeMs: 180_000 }).series;

function watch(name: string, indicator: { update(x: number): number }): () => Watched {
  return () => ({
    columns: [name],
    update: (bar, row) => {
      row[0] = indicator.update(bar.close);
    },
  });
}

test('a mean over 20 bars needs 19 bars: the 20th value is the same', () => {
  const open = () => watch('sma', new Sma(20))();
  const [sma] = measureWarmUp(BARS, { open, starts: [100, 333], bars: 500 });
  expect(sma).toEqual({ column: 'sma', bars: 19, isOpen: false, compared: 1_000 });
});

test('an exponential mean forgets its seed at its own pace', () => {
  const open = () => watch('ema', new Ema(20))();
  const [ema] = measureWarmUp(BARS, { open, starts: [100, 333], bars: 900 });
  // The seed's weight falls by 19 / 21 a bar: 1e-9 of the price after about 200 bars.
  expect(ema.bars).toBeGreaterThan(60);
  expect(ema.bars).toBeLessThan(260);
  expect(ema.isOpen).toBe(false);
});

test('a count since the beginning never converges', () => {
  const open = (): Watched => {
    let count = 0;
    return { columns: ['count'], update: (_, row) => void (row[0] = ++count) };
  };
  const [count] = measureWarmUp(BARS, { open, starts: [50], bars: 400 });
  expect(count).toEqual({ column: 'count', bars: 400, isOpen: true, compared: 400 });
});

test('the worst of two series counts, and one that stays open keeps the column open', () => {
  const a = { column: 'x', bars: 10, isOpen: true, compared: 5 };
  const b = { column: 'x', bars: 30, isOpen: false, compared: 2 };
  expect(worstWarmUp([[a], [b]])).toEqual([{ column: 'x', bars: 30, isOpen: true, compared: 7 }]);
});

test('refuses a start without room', () => {
  const open = () => watch('sma', new Sma(20))();
  expect(() => measureWarmUp(BARS, { open, starts: [1_300], bars: 500 })).toThrow(RangeError);
});

test('an output that is always blank is no agreement', () => {
  const open = (): Watched => ({
    columns: ['blank'],
    update: (_, row) => void (row[0] = Number.NaN),
  });
  const [blank] = measureWarmUp(BARS, { open, starts: [50], bars: 400 });
  expect(blank.compared).toBe(0);
  expect(warmUpText(blank)).toBe('no data');
  expect(warmUpText({ ...blank, compared: 1, isOpen: true })).toBe('never');
  expect(warmUpText({ ...blank, compared: 1, bars: 7 })).toBe('7');
});
