import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../load.ts';
import { simulateMarket } from './market.ts';
import { momentsReport } from './moments-report.ts';
import { writeMarket } from './write-market.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qcm-simulated-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a written market', () => {
  it('says SIMULATED in every name and reads back as it was', async () => {
    const market = simulateMarket({ seed: 4, days: 33, timeframeMs: 180_000 });
    const names = writeMarket(market, folder).map((path) => basename(path));
    expect(names).toHaveLength(9);
    for (const name of names) expect(name).toContain('SIMULATED');
    expect(names[0]).toBe('SIMULATED-BTCUSDT-3m-2025-01.csv');
    const { series, funding, findings } = await loadDataset({ path: folder, useCache: false });
    expect(findings).toEqual([]);
    market.series.forEach((bars, s) => {
      for (const column of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const) {
        expect(series[s][column]).toEqual(bars[column]);
      }
      expect(series[s].takerBuyVolume).toEqual(bars.takerBuyVolume);
      expect(funding[s].times).toEqual(market.funding[s].times);
      expect(funding[s].rates).toEqual(market.funding[s].rates);
    });
  });
});

describe('the report of moments', () => {
  it('sets real bars beside simulated ones of the same length', () => {
    const { series } = simulateMarket({ seed: 99, days: 5, timeframeMs: 180_000 });
    const report = momentsReport({ title: 'my data', real: series });
    expect(report).toContain('### my data: 3m, 5 days');
    expect(report).toMatch(/^\| moment \| BTCUSDT real \| SIMULATED \| ETHUSDT real/m);
    expect(report).toMatch(/^\| kurtosis \| [\d.]+ \| [\d.]+ \.\. [\d.]+ \|/m);
    expect(report).toMatch(/^\| ETHUSDT, SOLUSDT \| 0\.\d+ \| 0\.\d+/m);
    const odd = series.map((bars) => ({ ...bars, symbol: `${bars.symbol}X` }));
    expect(momentsReport({ title: 'other', real: odd })).toMatch(/^\| kurtosis \| [\d.]+ \| n\/a/m);
  });
});
