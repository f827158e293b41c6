import type { SuperTrendAiOptions } from '../../indicators/supertrend-ai/supertrend-ai.ts';
import type { TagPipelineOptions } from '../tags/tag-pipeline.ts';

/** Single numbers of the indicators that win over the indicator preset; 0 leaves its own. */
export interface IndicatorTuning {
  moneyFlowLength: number;
  hyperwaveLength: number;
  /** Average of the Hyperwave line that it is compared with. */
  hyperwaveSignal: number;
  /** Of the confirmation signals. */
  sensitivity: number;
  /** SuperTrend AI that trails the open trade: ATR, memory of its rating, largest factor. */
  trailAtrLength: number;
  trailMemory: number;
  trailFactorMax: number;
}

export const NO_TUNING: IndicatorTuning = Object.freeze({
  moneyFlowLength: 0,
  hyperwaveLength: 0,
  hyperwaveSignal: 0,
  sensitivity: 0,
  trailAtrLength: 0,
  trailMemory: 0,
  trailFactorMax: 0,
});

type Tuned = Pick<TagPipelineOptions, 'oscillatorMatrix' | 'signalsOverlays'>;

/** The same options with the numbers that are set. */
export function withTuning<T extends Tuned>(options: T, tuning: IndicatorTuning): T {
  const { moneyFlowLength, hyperwaveLength, hyperwaveSignal, sensitivity } = tuning;
  const oscillator = { moneyFlowLength, hyperwaveLength, signalLength: hyperwaveSignal };
  return {
    ...options,
    oscillatorMatrix: { ...options.oscillatorMatrix, ...setOnly(oscillator) },
    signalsOverlays: { ...options.signalsOverlays, ...setOnly({ sensitivity }) },
  };
}

export function trailOptions(tuning: IndicatorTuning): SuperTrendAiOptions {
  const { trailAtrLength, trailMemory, trailFactorMax } = tuning;
  return setOnly({ atrLength: trailAtrLength, memory: trailMemory, factorMax: trailFactorMax });
}

function setOnly<T extends Record<string, number>>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== 0),
  ) as Partial<T>;
}
