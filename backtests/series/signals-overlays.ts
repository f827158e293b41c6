import type { Autopilot } from '../../indicators/signals-overlays/confirmation.ts';
import { SIGNALS_OVERLAYS_OUTPUTS } from '../../indicators/signals-overlays/entries.ts';
import { SIGNALS_OVERLAYS_PRESETS } from '../../indicators/signals-overlays/presets.ts';
import {
  SignalsOverlays,
  type SignalsOverlaysOptions,
} from '../../indicators/signals-overlays/signals-overlays.ts';
import {
  EVENT_COLUMNS,
  numberSetting,
  type SeriesModule,
  type SeriesSettings,
} from './series-module.ts';

const NAME = 'signals-overlays';

/** Directions whose change is an event, with the line that belongs to them. */
const SWITCHES: readonly [
  string,
  (s: SignalsOverlays) => number,
  (s: SignalsOverlays) => number,
][] = [
  ['SMART_TRAIL_SWITCH', (s) => s.smartTrailDir, (s) => s.smartTrail],
  ['CATCHER_SWITCH', (s) => s.catcherDir, () => Number.NaN],
  ['TRACER_SWITCH', (s) => s.tracerDir, (s) => s.parts.tracer.tracer],
  ['NEO_CLOUD_SWITCH', (s) => s.parts.cloud.neoDir, (s) => s.neoLag],
];

/** Signals & Overlays, every column of the reference. */
export const signalsOverlaysModule: SeriesModule = {
  name: NAME,
  summary: 'confirmations with rating and exits, trails, cloud, trend strength',
  presets: ['chart', 'recipe'],
  options: [
    {
      name: 'autopilot',
      summary: 'which sensitivities compete; preset = as in the preset',
      default: 'preset',
      choices: ['preset', 'off', 'short', 'medium', 'long'],
    },
    { name: 'sensitivity', summary: 'without autopilot', default: '12' },
    { name: 'smartTrail', summary: 'period of the Smart Trail, 1..5', default: '3' },
    { name: 'catcher', summary: 'period of the Trend Catcher', default: '3' },
    { name: 'tracer', summary: 'period of the Trend Tracer', default: '3' },
    { name: 'neoCloud', summary: 'period of the Neo Cloud', default: '2' },
    {
      name: 'tick',
      summary: 'price step (BTC, ETH, SOL against USDT: spot 0.01; USD-M 0.1, 0.01, 0.01)',
      default: '0.01',
    },
  ],
  openSeries: (settings) => {
    const overlays = createOverlays(settings);
    return {
      columns: SIGNALS_OVERLAYS_OUTPUTS.map((output) => output.name),
      update: (bar, row) => {
        overlays.update(bar);
        SIGNALS_OVERLAYS_OUTPUTS.forEach((output, c) => {
          row[c] = output.read(overlays);
        });
      },
    };
  },
  openEvents: (settings) => {
    const overlays = createOverlays(settings);
    const before = new Float64Array(SWITCHES.length).fill(Number.NaN);
    let bars = 0;
    return {
      columns: EVENT_COLUMNS,
      update: (bar, tell) => {
        overlays.update(bar);
        const at = bars++;
        const told = (kind: string, side: number, a: number, b: number) =>
          tell([NAME, kind, side === 1 ? 'bull' : 'bear', a, b, at, bar.openTime]);
        const { confirmation, strong, rating } = overlays;
        const kind = strong === 1 ? 'CONFIRMATION_STRONG' : 'CONFIRMATION';
        if (Math.abs(confirmation) === 1) told(kind, confirmation, bar.close, rating);
        if (overlays.exitBull === 1) told('EXIT', 1, bar.close, Number.NaN);
        if (overlays.exitBear === 1) told('EXIT', -1, bar.close, Number.NaN);
        SWITCHES.forEach(([name, direction, line], i) => {
          const now = direction(overlays);
          const turned = Math.abs(now) === 1 && Math.abs(before[i]) === 1 && now !== before[i];
          if (turned && overlays.gaps.shown === 1) told(name, now, line(overlays), Number.NaN);
          before[i] = now;
        });
      },
    };
  },
};

function createOverlays(settings: SeriesSettings): SignalsOverlays {
  const options: SignalsOverlaysOptions = {
    ...SIGNALS_OVERLAYS_PRESETS[settings.preset as 'recipe' | 'chart'],
    sensitivity: numberSetting(settings, 'sensitivity'),
    smartTrail: numberSetting(settings, 'smartTrail'),
    trendCatcher: numberSetting(settings, 'catcher'),
    trendTracer: numberSetting(settings, 'tracer'),
    neoCloud: numberSetting(settings, 'neoCloud'),
    tickSize: numberSetting(settings, 'tick'),
    barMs: settings.timeframeMs,
  };
  const { autopilot } = settings.values;
  if (autopilot !== 'preset') options.autopilot = autopilot as Autopilot;
  return new SignalsOverlays(options);
}
