import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { loadConfig } from '../../config.ts';
import { DAY_MS } from '../../engine/units.ts';
import { hashOf, type MarketData } from '../../market-data.ts';
import { TrialLedger } from '../optimise/trial-ledger.ts';
import { loadSpace } from '../space/load-space.ts';
import { StudyOptimiser, setsOf, windowOf } from './study-optimiser.ts';

const made = simulateMarket({ seed: 1, days: 9, timeframeMs: 180_000 });
const startMs = made.series[0].openTime[0];
const data: MarketData = {
  kind: 'simulated',
  label: made.label,
  series: made.series,
  funding: [],
  events: [],
  manifest: [],
  findings: [],
  notes: [],
  dataHash: hashOf([made.label]),
  calendarHash: hashOf([]),
};

it('a window is cut out of the data: nothing before, nothing after', () => {
  const window = { fromMs: startMs + 2 * DAY_MS, toMs: startMs + 5 * DAY_MS };
  for (const bars of windowOf(data, window).series) {
    expect(bars.openTime[0]).toBe(window.fromMs);
    expect(bars.openTime[bars.length - 1] + bars.timeframeMs).toBe(window.toMs);
  }
  expect(windowOf(data, window).dataHash).not.toBe(data.dataHash);
});

it('chosen values are settings that the configuration takes', () => {
  const sets = setsOf({ 'entry.mode': 'taker', 'stop.kDeep': 1.25, 'exit.onOppositeChoch': false });
  expect(sets).toEqual(['entry.mode=taker', 'stop.kDeep=1.25', 'exit.onOppositeChoch=false']);
  const { config } = loadConfig({ ignoreFile: true, env: {}, sets });
  expect([config.entry.mode, config.stop.kDeep, config.exit.onOppositeChoch]).toEqual([
    'taker',
    1.25,
    false,
  ]);
});

it('each window is searched and counted once, and too few trades choose nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qcm-windows-'));
  const ledgerPath = join(folder, 'ledger.jsonl');
  const optimiser = new StudyOptimiser({
    loaded: loadSpace('btc-alpha-execution', ['hedge.mode=off']),
    data,
    sampler: 'random',
    trials: 4,
    seed: 1,
    workers: 1,
    folder,
    ledgerPath,
  });
  const window = { fromMs: startMs, toMs: startMs + 4 * DAY_MS };
  const choice = await optimiser.best(window);
  expect(choice).toMatchObject({ sets: undefined, trials: 4, judged: 0, isFeasible: false });
  await optimiser.best(window);
  const ledger = new TrialLedger(ledgerPath);
  expect(ledger.spentOn(data.dataHash)).toBe(4);
  ledger.close();
});
