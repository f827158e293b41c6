import type { IndicatorEntry, Output } from '../indicator.ts';
import type { OrderBlocks } from './order-blocks.ts';
import { SmartMoneyConcepts } from './smart-money-concepts.ts';

type Smc = SmartMoneyConcepts;

const NONE = Number.NaN;

/** A pivot level: absent until the first pivot of its side. */
function level(name: string, mirrorOf: string, read: (smc: Smc) => number): Output<Smc> {
  return { name, unit: 'price', read, mirrorOf, sparse: true };
}

function paired(
  unit: 'event' | 'flag' | 'count',
  name: string,
  mirrorOf: string,
  read: (smc: Smc) => number,
): Output<Smc> {
  return { name, unit, read, mirrorOf };
}

const OUTPUTS: readonly Output<Smc>[] = [
  { name: 'internalTrend', unit: 'direction', read: (s) => s.internalBreaks.bias },
  { name: 'swingTrend', unit: 'direction', read: (s) => s.swingBreaks.bias },
  level('internalHigh', 'internalLow', (s) => s.internal.highLevel),
  level('internalLow', 'internalHigh', (s) => s.internal.lowLevel),
  level('swingHigh', 'swingLow', (s) => s.swing.highLevel),
  level('swingLow', 'swingHigh', (s) => s.swing.lowLevel),
  // 1 = BOS, 2 = CHoCH on this bar.
  paired('count', 'internalBull', 'internalBear', (s) => s.internalBreaks.bull),
  paired('count', 'internalBear', 'internalBull', (s) => s.internalBreaks.bear),
  paired('count', 'swingBull', 'swingBear', (s) => s.swingBreaks.bull),
  paired('count', 'swingBear', 'swingBull', (s) => s.swingBreaks.bear),
  paired('event', 'equalHigh', 'equalLow', (s) => s.equalHigh),
  paired('event', 'equalLow', 'equalHigh', (s) => s.equalLow),
  level('trailingTop', 'trailingBottom', (s) => s.trailing.top),
  level('trailingBottom', 'trailingTop', (s) => s.trailing.bottom),
  level('equilibrium', 'equilibrium', (s) => s.trailing.equilibrium()),
  paired('flag', 'strongHigh', 'strongLow', (s) => Number(s.swingBreaks.bias === -1)),
  paired('flag', 'strongLow', 'strongHigh', (s) => Number(s.swingBreaks.bias === 1)),
  { name: 'internalBlocks', unit: 'count', read: (s) => s.internalBlocks?.count ?? 0 },
  { name: 'swingBlocks', unit: 'count', read: (s) => s.swingBlocks?.count ?? 0 },
  level('internalBlockHigh', 'internalBlockLow', (s) => newest(s.internalBlocks, 'high')),
  level('internalBlockLow', 'internalBlockHigh', (s) => newest(s.internalBlocks, 'low')),
  // Gaps are judged by relative moves, which depend on the side of the mirror.
  { name: 'gaps', unit: 'count', read: (s) => s.gaps?.count ?? 0, mirrorValue: false },
  {
    name: 'gapCreated',
    unit: 'direction',
    read: (s) => s.gaps?.createdBias ?? 0,
    mirrorValue: false,
  },
];

export const ENTRIES: readonly IndicatorEntry[] = [
  {
    name: 'smart-money-concepts',
    module: 'smart-money-concepts',
    summary: 'Structure, order blocks, equal levels, fair value gaps and zones',
    create: () => new SmartMoneyConcepts(),
    createMirrored: () => new SmartMoneyConcepts({ lowFirst: true }),
    outputs: OUTPUTS,
    mirror: 'exact',
  } as IndicatorEntry<Smc> as unknown as IndicatorEntry,
];

function newest(blocks: OrderBlocks | null, field: 'high' | 'low'): number {
  return blocks === null || blocks.count === 0 ? NONE : blocks[field][blocks.count - 1];
}
