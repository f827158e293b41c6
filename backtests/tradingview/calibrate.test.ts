import { describe, expect, test } from 'vitest';
import { emptyBarRow, readBarInto } from '../../data/bars/bars.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { findModule } from '../series/modules.ts';
import { checkSettings } from '../series/series-module.ts';
import { calibrate } from './calibrate.ts';
import { readChartExport } from './read-export.ts';
import { tempFile } from './testing/made-export.ts';

const FIVE_MINUTES_MS = 300_000;
const [BARS] = simulateMarket({ seed: 31, days: 14, timeframeMs: FIVE_MINUTES_MS }).series;

/** A small generator of its own: noise must be the same on every run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

/** A chart export of our own module under other settings, each value off by up to `amount` / 2. */
function exported(
  module: string,
  set: readonly string[],
  columns: Record<string, string>,
  amount: number,
) {
  const found = findModule(module);
  const settings = checkSettings(found, { symbol: 'X', timeframeMs: BARS.timeframeMs, set });
  const session = found.openSeries(settings);
  const row = new Float64Array(session.columns.length);
  const random = noise(5);
  const bar = emptyBarRow();
  const lines = [`time,open,high,low,close,Volume,${Object.keys(columns).join(',')}`];
  for (let i = 0; i < BARS.length; i++) {
    readBarInto(bar, BARS, i);
    session.update(bar, row);
    const values = Object.values(columns).map((name) => {
      const value = row[session.columns.indexOf(name)];
      return Number.isNaN(value) ? 'NaN' : String(value + amount * random());
    });
    const { open, high, low, close, volume } = bar;
    lines.push([bar.openTime / 1_000, open, high, low, close, volume, ...values].join(','));
  }
  return readChartExport(tempFile('chart.csv', `${lines.join('\n')}\n`));
}

describe('known settings are found again in series exported by ourselves, with noise', () => {
  test('oscillator matrix: form, lengths and smoothing', async () => {
    const set = ['form=B', 'hyperwave=11', 'signal=5', 'moneyFlow=28', 'smooth=4'];
    const titles = { HyperWave: 'hw', 'Money Flow': 'mf', 'Upper Money Flow Threshold': 'mfUpper' };
    const signal = { Signal: 'hwSignal' };
    const chart = exported('oscillator-matrix', set, { ...titles, ...signal }, 2);
    const found = await calibrate({
      chart,
      module: 'oscillator-matrix',
      maps: ['Signal=oscillator-matrix.hwSignal'],
      fixed: { divergence: '20', reversal: '5', divergenceMode: 'confirmed' },
    });
    const searched = { form: 'B', hyperwave: '11', signal: '5', moneyFlow: '28', smooth: '4' };
    expect(found.set).toMatchObject(searched);
    expect(found.after.heldOut).toBeGreaterThan(0.9);
    expect(found.before.fit).toBeLessThan(found.after.fit);
  });

  test('SuperTrend AI: cluster, length and memory; what does not matter is said', async () => {
    const set = ['cluster=average', 'atr=14', 'memory=22'];
    const columns = { 'Trailing Stop': 'ts', 'Trailing Stop AMA': 'perf_ama' };
    const chart = exported('supertrend-ai', set, columns, 0.01);
    const fixed = { min: '1', max: '3', step: '0.5' };
    const found = await calibrate({ chart, module: 'supertrend-ai', fixed });
    expect(found.set).toMatchObject({ cluster: 'average', atr: '14', memory: '22' });
    expect(found.after.heldOut).toBeGreaterThan(0.99);
  });

  test('settings that no column shows are named as undecided', async () => {
    const chart = exported('oscillator-matrix', ['moneyFlow=20'], { 'Money Flow': 'mf' }, 0);
    const fixed = { smooth: '6', divergence: '20', reversal: '5', divergenceMode: 'confirmed' };
    const found = await calibrate({ chart, module: 'oscillator-matrix', fixed });
    expect(found.set.moneyFlow).toBe('20');
    expect(found.after.fit).toBeCloseTo(1, 9);
    expect(found.undecided).toEqual(['form', 'hyperwave', 'signal']);
    expect(found.set).not.toHaveProperty('hyperwave');
  });
});

test('a stopped search gives the best so far', async () => {
  const chart = exported('oscillator-matrix', ['hyperwave=9'], { HyperWave: 'hw' }, 0);
  const stop = new AbortController();
  const found = await calibrate({
    chart,
    module: 'oscillator-matrix',
    signal: stop.signal,
    onProgress: ({ evaluations }) => {
      if (evaluations >= 12) stop.abort();
    },
  });
  expect(found.wasStopped).toBe(true);
  expect(found.after.fit).toBeGreaterThan(found.before.fit);
});

test('refuses a module without settings and an export that is too short', async () => {
  const chart = exported('oscillator-matrix', [], { HyperWave: 'hw' }, 0);
  await expect(calibrate({ chart, module: 'tags' })).rejects.toThrow(/no settings to search/);
  const few = { ...chart, bars: { ...chart.bars, length: 100 } };
  await expect(calibrate({ chart: few, module: 'smc' })).rejects.toThrow(/100 bars/);
});
