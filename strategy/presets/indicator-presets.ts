import { OSCILLATOR_MATRIX_PRESETS } from '../../indicators/oscillator-matrix/presets.ts';
import { PRICE_ACTION_PRESETS } from '../../indicators/price-action-concepts/presets.ts';
import { SIGNALS_OVERLAYS_PRESETS } from '../../indicators/signals-overlays/presets.ts';
import type { TagPipelineOptions } from '../tags/tag-pipeline.ts';

export const INDICATOR_PRESETS = ['recipe', 'chart'] as const;
export type IndicatorPresetName = (typeof INDICATOR_PRESETS)[number];

export const INDICATOR_PRESET_NOTES: Readonly<Record<IndicatorPresetName, string>> = {
  recipe: 'the strategy document: hyperwave 14, money flow 34, autopilot, rating from 2; trades',
  chart: "the user's panel: hyperwave 7, money flow 35, sensitivity 12, all overlays agree; diffs",
};

/** Indicator settings of a preset (decision 4). */
export function indicatorPreset(
  name: IndicatorPresetName,
): Pick<TagPipelineOptions, 'oscillatorMatrix' | 'signalsOverlays' | 'priceAction'> {
  return {
    oscillatorMatrix: OSCILLATOR_MATRIX_PRESETS[name],
    signalsOverlays: SIGNALS_OVERLAYS_PRESETS[name],
    priceAction: PRICE_ACTION_PRESETS[name],
  };
}
