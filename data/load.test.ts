import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDataset } from './load.ts';
import { sharedPath } from './testing/shared.ts';
import { zipOf } from './testing/zip.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qcm-load-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const START = Date.UTC(2024, 0, 1);

/** Honest 3m klines, one a line; `at` lets a test spoil one. */
function lines(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => {
    const time = START + (from + i) * 180_000;
    const price = 100 + ((from + i) % 7);
    return `${time},${price},${price + 1},${price - 1},${price + 0.5},10,${time + 179_999},,,5,,`;
  });
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const load = (path: string, options = {}) =>
  loadDataset({ path, cacheFolder: join(folder, 'cache'), ...options });

describe('a folder of klines', () => {
  it('joins months, plain, gz and zip, with and without header', async () => {
    const header = 'open_time,open,high,low,close,volume,close_time,a,b,taker_buy_volume,c,d\n';
    write('BTCUSDT-3m-2024-01.csv', `${lines(10).join('\n')}\n`);
    write('BTCUSDT-3m-2024-02.csv.gz', gzipSync(`${header}${lines(10, 10).join('\r\n')}`));
    const inner = lines(10, 20).join('\n');
    write('BTCUSDT-3m-2024-03.zip', zipOf('../../evil.csv', inner));
    const { series, findings } = await load(folder);
    expect(series[0]).toMatchObject({ symbol: 'BTCUSDT', timeframeMs: 180_000, length: 30 });
    expect(series[0].openTime[29]).toBe(START + 29 * 180_000);
    expect(series[0].takerBuyVolume[0]).toBe(5);
    expect(findings).toEqual([]);
  });

  it('reads microseconds and seconds, and says so for seconds', async () => {
    const micro = lines(5).map((line) => line.replace(/^(\d+)/, '$1000'));
    write('ETHUSDT-3m.csv', micro.join('\n'));
    const seconds = lines(5).map((line) => line.replace(/^(\d+)000/, '$1'));
    write('SOLUSDT-3m.csv', seconds.join('\n'));
    const { series, findings } = await load(folder);
    expect(series.map((bars) => bars.openTime[1])).toEqual([START + 180_000, START + 180_000]);
    expect(findings).toMatchObject([{ kind: 'timeUnit', symbol: 'SOLUSDT', policy: 'repair' }]);
  });

  it('repairs shuffled and duplicate rows with counts, and refuses them when strict', async () => {
    const rows = lines(10);
    const spoiled = [rows[3], ...rows.filter((_, i) => i !== 3), rows[5]];
    write('BTCUSDT-3m.csv', spoiled.join('\n'));
    const { series, findings } = await load(folder);
    expect(series[0].length).toBe(10);
    expect([...series[0].openTime]).toEqual(rows.map((_, i) => START + i * 180_000));
    expect(findings.map(({ kind, count }) => [kind, count])).toEqual([
      ['disorder', 2],
      ['duplicate', 1],
    ]);
    await expect(load(folder, { strict: true })).rejects.toMatchObject({ code: 'DATA_DISORDER' });
  });

  it('tells gaps and stretches without volume', async () => {
    const rows = lines(30).filter((_, i) => i < 5 || i > 7);
    const quiet = rows.map((row, i) => (i > 10 && i < 18 ? row.replace(',10,', ',0,') : row));
    write('BTCUSDT-3m.csv', quiet.join('\n'));
    const { findings } = await load(folder);
    expect(findings.map((finding) => finding.text)).toEqual([
      expect.stringContaining('1 gaps, 3 bars missing, the longest 3 bars at 2024-01-01T00:15'),
      expect.stringContaining('7 bars without volume in 1 runs'),
    ]);
  });

  it('finds funding and calendar beside the data', async () => {
    mkdirSync(join(folder, 'funding'));
    mkdirSync(join(folder, 'calendar'));
    mkdirSync(join(folder, 'bars'));
    write('bars/BTCUSDT-3m.csv', lines(10).join('\n'));
    write('funding/BTCUSDT-funding.csv', `fundingTime,fundingRate\n${START + 7},0.0001\n`);
    write('calendar/a.csv', 'time_utc,event\n2024-01-05T13:30:00Z,nfp\n2024-01-05T19:00Z,tea\n');
    const { funding, calendar, notes } = await load(join(folder, 'bars'));
    expect(funding[0]).toMatchObject({ symbol: 'BTCUSDT', times: Float64Array.of(START) });
    expect(calendar?.events).toEqual([{ atMs: Date.UTC(2024, 0, 5, 13, 30), name: 'NFP' }]);
    expect(notes).toEqual([]);
  });
});

describe('wrong input', () => {
  const good = lines(3).join('\n');
  const spoil = (from: string, to: string) => good.replace(from, to);
  const cases: [string, string, string | Uint8Array, string, RegExp][] = [
    ['0 bytes', 'BTCUSDT-3m.csv', '', 'DATA_EMPTY', /is empty/],
    ['0-byte zip', 'BTCUSDT-3m.zip', '', 'DATA_EMPTY', /is empty/],
    ['a cut zip', 'BTCUSDT-3m.zip', zipOf('a', good).subarray(0, 60), 'DATA_DAMAGED', /whole zip/],
    ['a cut gz', 'BTCUSDT-3m.csv.gz', gzipSync(good).subarray(0, 30), 'DATA_DAMAGED', /inflated/],
    ['only a header', 'BTCUSDT-3m.csv', 'time,open,high,low,close\n', 'DATA_EMPTY', /no rows/],
    [
      'wrong columns',
      'a.csv',
      'date,price\n2024-01-01,5\n',
      'DATA_COLUMNS',
      /a\.csv:1: no column for open, high/,
    ],
    ['text in a number', 'BTCUSDT-3m.csv', spoil(',102,', ',abc,'), 'DATA_CELL', /csv:\d: "abc"/],
    [
      'a time that is none',
      'a.csv',
      'time,open,high,low,close\nx,1,1,1,1\n',
      'DATA_TIME',
      /a\.csv:2: "x"/,
    ],
    [
      'high below low',
      'BTCUSDT-3m.csv',
      `${START},100,90,110,100,1,1,,,,,\n`,
      'DATA_OHLC',
      /csv:1: high 90 is below low 110/,
    ],
    [
      'a negative volume',
      'a.csv',
      `time,open,high,low,close,volume\n${START},1,1,1,1,-5\n`,
      'DATA_OHLC',
      /a\.csv:2: volume -5/,
    ],
    [
      'a price of zero',
      'BTCUSDT-3m.csv',
      `${START},0,0,0,0,1,1,,,,,\n`,
      'DATA_OHLC',
      /not a positive price/,
    ],
    [
      'a bar off the grid',
      'BTCUSDT-3m.csv',
      spoil(`${START},`, `${START + 1_000},`),
      'DATA_OFFGRID',
      /grid/,
    ],
    [
      'a price times ten',
      'BTCUSDT-3m.csv',
      `${good}\n${START + 540_000},1000,1000,1000,1000,1,1,,,,,`,
      'DATA_UNITJUMP',
      /jumps/,
    ],
    [
      'two truths for one bar',
      'BTCUSDT-3m.csv',
      `${good}\n${lines(1)[0].replace('100.5', '100.4')}`,
      'DATA_CONFLICT',
      /different values/,
    ],
  ];
  it.each(cases)('%s is refused with its place', async (_, name, content, code, message) => {
    const path = write(name, content);
    await expect(load(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('a zip bomb stops at the limit', async () => {
    const path = write('BTCUSDT-3m.zip', zipOf('a', good, { claimedBytes: 4_000_000_000 }));
    await expect(load(path)).rejects.toMatchObject({ code: 'DATA_BOMB' });
    const lying = write('ETHUSDT-3m.zip', zipOf('a', good, { claimedBytes: 10 }));
    await expect(load(lying)).rejects.toMatchObject({ code: 'DATA_BOMB' });
  });

  it('a missing path and a folder without bars', async () => {
    await expect(load(join(folder, 'no'))).rejects.toMatchObject({ code: 'DATA_NO_FILE' });
    await expect(load(folder)).rejects.toMatchObject({ code: 'DATA_NO_BARS' });
  });
});

describe('the cache', () => {
  it('gives the same series, and notices a changed file', async () => {
    const path = write('BTCUSDT-3m.csv', lines(10).join('\n'));
    const first = await load(path);
    const second = await load(path);
    expect(second.series[0].close).toEqual(first.series[0].close);
    expect(second.series[0].takerBuyVolume).toEqual(first.series[0].takerBuyVolume);
    writeFileSync(path, lines(11).join('\n'));
    utimesSync(path, 1, 1);
    expect((await load(path)).series[0].length).toBe(11);
  });

  it('repeats the findings of the first load', async () => {
    const path = write('BTCUSDT-3m.csv', [...lines(10), lines(1)[0]].join('\n'));
    const first = await load(path);
    const second = await load(path);
    expect(second.findings).toEqual(first.findings);
    expect(first.findings.length).toBeGreaterThan(0);
  });
});

const spot = sharedPath('data', 'spot', '3m');
describe.skipIf(spot === undefined)('real data', () => {
  it('has the spans and gaps that its description tells', async () => {
    const { series, findings, funding } = await load(spot ?? '');
    expect(series.map((bars) => bars.length)).toEqual([145_973, 145_973, 145_973]);
    expect(findings.filter((finding) => finding.kind === 'gap')).toHaveLength(3);
    expect(findings[0].text).toContain('26 bars missing');
    expect(funding.map((table) => table.symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    expect(funding[2].gaps.length).toBe(2);
  });
});
