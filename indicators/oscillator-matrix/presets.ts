import type { OscillatorMatrixOptions } from './oscillator-matrix.ts';

/** `recipe` is the strategy's table, `chart` the values of the panel on the chart. */
export const OSCILLATOR_MATRIX_PRESETS: Readonly<
  Record<'recipe' | 'chart', OscillatorMatrixOptions>
> = {
  recipe: {
    moneyFlowLength: 34,
    smooth: 6,
    hyperwaveLength: 14,
    signalLength: 3,
    form: 'A',
    divergenceSensitivity: 2,
    divergenceMode: 'confirmed',
    reversalFactor: 5,
  },
  chart: {
    moneyFlowLength: 35,
    smooth: 6,
    hyperwaveLength: 7,
    signalLength: 3,
    form: 'A',
    divergenceSensitivity: 20,
    divergenceMode: 'confirmed',
    reversalFactor: 5,
  },
};
