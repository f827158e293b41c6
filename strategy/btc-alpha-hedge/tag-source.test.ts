import { expect, test } from 'vitest';
import { SIGNAL_PRESETS } from '../presets/signal-presets.ts';
import { tagSetup } from '../presets/tag-setup.ts';
import { TagSource } from './tag-source.ts';

const chart = { signalTimeframeMs: 180_000, biasTimeframeMs: 900_000, tickSize: 0.1 };

test.each([
  ['signed', 0.1, [false, true]],
  ['signed', -0.1, [true, false]],
  ['unsigned', 0.1, [false, false]],
  ['unsigned', -0.1, [true, true]],
  ['signed', Number.NaN, [true, true]],
] as const)('funding %s at %d %%: long and short allowed: %j', (fundingMode, rate, allowed) => {
  const setup = tagSetup(SIGNAL_PRESETS.sequence, chart);
  const source = new TagSource({ ...setup, fundingMaxPercent8h: 0.06, fundingMode });
  source.setFunding(rate);
  expect([source.pipeline.isFundingOk(1), source.pipeline.isFundingOk(-1)]).toEqual(allowed);
});
