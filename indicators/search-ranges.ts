/** A number of an indicator that may be searched, with the range in which it makes sense. */
export interface IndicatorRange {
  /** Name of the setting in the configuration's group `tuning`. */
  setting: string;
  kind: 'int' | 'float';
  low: number;
  high: number;
  log?: boolean;
}

/**
 * What the modules leave open, around the values that are printed for them. Lengths are logarithmic:
 * from 10 to 20 is as far as from 20 to 40.
 */
export const INDICATOR_RANGES: readonly IndicatorRange[] = [
  // Oscillator matrix.
  { setting: 'moneyFlowLength', kind: 'int', low: 10, high: 60, log: true },
  { setting: 'hyperwaveLength', kind: 'int', low: 5, high: 30, log: true },
  { setting: 'hyperwaveSignal', kind: 'int', low: 2, high: 10, log: true },
  // Signals and overlays; without autopilot, or as its starting point.
  { setting: 'sensitivity', kind: 'int', low: 5, high: 25 },
  // SuperTrend AI, the trail of the open trade.
  { setting: 'trailAtrLength', kind: 'int', low: 5, high: 30, log: true },
  { setting: 'trailMemory', kind: 'int', low: 2, high: 40, log: true },
  { setting: 'trailFactorMax', kind: 'float', low: 2, high: 6 },
];
