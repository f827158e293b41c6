import type { Bars } from '../../data/bars/bars.ts';
import { INDICATORS } from '../../indicators/catalog.ts';
import type { IndicatorEntry } from '../../indicators/indicator.ts';
import { SIGNAL_PRESETS, type SignalSettings } from '../../strategy/presets/signal-presets.ts';
import { CONDITIONS } from '../../strategy/tags/conditions.ts';
import { SERIES_MODULES } from '../series/modules.ts';
import { checkSettings, type SeriesModule } from '../series/series-module.ts';
import { TagRun } from '../series/tags.ts';
import type { Watched } from './warm-up.ts';

/** What a late start is measured of, and under which name it is listed. */
export interface WarmUpSubject {
  name: string;
  open: (bars: Bars, tickSize: number) => Watched;
}

const BIAS_MS = 900_000;

/** Signal settings whose tags are measured; every expiry is that of trading. */
export const TAG_VARIANTS: Readonly<Record<string, SignalSettings>> = {
  sequence: SIGNAL_PRESETS.sequence,
  'sequence, chart': { ...SIGNAL_PRESETS.sequence, indicators: 'chart' },
  documents: SIGNAL_PRESETS.documents,
  'smc-stand-in': SIGNAL_PRESETS['smc-stand-in'],
};

/** Conditions, then alerts and entries of both sides. */
export const TAG_OUTPUTS: readonly string[] = [
  ...CONDITIONS,
  'alertLong',
  'alertShort',
  'entryLong',
  'entryShort',
];

/** All members of the catalog, and the columns of `qcm series` on every preset. */
export const INDICATOR_SUBJECTS: readonly WarmUpSubject[] = [
  ...INDICATORS.map((entry) => ({
    name: `${entry.module}/${entry.name}`,
    open: (_: Bars, tickSize: number) => watchIndicator(entry, tickSize),
  })),
  // Tags are measured with the expiry of trading instead.
  ...SERIES_MODULES.filter((module) => module.name !== 'tags').flatMap((module) =>
    (module.presets.length > 0 ? module.presets : [undefined]).map((preset) => ({
      name: `series ${module.name}${preset === undefined ? '' : ` ${preset}`}`,
      open: (bars: Bars, tickSize: number) => watchModule({ module, preset, bars, tickSize }),
    })),
  ),
];

/** Every condition, alert and entry of each variant. */
export const TAG_SUBJECTS: readonly WarmUpSubject[] = Object.entries(TAG_VARIANTS).map(
  ([name, signal]) => ({
    name,
    open: (bars: Bars, tickSize: number) => watchTags(signal, bars, tickSize),
  }),
);

export function watchTags(signal: SignalSettings, bars: Bars, tickSize: number): Watched {
  const run = new TagRun({
    signal,
    signalTimeframeMs: bars.timeframeMs,
    biasTimeframeMs: BIAS_MS,
    tickSize,
    allConditions: true,
  });
  return {
    columns: TAG_OUTPUTS,
    update: (bar, row) => {
      run.update(bar);
      for (let c = 0; c < CONDITIONS.length; c++) row[c] = run.pipeline.value(c);
      const at = CONDITIONS.length;
      row[at] = run.alertLong === undefined ? 0 : 1;
      row[at + 1] = run.alertShort === undefined ? 0 : 1;
      row[at + 2] = run.alertLong?.hasContext ? 1 : 0;
      row[at + 3] = run.alertShort?.hasContext ? 1 : 0;
    },
  };
}

function watchIndicator(entry: IndicatorEntry, tickSize: number): Watched {
  const indicator = entry.create(tickSize);
  const { outputs } = entry;
  return {
    columns: outputs.map((output) => output.name),
    update: (bar, row) => {
      indicator.update(bar);
      for (let c = 0; c < outputs.length; c++) row[c] = outputs[c].read(indicator);
    },
  };
}

function watchModule(of: {
  module: SeriesModule;
  preset: string | undefined;
  bars: Bars;
  tickSize: number;
}): Watched {
  const { module, preset, bars, tickSize } = of;
  const { symbol, timeframeMs } = bars;
  const hasTick = module.options.some((option) => option.name === 'tick');
  const set = hasTick ? [`tick=${tickSize}`] : [];
  return module.openSeries(checkSettings(module, { symbol, timeframeMs, set, preset }));
}
