import type { IndicatorEntry, Output } from '../indicator.ts';
import { type FactorCluster, SuperTrendAi } from './supertrend-ai.ts';

/** With `average` and `best` there is no value until the ratings of the factors first split. */
const OUTPUTS: readonly Output<SuperTrendAi>[] = [
  { name: 'targetFactor', unit: 'ratio', read: factor, sparse: true },
  { name: 'performanceIndex', unit: 'ratio', read: (s) => s.performanceIndex, sparse: true },
  { name: 'performanceAma', unit: 'price', read: (s) => s.performanceAma, sparse: true },
  { name: 'stop', unit: 'price', read: (s) => s.stop, sparse: true },
  { name: 'side', unit: 'flag', read: (s) => s.side },
  { name: 'buy', unit: 'event', read: (s) => s.buy },
  { name: 'sell', unit: 'event', read: (s) => s.sell },
];

/** The clusters may choose before there is a range to multiply; a factor without a stop is no value. */
function factor(ai: SuperTrendAi): number {
  return Number.isNaN(ai.stop) ? Number.NaN : ai.targetFactor;
}

function entry(cluster: FactorCluster): IndicatorEntry {
  return {
    name: `supertrend-ai-${cluster}`,
    module: 'supertrend-ai',
    summary: `Trailing stop by the ${cluster} of several SuperTrend factors`,
    create: () => new SuperTrendAi({ cluster }),
    outputs: OUTPUTS,
    // Start values and ties favour one side; both are forgotten, but not at once.
    mirror: 'approximate',
    // Ratings of neighbouring factors converge; then rounding decides which cluster takes them.
    knifeEdgeShareMax: 0.002,
  } as IndicatorEntry<SuperTrendAi> as unknown as IndicatorEntry;
}

export const ENTRIES: readonly IndicatorEntry[] = [entry('best'), entry('average'), entry('worst')];
