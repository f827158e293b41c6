import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const GOLDEN = join(ROOT, 'backtests/golden/synthetic');
const BARS = join(GOLDEN, 'synthetic_bars.csv.gz');
const FOLDER = mkdtempSync(join(tmpdir(), 'qcm-series-'));

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test('series writes openTime and the golden columns for a golden bars file', () => {
  const out = join(FOLDER, 'smc.csv');
  const run = qcm(['series', '--bars', BARS, '--timeframe', '3m', '--module', 'smc', '--out', out]);
  expect(run.status).toBe(0);
  const golden = goldenLines('synthetic_smc_states_hl.csv.gz');
  const ours = readFileSync(out, 'utf8').trimEnd().split('\n');
  expect(ours.length).toBe(golden.length);
  expect(`bar,${ours[0]}`).toBe(golden[0]);
  // Averages in the golden file are rounded; the test of the golden values compares those.
  const rounded = golden[0].split(',').indexOf('atr200');
  const drop = (cells: string[], i: number) => cells.filter((_, k) => k !== i).join(',');
  ours.slice(1).forEach((line, i) => {
    expect(drop(line.split(','), rounded - 1)).toBe(
      drop(golden[i + 1].split(','), rounded).slice(String(i).length + 1),
    );
  });
});

test('events go to standard output without --out', () => {
  const run = qcm(['events', '--bars', BARS, '--module', 'smc', '--set', 'mitigation=close']);
  expect(run.status).toBe(0);
  expect(run.stdout.trimEnd().split('\n')).toEqual(
    goldenLines('synthetic_smc_events_close.csv.gz'),
  );
});

test('a coarser timeframe is made of the finer bars', () => {
  const run = qcm(['series', '--bars', BARS, '--module', 'supertrend-ai', '--timeframe', '15m']);
  const times = run.stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => Number.parseInt(line, 10));
  expect(times.length).toBe(600);
  expect(times.every((time) => time % 900_000 === 0)).toBe(true);
});

test.each([
  [['series', '--bars', 'nowhere.csv', '--module', 'smc'], 3, 'nowhere.csv does not exist'],
  [['series', '--bars', BARS, '--module', 'smv'], 2, 'did you mean smc'],
  [['series', '--bars', BARS, '--module', 'smc', '--set', 'swng=9'], 2, 'did you mean swing'],
  [['series', '--bars', BARS, '--module', 'smc', '--timeframe', '1m'], 2, 'cannot be made of 3m'],
  [['events', '--bars', BARS], 2, '--module'],
])('%j fails with one clear message', (args, status, text) => {
  const run = qcm(args);
  expect(run.status).toBe(status);
  expect(run.stderr).toContain(text);
  expect(run.stderr).not.toContain('    at ');
});

test('help lists modules and their options', () => {
  const run = qcm(['series', '--help']);
  expect(run.status).toBe(0);
  for (const text of ['smc', 'supertrend-ai', '--set mitigation=', 'Examples:']) {
    expect(run.stdout).toContain(text);
  }
});

function qcm(args: readonly string[]) {
  const main = join(ROOT, 'src/cli/main.ts');
  return spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    cwd: FOLDER,
    maxBuffer: 64 << 20,
  });
}

function goldenLines(name: string): string[] {
  return gunzipSync(readFileSync(join(GOLDEN, name)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}
