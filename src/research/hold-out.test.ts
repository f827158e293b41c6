import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { DAY_MS } from './../engine/units.ts';
import { ResearchLedger, searchSpan } from './hold-out.ts';

const entry = { atMs: 1, what: 'test', trials: 30, kind: 'search' as const };

it('the last fifth of the data is kept out of searches', () => {
  const { series } = simulateMarket({ seed: 1, days: 10, timeframeMs: 180_000 });
  const span = searchSpan(series, 'BTCUSDT');
  expect((span.endMs - span.startMs) / DAY_MS).toBe(10);
  expect((span.searchEndMs - span.startMs) / DAY_MS).toBe(8);
});

it('trials and openings are counted per data', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'qcm-')), 'below', 'ledger.jsonl');
  const ledger = new ResearchLedger(path);
  expect(ledger.trials('a')).toBe(0);
  ledger.add({ ...entry, dataHash: 'a' });
  ledger.add({ ...entry, dataHash: 'b' });
  ledger.add({ ...entry, dataHash: 'a', trials: 0, kind: 'holdOut' });
  ledger.add({ ...entry, dataHash: 'a', trials: 5 });
  expect([ledger.trials('a'), ledger.trials('b'), ledger.openings('a')]).toEqual([35, 30, 1]);
});

it('a torn last line counts nothing and breaks nothing; a damaged one is named', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'qcm-')), 'ledger.jsonl');
  const ledger = new ResearchLedger(path);
  ledger.add({ ...entry, dataHash: 'a' });
  appendFileSync(path, '{"dataHash":"a","tri');
  expect(ledger.trials('a')).toBe(30);
  ledger.add({ ...entry, dataHash: 'a' });
  expect(ledger.trials('a')).toBe(60);
  appendFileSync(path, 'not json\n');
  expect(() => ledger.trials('a')).toThrow(/line 3 is damaged/);
});

it('a ledger that cannot be written is one clear error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'qcm-'));
  const ledger = new ResearchLedger(folder);
  expect(() => ledger.add({ ...entry, dataHash: 'a' })).toThrow(/trials cannot be counted in/);
});
