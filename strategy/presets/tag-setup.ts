import type { TagPipelineOptions } from '../tags/tag-pipeline.ts';
import { type TriggerOptions, triggerConditions } from '../tags/triggers.ts';
import { indicatorPreset } from './indicator-presets.ts';
import type { SignalSettings } from './signal-presets.ts';

export interface Chart {
  signalTimeframeMs: number;
  biasTimeframeMs: number;
  /** Smallest price step of the instrument. */
  tickSize: number;
}

/**
 * Options of the pipeline and of both sides' triggers for a preset's signal. The stand-in is the
 * literal rule on SMC blocks without memory. `conditions` is what the expressions read; a caller
 * that prints all conditions leaves it out.
 */
export function tagSetup(
  signal: SignalSettings,
  chart: Chart,
): { pipeline: TagPipelineOptions & { conditions: string[] }; trigger: TriggerOptions } {
  const preset = indicatorPreset(signal.indicators);
  const trigger: TriggerOptions = {
    trigger: signal.trigger === 'sequence' ? 'sequence' : 'coincidence',
    alertExpression: signal.alertExpression,
    contextExpression: signal.contextExpression,
    windowBars: signal.sequenceWindowBars,
    crossWithinBars: signal.crossWithinBars,
    tapMemoryBars: signal.tapMemoryBars,
    crossMemoryBars: signal.crossMemoryBars,
  };
  return {
    pipeline: {
      ...chart,
      ...preset,
      priceAction: {
        ...preset.priceAction,
        obInterval: signal.obInterval,
        obSplit: signal.obSplit,
        obStrength: signal.strengthRule,
        obMitigation: signal.obMitigation,
        obMaxAgeBars: signal.obMaxAgeBars,
      },
      strengthMin: signal.strengthMin,
      dominanceMinPercent: signal.dominanceMinPercent,
      overflowScope: signal.overflowScope,
      obSource: signal.trigger === 'smc' ? 'smc' : signal.obSource,
      conditions: triggerConditions(trigger),
    },
    trigger,
  };
}
