import type { Indicator, IndicatorEntry } from '../indicator.ts';
import { HurstExponent } from './hurst-exponent.ts';
import { MomentumExhaustion } from './momentum-exhaustion.ts';
import { RateOfChange } from './rate-of-change.ts';
import { RealizedVolatility } from './realized-volatility.ts';
import { TimeframeRsi } from './timeframe-rsi.ts';

const MODULE = 'regime';

/** A list of unlike members has to forget their classes; each `read` meets only its own kind. */
function entry<I extends Indicator>(of: Omit<IndicatorEntry<I>, 'module'>): IndicatorEntry {
  return { ...of, module: MODULE } as unknown as IndicatorEntry;
}

export const ENTRIES: readonly IndicatorEntry[] = [
  entry<HurstExponent>({
    name: 'hurst-exponent',
    summary: 'Trending or ranging, by how moves grow with time',
    create: () => new HurstExponent(),
    outputs: [
      { name: 'hurst', unit: 'ratio', read: (i) => i.value },
      { name: 'hurstRegime', unit: 'direction', read: (i) => i.regime },
    ],
    mirror: 'none',
  }),
  entry<RealizedVolatility>({
    name: 'realized-volatility',
    summary: 'Volatility of returns, its rank, and quiet or wild regime',
    create: () => new RealizedVolatility(),
    outputs: [
      { name: 'realizedVolatility', unit: 'ratio', read: (i) => i.value },
      { name: 'volatilityRank', unit: 'ratio', read: (i) => i.rank },
      { name: 'volatilityRegime', unit: 'direction', read: (i) => i.regime },
    ],
    mirror: 'none',
  }),
  entry<TimeframeRsi>({
    name: 'timeframe-rsi',
    summary: 'RSI of 3m and 15m, and whether they agree',
    create: () => new TimeframeRsi(),
    outputs: [
      { name: 'rsi3m', unit: 'ratio', read: (i) => i.valueAt(0) },
      { name: 'rsi15m', unit: 'ratio', read: (i) => i.valueAt(1) },
      { name: 'rsiAlignment', unit: 'direction', read: (i) => i.alignment },
    ],
    mirror: 'none',
  }),
  entry<RateOfChange>({
    name: 'rate-of-change',
    summary: 'Change of the close over 10 bars, percent',
    create: () => new RateOfChange(),
    outputs: [{ name: 'rateOfChange', unit: 'ratio', read: (i) => i.value }],
    mirror: 'none',
  }),
  entry<MomentumExhaustion>({
    name: 'momentum-exhaustion',
    summary: 'How worn out an up- or down-move is, 0..100',
    create: () => new MomentumExhaustion(),
    outputs: [
      { name: 'upExhaustion', unit: 'ratio', read: (i) => i.upScore },
      { name: 'downExhaustion', unit: 'ratio', read: (i) => i.downScore },
      { name: 'exhaustion', unit: 'direction', read: (i) => i.direction },
    ],
    mirror: 'none',
  }),
];
