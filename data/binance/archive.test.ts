import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDataset } from '../load.ts';
import { type PullOptions, pullHistory } from './archive.ts';
import type { Series } from './archive-layout.ts';
import { findGaps, type SeriesReport } from './pull-report.ts';
import { FakeArchive } from './testing/fake-archive.ts';

const BTC: Series = { symbol: 'BTCUSDT', kind: 'klines', timeframeMs: 180_000 };
const FUNDING: Series = { symbol: 'BTCUSDT', kind: 'fundingRate' };
const TRADES: Series = { symbol: 'BTCUSDT', kind: 'aggTrades' };
const day = (text: string) => Date.parse(text);

let archive: FakeArchive;
let out: string;
beforeEach(async () => {
  archive = new FakeArchive();
  archive.listed.set('BTCUSDT', day('2019-09-08'));
  await archive.start();
  out = mkdtempSync(join(tmpdir(), 'qcm-pull-'));
});
afterEach(async () => {
  await archive.stop();
  rmSync(out, { recursive: true, force: true });
});

function pull(options: Partial<PullOptions> = {}): Promise<SeriesReport[]> {
  return pullHistory({
    series: [BTC],
    fromMs: day('2023-01-01'),
    toMs: day('2023-02-28'),
    nowMs: day('2023-06-01T12:00Z'),
    out,
    baseUrl: archive.url,
    restUrl: archive.url,
    parallel: 3,
    ...options,
    http: { backoffMs: 1, attempts: 4, ...options.http },
  });
}

const stored = () => readdirSync(join(out, 'futures-um', '3m')).sort();

describe('months that are archived', () => {
  it('are fetched, verified and kept with their hash', async () => {
    const zip = archive.addKlines(BTC, '2023-01', { withoutHeader: true });
    archive.addKlines(BTC, '2023-02');
    const [report] = await pull();
    expect(report.fetched).toEqual(['2023-01', '2023-02']);
    expect(report.failed).toEqual([]);
    expect(stored()).toEqual([
      'BTCUSDT-3m-2023-01.zip',
      'BTCUSDT-3m-2023-01.zip.CHECKSUM',
      'BTCUSDT-3m-2023-02.zip',
      'BTCUSDT-3m-2023-02.zip.CHECKSUM',
    ]);
    expect(readFileSync(report.paths[0])).toEqual(zip);
    expect(findGaps(report.paths, 180_000)).toEqual([]);
    const { series } = await loadDataset({ path: join(out, 'futures-um/3m'), useCache: false });
    expect(series[0].length).toBe((31 + 28) * 480);
  });

  it('are not asked for again, unless refreshed', async () => {
    archive.addKlines(BTC, '2023-01');
    const january = { fromMs: day('2023-01-05'), toMs: day('2023-01-06') };
    await pull(january);
    archive.requests.length = 0;
    const [again] = await pull(january);
    expect(again.kept).toEqual(['2023-01']);
    expect(archive.requests).toEqual([]);
    await pull({ ...january, refresh: true });
    expect(archive.requests.map(({ path }) => path.slice(-9))).toEqual(['.CHECKSUM']);
  });

  it('are fetched again when the file on disk was damaged or re-issued', async () => {
    archive.addKlines(BTC, '2023-01');
    const january = { toMs: day('2023-01-31') };
    const [{ paths }] = await pull(january);
    writeFileSync(paths[0], 'rotten');
    expect((await pull(january))[0].fetched).toEqual(['2023-01']);
    const reissued = archive.add(BTC, '2023-01', '1672531200000,1,1,1,1,1,1,1,1,1,1,0\n');
    expect((await pull({ ...january, refresh: true }))[0].fetched).toEqual(['2023-01']);
    expect(readFileSync(paths[0])).toEqual(reissued);
  });

  it('are accepted without a stored hash when they are right', async () => {
    archive.addKlines(BTC, '2023-01');
    const january = { toMs: day('2023-01-31') };
    const [{ paths }] = await pull(january);
    rmSync(`${paths[0]}.CHECKSUM`);
    expect((await pull(january))[0].kept).toEqual(['2023-01']);
    expect(existsSync(`${paths[0]}.CHECKSUM`)).toBe(true);
    expect(archive.requestsOf('.zip')).toHaveLength(1);
  });
});

describe('a month that is not archived', () => {
  it('falls back to days, then to REST, and today to what has closed', async () => {
    archive.addKlines(BTC, '2023-05-30');
    const [report] = await pull({ fromMs: day('2023-05-30'), toMs: day('2023-06-01') });
    expect(report.fetched).toEqual(['2023-05-30']);
    expect(report.overRest).toEqual([
      { stamp: '2023-05-31', rows: 480 },
      { stamp: '2023-06-01', rows: 240 },
    ]);
    expect(report.missing).toEqual([]);
    expect(findGaps(report.paths, 180_000)).toEqual([]);
    const { series } = await loadDataset({ path: join(out, 'futures-um/3m'), useCache: false });
    expect(series[0].length).toBe(480 * 2 + 240);
  });

  it('keeps whole REST days, completes today, and gives way to the archive', async () => {
    const range = { fromMs: day('2023-05-30'), toMs: day('2023-06-01') };
    await pull(range);
    const [later] = await pull({ ...range, nowMs: day('2023-06-01T18:00Z') });
    expect(later.kept).toEqual(['2023-05-30', '2023-05-31']);
    expect(later.overRest).toEqual([{ stamp: '2023-06-01', rows: 360 }]);
    archive.addKlines(BTC, '2023-05-31');
    const [daily] = await pull({ ...range, nowMs: day('2023-06-02T18:00Z') });
    expect(daily).toMatchObject({ fetched: ['2023-05-31'], superseded: 1 });
    archive.addKlines(BTC, '2023-05');
    const [monthly] = await pull({ ...range, nowMs: day('2023-06-06') });
    expect(monthly).toMatchObject({ fetched: ['2023-05'], superseded: 2 });
    expect(stored().filter((name) => !name.endsWith('.CHECKSUM'))).toEqual([
      'BTCUSDT-3m-2023-05.zip',
      'BTCUSDT-3m-2023-06-01.csv',
    ]);
  });

  it('is told apart from one before the listing', async () => {
    archive.listed.set('BTCUSDT', day('2023-02-10'));
    archive.addKlines(BTC, '2023-02');
    const [report] = await pull();
    expect(report.notListed).toEqual(['2023-01']);
    expect(report.fetched).toEqual(['2023-02']);
    expect(archive.requests.filter(({ path }) => path.includes('/daily/'))).toEqual([]);
  });

  it('of an unknown symbol is an error of that symbol alone', async () => {
    archive.addKlines(BTC, '2023-01');
    const wrong: Series = { ...BTC, symbol: 'BTCUSTD' };
    const [good, bad] = await pull({ series: [BTC, wrong], toMs: day('2023-01-31') });
    expect(good.fetched).toEqual(['2023-01']);
    expect(bad.failed).toHaveLength(1);
    expect(bad.failed[0].message).toContain('no symbol BTCUSTD');
  });

  it('is reported missing for trades, which REST cannot give', async () => {
    archive.add(TRADES, '2023-05-30', '1,2,3,4,5,6,true\n');
    const range = { fromMs: day('2023-05-30'), toMs: day('2023-05-31') };
    const [report] = await pull({ series: [TRADES], ...range });
    expect(report).toMatchObject({ fetched: ['2023-05-30'], missing: ['2023-05-31'] });
    // Two days are wanted: the month of trades is not even asked for.
    expect(archive.requestsOf('2023-05.zip.CHECKSUM')).toEqual([]);
  });

  it('is a failure of its own when REST is blocked where the archive is not', async () => {
    archive.addKlines(BTC, '2023-05-30');
    archive.faults.set('/fapi/v1/klines', { kind: 'status', status: 403 });
    const [report] = await pull({ fromMs: day('2023-05-30'), toMs: day('2023-05-31') });
    expect(report.fetched).toEqual(['2023-05-30']);
    expect(report.failed[0]).toMatchObject({ stamp: 'REST' });
    expect(report.failed[0].message).toContain('access denied');
  });
});

describe('funding', () => {
  it('joins archived months and REST into the table a run finds', async () => {
    const rows = ['calc_time,funding_interval_hours,last_funding_rate'];
    for (let time = day('2023-04-01'); time < day('2023-05-01'); time += 8 * 3_600_000) {
      rows.push(`${time + 2},8,-0.00012345`);
    }
    archive.add(FUNDING, '2023-04', `${rows.join('\n')}\n`);
    archive.addKlines(BTC, '2023-04');
    const range = { fromMs: day('2023-04-01'), toMs: day('2023-06-01') };
    const [, report] = await pull({ series: [{ ...BTC }, FUNDING], ...range });
    expect(report.fetched).toEqual(['2023-04']);
    const dataset = await loadDataset({ path: join(out, 'futures-um/3m'), useCache: false });
    const [table] = dataset.funding;
    expect(table.times).toHaveLength(90 + 93 + 2);
    expect(table.gaps).toEqual([]);
    expect(table.rates[0]).toBe(-0.00012345);
    expect(table.rates[100]).toBe(0.0001);
    // Once more: nothing doubles.
    await pull({ series: [FUNDING], ...range });
    const again = await loadDataset({ path: join(out, 'futures-um/3m'), useCache: false });
    expect(again.funding[0].times).toEqual(table.times);
  });
});

describe('what goes wrong on the way', () => {
  const january = { toMs: day('2023-01-31') };

  it('a connection cut in the middle: the rest is asked for by range', async () => {
    const zip = archive.addKlines(BTC, '2023-01');
    archive.faults.set('.zip', { kind: 'truncate', times: 2 });
    const [report] = await pull(january);
    expect(readFileSync(report.paths[0])).toEqual(zip);
    const ranges = archive.requestsOf('.zip').map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=\d+-$/);
    expect(ranges).toHaveLength(3);
  });

  it('the same with a server that has no ranges: from the start', async () => {
    const zip = archive.addKlines(BTC, '2023-01');
    archive.hasRanges = false;
    archive.faults.set('.zip', { kind: 'truncate', times: 1 });
    const [report] = await pull(january);
    expect(readFileSync(report.paths[0])).toEqual(zip);
  });

  it('a part that is already whole', async () => {
    const zip = archive.addKlines(BTC, '2023-01');
    const [{ paths }] = await pull(january);
    rmSync(paths[0]);
    writeFileSync(`${paths[0]}.part`, zip);
    expect((await pull(january))[0].fetched).toEqual(['2023-01']);
    expect(readFileSync(paths[0])).toEqual(zip);
  });

  it('a wrong checksum once: fetched again', async () => {
    const zip = archive.addKlines(BTC, '2023-01');
    archive.faults.set('.zip', { kind: 'corrupt', times: 1 });
    const [report] = await pull(january);
    expect(readFileSync(report.paths[0])).toEqual(zip);
    expect(archive.requestsOf('.zip')).toHaveLength(2);
  });

  it('a wrong checksum twice: refused, nothing wrong stays on disk, the others go on', async () => {
    archive.addKlines(BTC, '2023-01');
    archive.addKlines(BTC, '2023-02');
    archive.faults.set('2023-01.zip', { kind: 'corrupt' });
    const [report] = await pull();
    expect(report.failed[0].message).toMatch(/2023-01\.zip: its SHA-256 is/);
    expect(report.fetched).toEqual(['2023-02']);
    expect(stored().filter((name) => name.includes('2023-01'))).toEqual([]);
  });

  it('a zip that is cut off in the archive itself', async () => {
    const zip = archive.addKlines(BTC, '2023-01');
    const name = '/data/futures/um/monthly/klines/BTCUSDT/3m/BTCUSDT-3m-2023-01.zip';
    const cut = zip.subarray(0, zip.length - 100);
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update(cut).digest('hex');
    archive.files.set(name, cut);
    archive.files.set(`${name}.CHECKSUM`, Buffer.from(`${hash}  BTCUSDT-3m-2023-01.zip\n`));
    const [report] = await pull(january);
    expect(report.failed[0].message).toContain('not a whole zip');
    expect(stored()).toEqual([]);
  });

  it('a checksum file that is something else', async () => {
    archive.addKlines(BTC, '2023-01');
    const body = '<html>welcome</html>';
    archive.faults.set('.CHECKSUM', { kind: 'status', status: 200, body });
    const [report] = await pull(january);
    expect(report.failed[0].message).toContain('holds no SHA-256');
  });

  it('429 with Retry-After, 429 with a ban time in its text, and 503: waited for', async () => {
    archive.addKlines(BTC, '2023-01');
    const waits: string[] = [];
    const http = { onWait: (text: string) => void waits.push(text) };
    const headers = { 'retry-after': '0' };
    archive.faults.set('.CHECKSUM', { kind: 'status', status: 429, headers, times: 1 });
    expect((await pull({ ...january, http }))[0].fetched).toEqual(['2023-01']);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toMatch(/answered 429; trying again in 0.0 s/);

    const body = `{"code":-1003,"msg":"Too many requests; banned until ${Date.now() + 150}."}`;
    archive.faults.set('/fapi/v1/klines', { kind: 'status', status: 429, body, times: 1 });
    const rest = { fromMs: day('2023-05-31'), toMs: day('2023-05-31'), http };
    expect((await pull(rest))[0].overRest).toHaveLength(1);
    expect(waits[1]).toMatch(/429; trying again in 0\.[012] s/);

    archive.faults.set('/fapi/v1/klines', { kind: 'status', status: 503, times: 3 });
    const next = { fromMs: day('2023-05-30'), toMs: day('2023-05-30'), http };
    expect((await pull(next))[0].overRest).toHaveLength(1);
    expect(waits).toHaveLength(5);
  });

  it('5xx without end: given up with the number of tries', async () => {
    archive.addKlines(BTC, '2023-01');
    archive.faults.set('.CHECKSUM', { kind: 'status', status: 502 });
    await expect(pull(january)).rejects.toMatchObject({
      code: 'EXCHANGE_UNREACHABLE',
      message: expect.stringMatching(/answered 502 \(4 tries of /),
    });
  });

  it('418: everything stops at once', async () => {
    const body = `{"code":-1003,"msg":"IP banned until 1700000000000."}`;
    archive.faults.set('/fapi/v1/klines', { kind: 'status', status: 418, body });
    const range = { fromMs: day('2023-05-28'), toMs: day('2023-05-31') };
    await expect(pull(range)).rejects.toMatchObject({
      code: 'EXCHANGE_BANNED',
      message: expect.stringContaining('until 2023-11-14T22:13:20.000Z'),
    });
    expect(archive.requestsOf('/fapi/v1/klines')).toHaveLength(1);
  });

  it('nobody there', async () => {
    const baseUrl = 'http://127.0.0.1:9';
    await expect(pull({ ...january, baseUrl })).rejects.toMatchObject({
      code: 'EXCHANGE_UNREACHABLE',
    });
  });

  it('a server that falls silent', async () => {
    archive.addKlines(BTC, '2023-01');
    archive.faults.set('.zip', { kind: 'slow', times: 1 });
    const [report] = await pull({ ...january, http: { idleMsMax: 10 } });
    expect(report.fetched).toEqual(['2023-01']);
  });
});

describe('gaps', () => {
  it('are found between the files that were brought', async () => {
    archive.addKlines(BTC, '2023-05-28');
    archive.addKlines(BTC, '2023-05-30');
    archive.listed.set('BTCUSDT', day('2023-05-30'));
    const [report] = await pull({ fromMs: day('2023-05-28'), toMs: day('2023-05-30') });
    expect(report.notListed).toEqual(['2023-05-29']);
    expect(findGaps(report.paths, 180_000)).toEqual([
      { fromMs: day('2023-05-29'), toMs: day('2023-05-30'), bars: 480 },
    ]);
  });
});
