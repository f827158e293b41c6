import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { digestOfRun, type RunDigest } from './testing/run-digest.ts';

const JOBS = [
  { preset: 'smc-stand-in', seed: 5 },
  { preset: 'sequence', seed: 5 },
  { preset: 'smc-stand-in', seed: 9 },
  { preset: 'overview', seed: 5 },
];

/** All jobs on this many threads, each taking the next one when it is free. */
async function onWorkers(count: number): Promise<Record<string, RunDigest>> {
  const left = [...JOBS];
  const found: Record<string, RunDigest> = {};
  const thread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./testing/digest-worker.ts', import.meta.url));
      const next = () => {
        const job = left.shift();
        if (job === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage(job);
      };
      worker.on('error', reject);
      worker.on('message', ({ preset, seed, ...digest }: (typeof JOBS)[0] & RunDigest) => {
        found[`${preset} ${seed}`] = digest;
        next();
      });
      next();
    });
  await Promise.all(Array.from({ length: count }, thread));
  return found;
}

describe('the digest of a run', () => {
  it('is the same on the main thread, and on 1, 2 and 4 workers', async () => {
    const expected = Object.fromEntries(
      JOBS.map((job) => [`${job.preset} ${job.seed}`, digestOfRun(job)]),
    );
    expect(new Set(Object.values(expected).map(({ effects }) => effects)).size).toBe(JOBS.length);
    expect(Math.max(...Object.values(expected).map(({ trades }) => trades))).toBeGreaterThan(2);
    for (const count of [1, 2, 4]) expect(await onWorkers(count)).toEqual(expected);
  }, 60_000);
});

describe('the files of a run', () => {
  const MAIN = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');

  /** Everything but the page, which names the moment it was made. */
  function filesWith(env: Record<string, string>) {
    const cwd = mkdtempSync(join(tmpdir(), 'qcm-settings-'));
    const args = ['backtest', '--set', 'simulation.days=4', '--no-compare', '--out', 'out'];
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    });
    expect(stderr.replace(/^.*(warn|Warning).*$/gm, '').trim()).toBe('');
    expect(status).toBe(0);
    const read = (name: string) => readFileSync(join(cwd, 'out', name), 'utf8');
    const { timestamps: _, ...summary } = JSON.parse(read('summary.json'));
    const others = ['trades.csv', 'not-filled.csv', 'equity.csv', 'report-data.json'].map(read);
    return { summary, others };
  }

  it('are the same whatever language and time zone the machine is set to', () => {
    const english = filesWith({ LANG: 'C', TZ: 'UTC' });
    const turkish = filesWith({ LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kolkata' });
    const german = filesWith({ LANG: 'de_DE.UTF-8', LC_NUMERIC: 'de_DE', TZ: 'America/New_York' });
    expect(turkish).toEqual(english);
    expect(german).toEqual(english);
  }, 60_000);
});
