import { describe, expect, it } from 'vitest';
import { NO_TUNING, trailOptions, withTuning } from './indicator-tuning.ts';
import { SIGNAL_PRESETS } from './signal-presets.ts';
import { tagSetup } from './tag-setup.ts';

const CHART = { signalTimeframeMs: 180_000, biasTimeframeMs: 900_000, tickSize: 0.1 };

describe('numbers of the indicators', () => {
  it('leave the preset as it is while they are 0', () => {
    const { pipeline } = tagSetup(SIGNAL_PRESETS.sequence, CHART);
    expect(withTuning(pipeline, NO_TUNING)).toEqual(pipeline);
    expect(trailOptions(NO_TUNING)).toEqual({});
  });

  it('win over the preset one by one', () => {
    const { pipeline } = tagSetup(SIGNAL_PRESETS.sequence, CHART);
    const tuned = withTuning(pipeline, { ...NO_TUNING, hyperwaveLength: 9, sensitivity: 20 });
    expect(tuned.oscillatorMatrix).toEqual({ ...pipeline.oscillatorMatrix, hyperwaveLength: 9 });
    expect(tuned.signalsOverlays).toEqual({ ...pipeline.signalsOverlays, sensitivity: 20 });
    expect(trailOptions({ ...NO_TUNING, trailMemory: 30, trailFactorMax: 4 })).toEqual({
      memory: 30,
      factorMax: 4,
    });
  });
});
