import type { Indicator, IndicatorEntry } from '../indicator.ts';
import { Absorption } from './absorption.ts';
import { FlowSurge } from './flow-surge.ts';
import { TakerAggression } from './taker-aggression.ts';
import { TakerCvd } from './taker-cvd.ts';
import { VolumeProfile } from './volume-profile.ts';
import { VolumeSurge } from './volume-surge.ts';

const MODULE = 'order-flow';

/** A list of unlike members has to forget their classes; each `read` meets only its own kind. */
function entry<I extends Indicator>(of: Omit<IndicatorEntry<I>, 'module'>): IndicatorEntry {
  return { ...of, module: MODULE } as unknown as IndicatorEntry;
}

export const ENTRIES: readonly IndicatorEntry[] = [
  entry<TakerCvd>({
    name: 'taker-cvd',
    summary: 'Cumulative volume delta from taker volume, and its change over 5 bars',
    create: () => new TakerCvd(),
    outputs: [
      { name: 'cvd', unit: 'volume', read: (i) => i.value },
      { name: 'cvdChange', unit: 'volume', read: (i) => i.change },
    ],
    mirror: 'none',
  }),
  entry<FlowSurge>({
    name: 'flow-surge',
    summary: 'Net taker flow against its usual size',
    create: () => new FlowSurge(),
    outputs: [
      { name: 'flowRatio', unit: 'ratio', read: (i) => i.ratio },
      { name: 'flowSurge', unit: 'direction', read: (i) => i.direction },
    ],
    mirror: 'none',
  }),
  entry<VolumeSurge>({
    name: 'volume-surge',
    summary: 'Volume against the mean of the bars before',
    create: () => new VolumeSurge(),
    outputs: [
      { name: 'volumeRatio', unit: 'ratio', read: (i) => i.ratio },
      { name: 'volumeSurge', unit: 'event', read: (i) => i.event },
    ],
    mirror: 'none',
  }),
  entry<VolumeProfile>({
    name: 'volume-profile',
    summary: 'Point of control and value area of a rolling window',
    create: () => new VolumeProfile(),
    outputs: [
      { name: 'vpoc', unit: 'price', read: (i) => i.vpoc },
      { name: 'val', unit: 'price', read: (i) => i.val },
      { name: 'vah', unit: 'price', read: (i) => i.vah },
    ],
    mirror: 'none',
  }),
  entry<Absorption>({
    name: 'absorption',
    summary: 'Heavy taker flow that does not move price',
    create: () => new Absorption(),
    outputs: [
      { name: 'absorptionEffort', unit: 'ratio', read: (i) => i.effort },
      { name: 'absorptionResult', unit: 'ratio', read: (i) => i.result },
      { name: 'absorption', unit: 'direction', read: (i) => i.direction },
    ],
    mirror: 'none',
  }),
  entry<TakerAggression>({
    name: 'taker-aggression',
    summary: 'Which side pays the spread, over a window',
    create: () => new TakerAggression(),
    outputs: [{ name: 'takerAggression', unit: 'ratio', read: (i) => i.value }],
    mirror: 'none',
  }),
];
