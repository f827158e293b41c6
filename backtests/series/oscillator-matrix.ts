import type { Bar } from '../../indicators/indicator.ts';
import type { DivergenceMode } from '../../indicators/oscillator-matrix/divergences.ts';
import { OSCILLATOR_MATRIX_OUTPUTS } from '../../indicators/oscillator-matrix/entries.ts';
import type { HyperwaveForm } from '../../indicators/oscillator-matrix/hyperwave.ts';
import {
  OscillatorMatrix,
  type OscillatorMatrixOptions,
} from '../../indicators/oscillator-matrix/oscillator-matrix.ts';
import { OSCILLATOR_MATRIX_PRESETS } from '../../indicators/oscillator-matrix/presets.ts';
import {
  EVENT_COLUMNS,
  numberSetting,
  type SeriesModule,
  type SeriesSettings,
} from './series-module.ts';

const NAME = 'oscillator-matrix';
const whole = { default: '0', integer: true };

type Read = (o: OscillatorMatrix) => number;
/** kind, side, when, the two numbers told with it. */
type Kind = readonly [string, 'bull' | 'bear', Read, Read, Read];

const KINDS: readonly Kind[] = [
  ['HW_CROSS', 'bull', (o) => o.hwUp, (o) => o.hw, (o) => o.hwSignal],
  ['HW_CROSS', 'bear', (o) => o.hwDown, (o) => o.hw, (o) => o.hwSignal],
  ['HW_CROSS_EXTREME', 'bull', (o) => o.hwOversoldUp, (o) => o.hw, (o) => o.hwSignal],
  ['HW_CROSS_EXTREME', 'bear', (o) => o.hwOverboughtDown, (o) => o.hw, (o) => o.hwSignal],
  ['REVERSAL_MINOR', 'bull', (o) => o.reversalUpMinor, (o) => o.hw, (o) => o.mf],
  ['REVERSAL_MINOR', 'bear', (o) => o.reversalDownMinor, (o) => o.hw, (o) => o.mf],
  ['REVERSAL_MAJOR', 'bull', (o) => o.reversalUpMajor, (o) => o.hw, (o) => o.mf],
  ['REVERSAL_MAJOR', 'bear', (o) => o.reversalDownMajor, (o) => o.hw, (o) => o.mf],
  ['OVERFLOW', 'bull', (o) => began(o.parts.flow.bullOverflowAge), (o) => o.mf, (o) => o.mfUpper],
  ['OVERFLOW', 'bear', (o) => began(o.parts.flow.bearOverflowAge), (o) => o.mf, (o) => o.mfLower],
];

/** Oscillator Matrix, every column of the reference. */
export const oscillatorMatrixModule: SeriesModule = {
  name: NAME,
  summary: 'Hyperwave, money flow, divergences, reversals and confluence',
  presets: ['chart', 'recipe'],
  options: [
    { name: 'hyperwave', summary: 'length of Hyperwave; 0 = as in the preset', ...whole },
    { name: 'signal', summary: 'length of its signal line; 0 = as in the preset', ...whole },
    { name: 'moneyFlow', summary: 'length of the money flow; 0 = as in the preset', ...whole },
    { name: 'smooth', summary: 'its smoothing; 0 = as in the preset', ...whole },
    { name: 'divergence', summary: 'sensitivity, percent; 0 = as in the preset', default: '0' },
    { name: 'reversal', summary: 'reversal factor 1..10; 0 = as in the preset', ...whole },
    { name: 'form', summary: 'A: mean of RSI, B: RSI of mean', default: 'A', choices: ['A', 'B'] },
    {
      name: 'divergenceMode',
      summary: 'told when its pivot is complete, or at once and provisional',
      default: 'confirmed',
      choices: ['confirmed', 'realtime'],
    },
  ],
  openSeries: (settings) => {
    const matrix = createMatrix(settings);
    return {
      columns: OSCILLATOR_MATRIX_OUTPUTS.map((output) => output.name),
      update: (bar, row) => {
        matrix.update(bar);
        OSCILLATOR_MATRIX_OUTPUTS.forEach((output, c) => {
          row[c] = output.read(matrix);
        });
      },
    };
  },
  openEvents: (settings) => {
    const matrix = createMatrix(settings);
    const times: number[] = [];
    return {
      columns: EVENT_COLUMNS,
      update: (bar, tell) => {
        matrix.update(bar);
        times.push(bar.openTime);
        const at = times.length - 1;
        for (const [kind, side, happened, a, b] of KINDS) {
          if (happened(matrix) !== 1) continue;
          tell([NAME, kind, side, a(matrix), b(matrix), at, bar.openTime]);
        }
        tellDivergences(matrix, bar, times, tell);
      },
    };
  },
};

/** The reference bar of a divergence is its pivot, `span` bars back when it had to be confirmed. */
function tellDivergences(
  matrix: OscillatorMatrix,
  bar: Bar,
  times: readonly number[],
  tell: (cells: readonly (string | number)[]) => void,
): void {
  const { divergences } = matrix.parts;
  const late = divergences.mode === 'confirmed' ? divergences.span : 0;
  const at = times.length - 1 - late;
  for (const side of ['bull', 'bear'] as const) {
    const event = side === 'bull' ? matrix.bullDivergence : matrix.bearDivergence;
    if (event === 1) tell([NAME, 'DIVERGENCE', side, matrix.hw, bar.close, at, times[at]]);
  }
}

function began(age: number): number {
  return age === 1 ? 1 : 0;
}

function createMatrix(settings: SeriesSettings): OscillatorMatrix {
  const preset = OSCILLATOR_MATRIX_PRESETS[settings.preset as 'recipe' | 'chart'];
  const options: OscillatorMatrixOptions = {
    ...preset,
    form: settings.values.form as HyperwaveForm,
    divergenceMode: settings.values.divergenceMode as DivergenceMode,
    barMs: settings.timeframeMs,
  };
  const set = (key: keyof typeof NUMBERS): void => {
    const value = numberSetting(settings, key);
    if (value !== 0) options[NUMBERS[key]] = value;
  };
  for (const key of Object.keys(NUMBERS)) set(key as keyof typeof NUMBERS);
  return new OscillatorMatrix(options);
}

const NUMBERS = {
  hyperwave: 'hyperwaveLength',
  signal: 'signalLength',
  moneyFlow: 'moneyFlowLength',
  smooth: 'smooth',
  divergence: 'divergenceSensitivity',
  reversal: 'reversalFactor',
} as const;
