import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { madeRows, TITLES, tempFile } from '../../backtests/tradingview/testing/made-export.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ROWS = madeRows(400).map(({ time, cells }) => [time / 1_000, ...cells].join(','));
const EXPORT = tempFile('BTCUSDT_3m.csv', [TITLES, ...ROWS].join('\n'));

describe('qcm diff', () => {
  test('reports, writes JSON and a page, and ends with 0 when thresholds are met', () => {
    const [json, html] = ['d.json', 'd.html'].map((name) => join(dirname(EXPORT), name));
    const map = ['--map', 'EMA=ta.ema(close, 50)'];
    const limits = ['--max-differing', '0', '--min-correlation', '0.999'];
    const { status, stdout } = qcm([
      '--export',
      EXPORT,
      '--json',
      json,
      '--html',
      html,
      ...map,
      ...limits,
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('no bar differs');
    expect(JSON.parse(readFileSync(json, 'utf8')).columns).toHaveLength(3);
    expect(readFileSync(html, 'utf8')).toContain('LightweightCharts');
  });

  test('ends with 5 when a threshold is missed', () => {
    const map = ['--map', 'EMA=ta.ema(close, 10)'];
    const { status, stdout } = qcm(['--export', EXPORT, ...map, '--max-differing', '0']);
    expect(status).toBe(5);
    expect(stdout).toMatch(/MISSED EMA: \d+ bars differ, more than 0/);
  });

  test('refuses what it cannot use', () => {
    expect(qcm([]).status).toBe(2);
    const trades = tempFile('trades.csv', 'Trade #,Type,Date/Time\n1,Entry long,2025-01-01\n');
    const mixedUp = qcm(['--export', trades]);
    expect(mixedUp.status).toBe(3);
    expect(mixedUp.stderr).toContain('list of trades');
    expect(mixedUp.stderr).toContain('--trades');
    expect(qcm(['--export', EXPORT, '--trades', EXPORT]).status).toBe(2);
    expect(qcm(['--export', EXPORT, '--module', 'smcc']).stderr).toContain('did you mean smc');
    expect(qcm(['--trades', EXPORT]).status).toBe(3);
  });
});

function qcm(args: readonly string[]) {
  return spawnSync(process.execPath, ['src/cli/main.ts', 'diff', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
}
