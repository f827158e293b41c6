import { OSCILLATOR_MATRIX_PRESETS } from '../../indicators/oscillator-matrix/presets.ts';
import { SIGNALS_OVERLAYS_PRESETS } from '../../indicators/signals-overlays/presets.ts';
import type { TagPipelineOptions } from './tag-pipeline.ts';

export type IndicatorPresetName = 'recipe' | 'chart';

/**
 * Indicator settings of a preset (decision 4): `recipe` is the strategy document's table, the
 * trading default; `chart` the values on the user's own panel, the default for comparisons.
 */
export function indicatorPreset(
  name: IndicatorPresetName,
): Pick<TagPipelineOptions, 'oscillatorMatrix' | 'signalsOverlays' | 'priceAction'> {
  return {
    oscillatorMatrix: OSCILLATOR_MATRIX_PRESETS[name],
    signalsOverlays: SIGNALS_OVERLAYS_PRESETS[name],
    priceAction: {},
  };
}
