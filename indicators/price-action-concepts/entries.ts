import type { IndicatorEntry, Output, OutputUnit } from '../indicator.ts';
import { PriceActionConcepts } from './price-action-concepts.ts';

type Pac = PriceActionConcepts;

const DIRECTIONS = [
  'internalTrend',
  'swingTrend',
  'iBos',
  'iChoch',
  'iChochPlus',
  'sBos',
  'sChoch',
  'sChochPlus',
] as const;

/** Columns that exist for both sides, and the unit of their values. */
const PAIRS = [
  ['bullObCount', 'bearObCount', 'count'],
  ['bullObTop', 'bearObBottom', 'price'],
  ['bullObBottom', 'bearObTop', 'price'],
  ['bullObVolume', 'bearObVolume', 'volume'],
  ['bullObDominance', 'bearObDominance', 'ratio'],
  ['bullObStrength', 'bearObStrength', 'ratio'],
  ['bullObCreated', 'bearObCreated', 'count'],
  ['bullObMitigated', 'bearObMitigated', 'count'],
  ['withinBullOb', 'withinBearOb', 'flag'],
  ['enteredBullOb', 'enteredBearOb', 'event'],
  ['bullGrab', 'bearGrab', 'event'],
  ['eqh', 'eql', 'event'],
  ['bullFvg', 'bearFvg', 'event'],
] as const;

const PAIRS_MORE = [
  ['strongHigh', 'strongLow', 'flag'],
  ['eqhMid', 'eqlMid', 'event'],
  ['eqhLong', 'eqlLong', 'event'],
  ['bullFvgMitigated', 'bearFvgMitigated', 'count'],
  ['premiumBottom', 'discountTop', 'price'],
  ['equilibriumTop', 'equilibriumBottom', 'price'],
] as const;

type Pair = (typeof PAIRS)[number] | (typeof PAIRS_MORE)[number];
type Name = (typeof DIRECTIONS)[number] | Pair[0] | Pair[1] | 'inverseFvg' | 'doubleFvg';

/** Columns of `qcm series --module price-action`, in the order they are written. */
export const PRICE_ACTION_COLUMNS: readonly Name[] = [
  ...DIRECTIONS,
  'bullObCount',
  'bearObCount',
  'bullObTop',
  'bullObBottom',
  'bullObVolume',
  'bullObDominance',
  'bullObStrength',
  'bearObTop',
  'bearObBottom',
  'bearObVolume',
  'bearObDominance',
  'bearObStrength',
  'bullObCreated',
  'bearObCreated',
  'bullObMitigated',
  'bearObMitigated',
  'withinBullOb',
  'withinBearOb',
  'enteredBullOb',
  'enteredBearOb',
  'bullGrab',
  'bearGrab',
  'eqh',
  'eql',
  'bullFvg',
  'bearFvg',
];

const OUTPUTS = new Map<Name, Output<Pac>>();
for (const name of [...DIRECTIONS, 'inverseFvg', 'doubleFvg'] as const) {
  OUTPUTS.set(name, { name, unit: 'direction', read: (p) => p[name] });
}
for (const [a, b, unit] of [...PAIRS, ...PAIRS_MORE]) {
  OUTPUTS.set(a, sided(a, b, unit));
  OUTPUTS.set(b, sided(b, a, unit));
}

/** The outputs of those columns. */
export const PRICE_ACTION_OUTPUTS: readonly Output<Pac>[] = PRICE_ACTION_COLUMNS.map(
  (name) => OUTPUTS.get(name)!,
);

/** Numbers of blocks and zones are missing while there is none. */
function sided(name: Pair[0] | Pair[1], mirrorOf: string, unit: OutputUnit): Output<Pac> {
  const sparse = unit === 'price' || unit === 'volume' || unit === 'ratio';
  return { name, unit, read: (p) => p[name], mirrorOf, sparse };
}

const all: readonly Output<Pac>[] = [
  ...PRICE_ACTION_OUTPUTS,
  ...[...OUTPUTS.values()].filter((output) => !PRICE_ACTION_OUTPUTS.includes(output)),
];

function entry(
  name: string,
  summary: string,
  create: (options: { tickSize?: number; lowFirst?: boolean }) => Pac,
): IndicatorEntry {
  const typed: IndicatorEntry<Pac> = {
    name,
    module: 'price-action-concepts',
    summary,
    create: (tickSize) => create({ tickSize }),
    createMirrored: (tickSize) => create({ tickSize, lowFirst: true }),
    outputs: all,
    mirror: 'exact',
  };
  return typed as unknown as IndicatorEntry;
}

export const ENTRIES: readonly IndicatorEntry[] = [
  entry(
    'price-action-concepts',
    'Structure, volumetric order blocks, liquidity, imbalances and zones',
    (options) => new PriceActionConcepts(options),
  ),
];
