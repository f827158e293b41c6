import { expect, test } from 'vitest';
import { SIGNAL_PRESETS } from '../presets/signal-presets.ts';
import { tagSetup } from '../presets/tag-setup.ts';
import { TagPipeline } from '../tags/tag-pipeline.ts';
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

test('tags are the names of the conditions that hold, as they change bar by bar', () => {
  const setup = tagSetup(SIGNAL_PRESETS.sequence, chart);
  // The preset does not read the volume delta; this test can compute it by itself.
  const conditions = ['CVD_UP', 'CVD_DOWN'];
  const source = new TagSource({ ...setup, fundingMaxPercent8h: 0.06, fundingMode: 'signed' });
  Object.assign(source, { pipeline: new TagPipeline({ ...setup.pipeline, conditions }) });
  expect(source.tags()).toEqual([]);
  const seen = new Set<string>();
  const deltas: number[] = [];
  for (let i = 0; i < 600; i++) {
    const close = 50_000 + 900 * Math.sin(i / 40) + 150 * Math.sin(i / 3);
    const bar = { open: close - 20, high: close + 60, low: close - 60, close, volume: 10 };
    const takerBuyVolume = 5 + 4 * Math.sin(i / 7);
    const times = { timeframeMs: 180_000, openTime: i * 180_000 };
    const event = { kind: 'bar.closed', symbol: 'BTCUSDT', isWarmUp: true } as const;
    source.onBar({ ...event, ...times, ...bar, takerBuyVolume });
    const tags = source.tags();
    for (const tag of tags) seen.add(tag);
    deltas.push(2 * takerBuyVolume - 10);
    if (i < 10) continue;
    const change = deltas.slice(-5).reduce((sum, delta) => sum + delta, 0);
    expect([tags.includes('CVD_UP'), tags.includes('CVD_DOWN')]).toEqual([change > 0, change < 0]);
  }
  for (const name of conditions) expect([...seen]).toContain(name);
});
