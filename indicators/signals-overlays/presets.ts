import type { SignalsOverlaysOptions } from './signals-overlays.ts';

/** `recipe` is the strategy's table, `chart` the values of the panel on the chart. */
export const SIGNALS_OVERLAYS_PRESETS: Readonly<
  Record<'recipe' | 'chart', SignalsOverlaysOptions>
> = {
  recipe: { sensitivity: 12, autopilot: 'medium', ratingMin: 2, activeNeeds: 'rating' },
  chart: { sensitivity: 12, autopilot: 'off', ratingMin: 1, activeNeeds: 'ratingAndOverlays' },
};
