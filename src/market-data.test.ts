import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { downloadedBars, findMarketData } from './market-data.ts';

const request = {
  symbols: ['BTCUSDT'],
  strict: false,
  simulation: { seed: 1, days: 1 },
  onProgress: () => {},
};

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'qcm-data-'));
}

const KLINES = Array.from(
  { length: 10 },
  (_, i) => `${1_700_000_040_000 + i * 60_000},100,101,99,100.5,5,0,0,0,2,0,0`,
).join('\n');

describe('market data', () => {
  it('comes from the finest downloaded bars of the symbol', () => {
    const store = folder();
    expect(downloadedBars(store, 'BTCUSDT')).toBeUndefined();
    for (const [interval, symbol] of [
      ['1m', 'ETHUSDT'],
      ['3m', 'BTCUSDT'],
      ['5m', 'BTCUSDT'],
    ]) {
      mkdirSync(join(store, 'futures-um', interval), { recursive: true });
      writeFileSync(join(store, 'futures-um', interval, `${symbol}-${interval}-2025-01.zip`), '');
    }
    expect(downloadedBars(store, 'BTCUSDT')).toBe(join(store, 'futures-um', '3m'));
    expect(downloadedBars(store, 'ETHUSDT')).toBe(join(store, 'futures-um', '1m'));
  });

  it('of a file whose name tells no symbol is taken for the traded one', async () => {
    const path = join(folder(), 'my-bars.csv');
    writeFileSync(path, `${KLINES}\n`);
    const data = await findMarketData({ ...request, path, cacheFolder: folder() });
    expect(data.series.map((bars) => [bars.symbol, bars.length])).toEqual([['BTCUSDT', 10]]);
    expect(data.manifest[0]).toMatchObject({ name: 'my-bars.csv', bytes: KLINES.length + 1 });
    expect(data.manifest[0].sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('written by the simulator stays SIMULATED', async () => {
    const path = join(folder(), 'SIMULATED-BTCUSDT-1m-2025-01.csv');
    writeFileSync(path, `${KLINES}\n`);
    const data = await findMarketData({ ...request, path, cacheFolder: folder() });
    expect(data.label).toMatch(/^SIMULATED/);
  });

  it('without the traded symbol is refused', async () => {
    const path = folder();
    writeFileSync(join(path, 'ETHUSDT-1m-2025-01.csv'), `${KLINES}\n`);
    const wanted = { ...request, symbols: ['BTCUSDT', 'ETHUSDT'], path, cacheFolder: folder() };
    await expect(findMarketData(wanted)).rejects.toMatchObject({ code: 'DATA_SYMBOL' });
  });
});
