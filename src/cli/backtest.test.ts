import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sliceBars } from '../../data/bars/bars.ts';
import { madeAggTrades } from '../../data/recorded/testing/made-trades.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { findMarketData } from '../market-data.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const SMALL = ['--set', 'simulation.days=4'];

/** In an empty folder, so that no configuration or download is found. */
function qcm(...args: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'qcm-cli-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, QCM_MODE: '', QCM_PRESET: '' },
  });
  return { status, stdout, stderr, cwd };
}

describe('qcm backtest without data', () => {
  let run: ReturnType<typeof qcm>;
  beforeAll(() => {
    run = qcm('backtest', ...SMALL, '--json', 'copy.json', '--out', 'out');
  });

  it('runs on the simulated market and says so on top and at the end', () => {
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^SIMULATED market, not real prices/m);
    expect(run.stdout).toMatch(/qcm -- data pull --symbols/);
    expect(run.stdout).toMatch(/^VERDICT: /m);
  });

  it('writes the result files and the copy of the summary', () => {
    const out = join(run.cwd, 'out');
    expect(readdirSync(out).sort()).toEqual([
      'equity.csv',
      'not-filled.csv',
      'report-data.json',
      'report.html',
      'summary.json',
      'trades.csv',
    ]);
    const copy = readFileSync(join(run.cwd, 'copy.json'), 'utf8');
    expect(copy).toBe(readFileSync(join(out, 'summary.json'), 'utf8'));
    expect(JSON.parse(copy).variants).toHaveLength(4);
  });

  it('repeats itself but for the time stamps', () => {
    const again = qcm('backtest', ...SMALL, '--json', 'copy.json', '--out', 'out');
    const read = (cwd: string) => {
      const { timestamps, ...rest } = JSON.parse(readFileSync(join(cwd, 'copy.json'), 'utf8'));
      expect(Object.keys(timestamps)).toEqual(['generatedAt', 'elapsedMs']);
      return rest;
    };
    expect(read(again.cwd)).toEqual(read(run.cwd));
  });
});

describe('qcm backtest with recorded trades', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'qcm-cli-'));
  const days = { seed: 1, days: 2, timeframeMs: 60_000, symbols: ['BTCUSDT'] };
  const [bars] = simulateMarket(days).series;
  const path = (name: string) => join(cwd, name);
  const rows = Array.from(bars.openTime, (time, i) =>
    [time, bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i]].join(','),
  );
  const header = 'open_time,open,high,low,close,volume';
  const firstDay = sliceBars(bars, 0, 1_440);
  const day = new Date(bars.openTime[0]).toISOString().slice(0, 10);
  mkdirSync(path('bars/trades'), { recursive: true });
  writeFileSync(path('bars/BTCUSDT-1m-SIMULATED.csv'), `${[header, ...rows].join('\n')}\n`);
  writeFileSync(
    path(`bars/trades/BTCUSDT-aggTrades-${day}.csv`),
    madeAggTrades(firstDay, { seed: 1, decimals: 1, tradesPerLeg: 3 }),
  );
  const run = (...more: string[]) =>
    qcm('backtest', '--data', path('bars'), '--hedge', 'off', '--no-compare', ...more);

  it('finds the folder, and names the period that is filled by it', () => {
    const { status, stdout } = run('--out', path('out'));
    expect(status).toBe(0);
    const line = /^prices: BTCUSDT: recorded trades (.*) 00:00 \.\. (.*) 00:00, 1m bars /m;
    expect(stdout.match(line)?.[1]).toBe(day);
    const summary = JSON.parse(readFileSync(path('out/summary.json'), 'utf8'));
    expect(summary.data.files.map(({ name }: { name: string }) => name)).toContain(
      `BTCUSDT-aggTrades-${day}.csv`,
    );
    expect(readFileSync(path('out/report.html'), 'utf8')).toContain('prices: BTCUSDT: recorded');
  });

  it('is for backtests and checks: what changes bars does not get recordings', async () => {
    const base = { path: path('bars'), symbols: ['BTCUSDT'], strict: false, onProgress: () => {} };
    const simulation = { seed: 1, days: 1 };
    const cacheFolder = path('cache');
    const plain = await findMarketData({ ...base, cacheFolder, simulation });
    const full = await findMarketData({ ...base, cacheFolder, simulation, usesRecordings: true });
    expect([plain.tapes?.length, full.tapes?.length]).toEqual([0, 1]);
    expect(plain.dataHash).not.toBe(full.dataHash);
  });

  it('refuses trades of another market, and a folder without any', () => {
    mkdirSync(path('spot'));
    const text = madeAggTrades(firstDay, { seed: 1, decimals: 1, tradesPerLeg: 3 });
    const moved = text.replace(/^(\d+),(\d+)/gm, (_, id, price) => `${id},${Number(price) + 60}`);
    writeFileSync(path(`spot/BTCUSDT-aggTrades-${day}.csv`), moved);
    const other = run('--trades', path('spot'));
    expect([other.status, other.stderr]).toEqual([3, expect.stringMatching(/differ by .* bps/)]);
    const none = run('--trades', path('out'));
    expect([none.status, none.stderr]).toEqual([3, expect.stringMatching(/holds no trades/)]);
  });
});

describe('wrong use', () => {
  it.each([
    [['--data', 'nowhere'], 3, 'DATA_NO_FILE'],
    [['--data', '.'], 3, 'DATA_NO_BARS'],
    [['--from', 'yesterday'], 2, 'USAGE_DATE'],
    [['--max-bars', '0'], 2, 'USAGE_NUMBER'],
    [['--equity', 'much'], 2, 'USAGE_NUMBER'],
    [['--strategy', 'btcalfa'], 2, 'USAGE_UNKNOWN_STRATEGY'],
    [['--trade', 'documants'], 4, 'CONFIG_UNKNOWN_PRESET'],
    [['--set', 'entry.mood=taker'], 4, 'CONFIG_UNKNOWN_KEY'],
    [['--config', 'nowhere.json'], 4, 'CONFIG_NO_FILE'],
    [['--from', '2099-01-01', ...SMALL], 3, 'DATA_SPAN'],
    [['--bogus'], 2, 'unknown option'],
  ] as const)('%j ends with %i and one clear message', (args, status, text) => {
    const run = qcm('backtest', ...args);
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(text);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect(run.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe('qcm config', () => {
  it('writes a file that is then read, and refuses to replace it', () => {
    const { cwd } = qcm('config', 'init', '--trade', 'overview');
    const inThere = (...args: string[]) =>
      spawnSync(process.execPath, [MAIN, 'config', ...args], { cwd, encoding: 'utf8' });
    expect(inThere('show').stdout).toMatch(/^risk\.perTradePercent +0\.5 +preset overview$/m);
    expect(inThere('init').status).toBe(4);
    writeFileSync(join(cwd, 'qcm.config.json'), '{"mood": "paper"}');
    const check = inThere('check');
    expect([check.status, check.stderr]).toEqual([
      4,
      expect.stringContaining('did you mean mode?'),
    ]);
  });
});
