import { expect, test } from 'vitest';
import type { BacktestResult } from '../run-options.ts';
import { notFilledWhatIf } from './not-filled.ts';
import { trade } from './testing/trade-fixture.ts';
import { makerShareOf } from './trade-stats.ts';

test('unfilled signals meet the trade of the same moment', () => {
  const base = {
    unfilled: [trade({ decidedMs: 1 }), trade({ decidedMs: 2 }), trade({ decidedMs: 3 })],
  };
  const atMarket = {
    trades: [
      trade({ decidedMs: 1, tradeR: 2 }),
      trade({ decidedMs: 3, tradeR: -1 }),
      trade({ decidedMs: 9 }),
    ],
  };
  expect(notFilledWhatIf(base as BacktestResult, atMarket as BacktestResult)).toEqual({
    signals: 3,
    matched: 2,
    wins: 1,
    sumR: 1,
    meanR: 0.5,
  });
});

test('maker shares are weighed by money, not by trades', () => {
  // 1 x (100 + 101) all maker, 3 x (100 + 101) none: a quarter.
  const trades = [trade({ makerShare: 1 }), trade({ makerShare: 0, quantity: 3 })];
  expect(makerShareOf(trades)).toBeCloseTo(0.25, 12);
  expect(makerShareOf([])).toBeUndefined();
});
