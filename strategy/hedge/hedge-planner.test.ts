import { expect, test } from 'vitest';
import type { StrategyView } from '../../src/engine/strategy.ts';
import { riskBar } from '../risk/testing/risk-fixture.ts';
import { HedgePlanner, type LegChart } from './hedge-planner.ts';

const chart: LegChart = {
  onBar: () => {},
  atr: 10,
  opposingEdge: () => Number.NaN,
  save: () => null,
  load: () => {},
};
const view = {
  fundingRate: () => Number.NaN,
  fundingIntervalHours: () => 8,
} as unknown as StrategyView;

/** ETH moves twice as far as BTC, bar by bar: beta 2, correlation 1. */
function planner(rebalanceDrift: number): HedgePlanner {
  const made = new HedgePlanner({
    hedge: {
      mode: 'proportional',
      factor: 0.6,
      correlationMin: 0.5,
      fundingTiltMax: 0.25,
      makerWaitMs: 1_500,
      onFail: 'exitBtc',
      stopAtr: 0.9,
      blockWithinAtr: 3,
      rebalanceDrift,
    },
    symbol: 'BTCUSDT',
    charts: new Map([['ETHUSDT', chart]]),
    timeframeMs: 60_000,
  });
  let [btc, eth] = [100_000, 4_000];
  for (let i = 0; i < 70; i++) {
    const move = 0.001 * Math.sin(i);
    btc *= 1 + move;
    eth *= 1 + 2 * move;
    for (const [symbol, close] of [
      ['ETHUSDT', eth],
      ['BTCUSDT', btc],
    ] as const) {
      made.onBar(
        riskBar({ symbol, openTime: i * 60_000, open: close, high: close, low: close, close }),
      );
    }
  }
  return made;
}

const held = (notionalRatio: number) => [{ symbol: 'ETHUSDT', notionalRatio }];

test('a leg is rebalanced to what would be planned now once it is off by a quarter', () => {
  // Proportional with one leg: factor / beta = 0.3.
  const change = planner(0.25).rebalance(held(0.2), 1, view);
  expect(change).toEqual({ legSymbol: 'ETHUSDT', notionalRatio: expect.closeTo(0.3, 6) });
  expect(planner(0.25).rebalance(held(0.25), 1, view)).toBeUndefined();
  expect(planner(0.25).rebalance(held(0.45), 1, view)?.notionalRatio).toBeCloseTo(0.3, 6);
});

test('never with a drift of 0, without legs, or for a leg that has no returns', () => {
  expect(planner(0).rebalance(held(0.01), 1, view)).toBeUndefined();
  expect(planner(0.25).rebalance([], 1, view)).toBeUndefined();
  const other = [...held(0.01), { symbol: 'SOLUSDT', notionalRatio: 0.1 }];
  expect(planner(0.25).rebalance(other, 1, view)).toBeUndefined();
});
