import type { Bar } from '../../indicators/indicator.ts';
import { INDICATOR_PRESETS } from '../../strategy/presets/indicator-presets.ts';
import {
  SIGNAL_PRESETS,
  type SignalPresetName,
  type SignalSettings,
} from '../../strategy/presets/signal-presets.ts';
import { tagSetup } from '../../strategy/presets/tag-setup.ts';
import { conditionIndex } from '../../strategy/tags/conditions.ts';
import { TagPipeline } from '../../strategy/tags/tag-pipeline.ts';
import { type Alert, SideTrigger } from '../../strategy/tags/triggers.ts';
import {
  EVENT_COLUMNS,
  numberSetting,
  type SeriesModule,
  type SeriesSettings,
} from './series-module.ts';

const NAME = 'tags';
const MINUTE_MS = 60_000;

/** Conditions among the columns; alerts and entries follow them. */
const TAGS = [
  'HTF_BULL',
  'HTF_BEAR',
  'OB_DEMAND_HIT',
  'OB_SUPPLY_HIT',
  'HW_CROSS_UP',
  'HW_CROSS_DOWN',
  'NO_OVERFLOW',
  'BUY_CONF',
  'SELL_CONF',
  'TRAIL_BULL',
  'TRAIL_BEAR',
  'DISCOUNT',
  'PREMIUM',
  'MF_OK_LONG',
  'MF_OK_SHORT',
] as const;

/** Every column of `tags`, in the order they are written. */
export const TAG_COLUMNS: readonly string[] = [
  ...TAGS,
  'alertLong',
  'alertShort',
  'entryLong',
  'entryShort',
];

/** Pipeline and triggers of both sides; `update` fills one cell a column. */
export class TagRun {
  readonly pipeline: TagPipeline;
  readonly long: SideTrigger;
  readonly short: SideTrigger;
  alertLong: Alert | undefined;
  alertShort: Alert | undefined;
  private readonly places = TAGS.map((name) => conditionIndex(name));

  constructor(options: {
    signal: SignalSettings;
    signalTimeframeMs: number;
    biasTimeframeMs: number;
    tickSize: number;
    /** Also computes conditions that no expression reads. */
    allConditions?: boolean;
  }) {
    const { signal, allConditions = false, ...chart } = options;
    const { pipeline, trigger } = tagSetup(signal, chart);
    const conditions = allConditions ? undefined : [...pipeline.conditions, ...TAGS];
    this.pipeline = new TagPipeline({ ...pipeline, conditions });
    this.long = new SideTrigger({ ...trigger, direction: 1 });
    this.short = new SideTrigger({ ...trigger, direction: -1 });
  }

  /** `look` sees the pipeline before the triggers do. */
  update(bar: Bar, look?: (pipeline: TagPipeline) => void): void {
    this.pipeline.update(bar);
    look?.(this.pipeline);
    this.alertLong = this.long.update(this.pipeline, bar);
    this.alertShort = this.short.update(this.pipeline, bar);
  }

  read(row: Float64Array): void {
    const { pipeline, places, alertLong, alertShort } = this;
    for (let i = 0; i < places.length; i++) row[i] = pipeline.value(places[i]);
    let at = places.length;
    row[at++] = alertLong === undefined ? 0 : 1;
    row[at++] = alertShort === undefined ? 0 : 1;
    row[at++] = alertLong?.hasContext ? 1 : 0;
    row[at] = alertShort?.hasContext ? 1 : 0;
  }
}

/** The composite tags, alerts and entries of a preset. */
export const tagsModule: SeriesModule = {
  name: NAME,
  summary: 'composite tags, alerts and entries of a trade preset',
  presets: INDICATOR_PRESETS,
  tradePresets: Object.keys(SIGNAL_PRESETS),
  options: [
    { name: 'biasMinutes', summary: 'timeframe of the bias', default: '15', min: 1, integer: true },
    { name: 'window', summary: 'bars a sequence may take; 0 = as in the preset', default: '0' },
    {
      name: 'strengthMin',
      summary: 'least strength; -1 = as in the preset',
      default: '-1',
      min: -1,
    },
    {
      name: 'dominanceMin',
      summary: 'least dominance, percent; -1 = as in the preset',
      default: '-1',
      min: -1,
    },
    {
      name: 'obSource',
      summary: 'whose blocks are tapped',
      default: 'preset',
      choices: ['preset', 'pac', 'smc', 'either'],
    },
    {
      name: 'obMaxAgeBars',
      summary: 'bars until a block expires, 0 = never; trading has 2000',
      default: '0',
      integer: true,
    },
    {
      name: 'tick',
      summary: 'price step (BTC, ETH, SOL against USDT: spot 0.01; USD-M 0.1, 0.01, 0.01)',
      default: '0.01',
    },
  ],
  openSeries: (settings) => {
    const run = createRun(settings);
    return {
      columns: TAG_COLUMNS,
      update: (bar, row) => {
        run.update(bar);
        run.read(row);
      },
    };
  },
  openEvents: (settings) => {
    const run = createRun(settings);
    const times: number[] = [];
    const row = new Float64Array(TAG_COLUMNS.length);
    const before = new Float64Array(TAGS.length);
    return {
      columns: EVENT_COLUMNS,
      update: (bar, tell) => {
        run.update(bar);
        times.push(bar.openTime);
        run.read(row);
        // States are told when they begin.
        TAGS.forEach((name, i) => {
          if (row[i] === 1 && before[i] !== 1) {
            const at = times.length - 1;
            tell([NAME, name, sideOf(name), Number.NaN, Number.NaN, at, bar.openTime]);
          }
          before[i] = row[i];
        });
        for (const alert of [run.alertLong, run.alertShort]) {
          if (alert === undefined) continue;
          const side = alert.direction === 1 ? 'bull' : 'bear';
          const { blockTop, blockBottom, tapBar, hasContext } = alert;
          const kind = hasContext ? 'ENTRY' : 'ALERT';
          tell([NAME, kind, side, blockTop, blockBottom, tapBar, times[tapBar]]);
        }
      },
    };
  },
};

function sideOf(name: (typeof TAGS)[number]): string {
  if (/BULL|DEMAND|UP|BUY|DISCOUNT|LONG/.test(name)) return 'bull';
  return name === 'NO_OVERFLOW' ? '' : 'bear';
}

function createRun(settings: SeriesSettings): TagRun {
  const { values } = settings;
  const preset: SignalSettings = SIGNAL_PRESETS[settings.trade as SignalPresetName];
  const window = numberSetting(settings, 'window');
  const strengthMin = numberSetting(settings, 'strengthMin');
  const dominanceMin = numberSetting(settings, 'dominanceMin');
  const isOwnSource = values.obSource !== 'preset';
  return new TagRun({
    signal: {
      ...preset,
      indicators: settings.preset as SignalSettings['indicators'],
      sequenceWindowBars: window > 0 ? window : preset.sequenceWindowBars,
      strengthMin: strengthMin >= 0 ? strengthMin : preset.strengthMin,
      dominanceMinPercent: dominanceMin >= 0 ? dominanceMin : preset.dominanceMinPercent,
      obMaxAgeBars: numberSetting(settings, 'obMaxAgeBars'),
      obSource: isOwnSource ? (values.obSource as SignalSettings['obSource']) : preset.obSource,
    },
    signalTimeframeMs: settings.timeframeMs,
    biasTimeframeMs: numberSetting(settings, 'biasMinutes') * MINUTE_MS,
    tickSize: numberSetting(settings, 'tick'),
  });
}
