import type { IndicatorEntry, Output } from '../indicator.ts';
import { OscillatorMatrix } from './oscillator-matrix.ts';
import { OSCILLATOR_MATRIX_PRESETS } from './presets.ts';

type Osc = OscillatorMatrix;

function mirrored(value: number): number {
  return 100 - value;
}

function event(name: string, mirrorOf: string, read: (o: Osc) => number): Output<Osc> {
  return { name, unit: 'event', read, mirrorOf };
}

/** What hangs on the money flow mirrors only nearly: typical price weighs its volume. */
function flow(
  name: string,
  unit: 'ratio' | 'flag' | 'event' | 'count',
  read: (o: Osc) => number,
): Output<Osc> {
  return { name, unit, read, mirrorValue: false };
}

/** The columns of `qcm series --module oscillator-matrix`, in order. */
export const OSCILLATOR_MATRIX_OUTPUTS: readonly Output<Osc>[] = [
  { name: 'hw', unit: 'ratio', read: (o) => o.hw, mirrorValue: mirrored },
  { name: 'hwSignal', unit: 'ratio', read: (o) => o.hwSignal, mirrorValue: mirrored },
  event('hwUp', 'hwDown', (o) => o.hwUp),
  event('hwDown', 'hwUp', (o) => o.hwDown),
  event('hwOversoldUp', 'hwOverboughtDown', (o) => o.hwOversoldUp),
  event('hwOverboughtDown', 'hwOversoldUp', (o) => o.hwOverboughtDown),
  flow('mf', 'ratio', (o) => o.mf),
  flow('mfUpper', 'ratio', (o) => o.mfUpper),
  flow('mfLower', 'ratio', (o) => o.mfLower),
  flow('bullOverflow', 'flag', (o) => o.bullOverflow),
  flow('bearOverflow', 'flag', (o) => o.bearOverflow),
  event('bullDivergence', 'bearDivergence', (o) => o.bullDivergence),
  event('bearDivergence', 'bullDivergence', (o) => o.bearDivergence),
  event('reversalUpMinor', 'reversalDownMinor', (o) => o.reversalUpMinor),
  flow('reversalUpMajor', 'event', (o) => o.reversalUpMajor),
  event('reversalDownMinor', 'reversalUpMinor', (o) => o.reversalDownMinor),
  flow('reversalDownMajor', 'event', (o) => o.reversalDownMajor),
  flow('confluenceUpper', 'count', (o) => o.confluenceUpper),
  flow('confluenceLower', 'count', (o) => o.confluenceLower),
  flow('confluenceMeter', 'ratio', (o) => o.confluenceMeter),
];

function entry(preset: 'recipe' | 'chart'): IndicatorEntry {
  const options = OSCILLATOR_MATRIX_PRESETS[preset];
  const { span } = new OscillatorMatrix(options).parts.divergences;
  return {
    name: `oscillator-matrix-${preset}`,
    module: 'oscillator-matrix',
    summary: `Hyperwave, money flow, divergences, reversals, confluence (preset ${preset})`,
    create: () => new OscillatorMatrix(options),
    outputs: OSCILLATOR_MATRIX_OUTPUTS.map((output) =>
      output.name.endsWith('Divergence') ? { ...output, knownAfterBars: span } : output,
    ),
    mirror: 'exact',
  } as IndicatorEntry<Osc> as unknown as IndicatorEntry;
}

export const ENTRIES: readonly IndicatorEntry[] = [entry('recipe'), entry('chart')];
