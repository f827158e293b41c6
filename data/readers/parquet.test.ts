import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBars } from '../bars/bars.ts';
import { loadDataset } from '../load.ts';
import { writeParquetBars } from './parquet.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qcm-parquet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('Parquet', () => {
  it('gives back the bars that were written', async () => {
    const source = { kind: 'file' as const, names: [] };
    const bars = createBars({ symbol: 'BTCUSDT', timeframeMs: 180_000, length: 50, source });
    for (let i = 0; i < 50; i++) {
      bars.openTime[i] = 1.7e12 - (1.7e12 % 180_000) + i * 180_000;
      bars.open[i] = 100 + i / 10;
      bars.high[i] = 101 + i / 10;
      bars.low[i] = 99 + i / 10;
      bars.close[i] = 100.3 + i / 10;
      bars.volume[i] = i;
      bars.takerBuyVolume[i] = i === 3 ? Number.NaN : i / 2;
    }
    const path = join(folder, 'BTCUSDT-3m-2023.parquet');
    await writeParquetBars(path, bars);
    const { series } = await loadDataset({ path, useCache: false });
    for (const field of [
      'openTime',
      'open',
      'high',
      'low',
      'close',
      'volume',
      'takerBuyVolume',
    ] as const) {
      expect(series[0][field]).toEqual(bars[field]);
    }
  });

  it('refuses a file that is none', async () => {
    const path = join(folder, 'ETHUSDT-3m.parquet');
    writeFileSync(path, 'hello');
    await expect(loadDataset({ path, useCache: false })).rejects.toMatchObject({
      code: 'DATA_DAMAGED',
    });
  });
});
