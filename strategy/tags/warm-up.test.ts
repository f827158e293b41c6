import { describe, expect, test } from 'vitest';
import { emptyBarRow, readBarInto } from '../../data/bars/bars.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { SIGNAL_PRESETS } from '../presets/signal-presets.ts';
import { tagSetup } from '../presets/tag-setup.ts';
import { CONDITIONS } from './conditions.ts';
import { TagPipeline } from './tag-pipeline.ts';
import { SideTrigger } from './triggers.ts';
import { LIVE_HISTORY_BARS, WARM_UP_BARS } from './warm-up.ts';

const THREE_MINUTES_MS = 180_000;
const [BARS] = simulateMarket({ seed: 21, days: 20, timeframeMs: THREE_MINUTES_MS }).series;
const CHART = {
  signalTimeframeMs: THREE_MINUTES_MS,
  biasTimeframeMs: 900_000,
  tickSize: 0.1,
};

/** Every condition of every bar from `start` on, then whether either side alerted. */
function rows(preset: 'sequence' | 'documents', start: number): Float64Array[] {
  const { pipeline, trigger } = tagSetup(SIGNAL_PRESETS[preset], CHART);
  const tags = new TagPipeline({ ...pipeline, conditions: CONDITIONS });
  const sides = ([1, -1] as const).map((direction) => new SideTrigger({ ...trigger, direction }));
  const bar = emptyBarRow();
  const out: Float64Array[] = [];
  for (let i = start; i < BARS.length; i++) {
    readBarInto(bar, BARS, i);
    tags.update(bar);
    const row = new Float64Array(CONDITIONS.length + sides.length);
    for (let c = 0; c < CONDITIONS.length; c++) row[c] = tags.value(c);
    sides.forEach((side, s) => {
      row[CONDITIONS.length + s] = side.update(tags, bar) === undefined ? 0 : 1;
    });
    out.push(row);
  }
  return out;
}

describe.each(['sequence', 'documents'] as const)('a late start of %s', (preset) => {
  const full = rows(preset, 0);

  test.each([1_001, 2_503])('at bar %i equals the full run after the warm-up', (start) => {
    const late = rows(preset, start);
    let compared = 0;
    for (let i = start + WARM_UP_BARS; i < BARS.length; i++) {
      expect(late[i - start]).toEqual(full[i]);
      compared++;
    }
    expect(compared).toBeGreaterThan(2_000);
  });

  test('differs before, so that the comparison means something', () => {
    const late = rows(preset, 1_001);
    expect(late.slice(0, 500)).not.toEqual(full.slice(1_001, 1_501));
  });
});

test('a daemon loads half as much again as it needs', () => {
  expect(LIVE_HISTORY_BARS).toBe(1.5 * WARM_UP_BARS);
});
