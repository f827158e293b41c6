import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

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
