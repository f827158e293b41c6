import { expect, test } from 'vitest';
import { composer, simulatedInput } from '../backtests/checks/testing/simulated-input.ts';
import { runBacktest } from '../backtests/run.ts';

test('an entry by volume delta names data without taker volume, and only that', () => {
  const market = simulatedInput({ seed: 5, days: 3 });
  const [bars] = market.feeds;
  const blind = { ...bars, takerBuyVolume: bars.takerBuyVolume.slice().fill(Number.NaN) };
  const degraded = (feed: typeof bars, cvdEntry: string) =>
    runBacktest(
      composer('smc-stand-in', [`entry.cvdEntry=${cvdEntry}`])({ ...market, feeds: [feed] }),
    ).degradedRules.filter((text) => text.includes('cvdEntry'));
  expect(degraded(blind, 'on')).toEqual([
    'btcalpha: cvdEntry without taker volume: the usual entry is used',
  ]);
  expect(degraded(blind, 'off')).toEqual([]);
  expect(degraded(bars, 'on')).toEqual([]);
});
