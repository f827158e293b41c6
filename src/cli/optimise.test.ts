import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = mkdtempSync(join(tmpdir(), 'qcm-optimise-'));
const BASE = [
  ...['--set', 'simulation.days=12', 'signal.strengthMin=5', 'signal.sequenceWindowBars=60'],
  ...['--trials', '24', '--batch', '8', '--min-trades', '5', '--seed', '3'],
  ...['--ledger', join(FOLDER, 'ledger.jsonl')],
];

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['src/cli/main.ts', 'optimise', ...args], { stdio: 'pipe' });
}

async function run(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const child = start(args);
  let out = '';
  let err = '';
  child.stdout?.on('data', (text) => (out += text));
  child.stderr?.on('data', (text) => (err += text));
  const code = await new Promise<number>((resolve) => child.on('close', (c) => resolve(c ?? -1)));
  return { code, out, err };
}

function study(name: string, workers: number): { folder: string; json: string; args: string[] } {
  const folder = join(FOLDER, name);
  const json = join(FOLDER, `${name}.json`);
  const args = [...BASE, '--workers', String(workers), '--out', folder, '--json', json];
  return { folder, json, args };
}

describe('qcm optimise', () => {
  it('comes to the same file with 1 and 2 workers, and after kill -9 and a second start', async () => {
    const one = study('one', 1);
    const { code, out } = await run(one.args);
    expect(code).toBe(0);
    expect(out).toContain('24 of 24 trials');
    expect(out).toContain('the last fifth is kept out');
    const wanted = readFileSync(one.json, 'utf8');
    expect(JSON.parse(wanted).trials).toHaveLength(24);

    const killed = study('killed', 2);
    const child = start(killed.args);
    const trials = join(killed.folder, 'trials.jsonl');
    const lines = () => (existsSync(trials) ? readFileSync(trials, 'utf8').split('\n').length : 0);
    while (lines() < 6 && child.exitCode === null) await new Promise((r) => setTimeout(r, 5));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
    expect(existsSync(killed.json)).toBe(false);
    expect((await run(killed.args)).code).toBe(0);
    expect(readFileSync(killed.json, 'utf8')).toBe(wanted);
  });

  it('stops on Ctrl-C with what it has, for any number of workers, and says so', async () => {
    for (const workers of [1, 2]) {
      const { folder, args } = study(`stopped${workers}`, workers);
      const child = start(args);
      let out = '';
      child.stdout?.on('data', (text) => (out += text));
      const trials = join(folder, 'trials.jsonl');
      while (!existsSync(trials) || readFileSync(trials, 'utf8').split('\n').length < 5) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill('SIGINT');
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect(code).toBe(130);
      expect(out).toMatch(/\d+ of 24 trials/);
    }
  });

  it.each([
    [['--space', 'btc-alpha-hegde'], 'RESEARCH_SPACE_UNKNOWN', 'did you mean btc-alpha-hedge', 1],
    [['--sampler', 'tpa'], 'USAGE_SAMPLER', 'did you mean tpe', 2],
    [['--json', '/nowhere/at/all.json'], 'USAGE_JSON', 'does not exist', 2],
    [['--trials', '0'], 'USAGE_NUMBER', 'at least 1', 2],
    [['--objective', 'sharp'], 'USAGE_OBJECTIVE', 'did you mean sharpe', 2],
    [['--data', '/nowhere/at/all'], 'DATA_NO_FILE', 'does not exist', 3],
    [['--set', 'stop.kDep=2'], 'CONFIG_UNKNOWN_KEY', 'stop.kDeep', 4],
  ])('refuses %j with one clear error', async (args, code, says, exit) => {
    const result = await run(args);
    expect(result.err).toContain(code);
    expect(result.err).toContain(says);
    expect(result.err).not.toContain('    at ');
    expect(result.code).toBe(exit);
  });
});
