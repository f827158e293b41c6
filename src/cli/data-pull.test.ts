import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Series } from '../../data/binance/archive-layout.ts';
import { FakeArchive } from '../../data/binance/testing/fake-archive.ts';
import { describe as describeProgress } from './pull-progress.ts';

const BTC: Series = { symbol: 'BTCUSDT', kind: 'klines', timeframeMs: 60_000 };
const MAIN = resolve(import.meta.dirname, 'main.ts');

let archive: FakeArchive;
let out: string;
beforeEach(async () => {
  archive = new FakeArchive();
  archive.listed.set('BTCUSDT', Date.parse('2019-09-08'));
  await archive.start();
  out = mkdtempSync(join(tmpdir(), 'qcm-data-pull-'));
});
afterEach(async () => {
  await archive.stop();
  rmSync(out, { recursive: true, force: true });
});

function start(...extra: string[]): ChildProcess {
  const urls = ['--base-url', archive.url, '--rest-url', archive.url, '--retry-ms', '5'];
  const range = ['--symbols', 'BTCUSDT', '--from', '2023-01', '--to', '2023-01'];
  const args = [MAIN, 'data', 'pull', ...range, '--kinds', 'klines', '--out', out, ...urls];
  return spawn(process.execPath, [...args, ...extra], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finish(child: ChildProcess) {
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { ...output, code };
}

const month = () => join(out, 'futures-um', '1m', 'BTCUSDT-1m-2023-01.zip');

/** Until a part of some size is on disk. */
async function partOf(bytes: number): Promise<number> {
  const part = `${month()}.part`;
  for (let i = 0; i < 1_000; i++) {
    if (existsSync(part) && statSync(part).size >= bytes) return statSync(part).size;
    await sleep(10);
  }
  throw new Error('no part file appeared');
}

describe('qcm data pull', () => {
  it('goes on after SIGKILL from the bytes it has', async () => {
    const zip = archive.addKlines(BTC, '2023-01');
    archive.faults.set('.zip', { kind: 'slow', times: 1 });
    const child = start();
    const ended = finish(child);
    const bytes = await partOf(zip.length / 10);
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(month())).toBe(false);

    const second = await finish(start());
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain('BTCUSDT 1m: 1 files fetched, 0 already there');
    expect(second.stdout).toContain('no gaps');
    expect(readFileSync(month())).toEqual(zip);
    expect(existsSync(`${month()}.part`)).toBe(false);
    const from = Number(/\d+/.exec(archive.requestsOf('.zip')[1].range ?? '')?.[0]);
    expect(from).toBeGreaterThanOrEqual(bytes);
  });

  it('stops on Ctrl-C with code 130 and says that nothing is lost', async () => {
    const zip = archive.addKlines(BTC, '2023-01');
    archive.faults.set('.zip', { kind: 'slow', times: 1 });
    const child = start();
    const ended = finish(child);
    await partOf(zip.length / 20);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('nothing is lost');
    expect(existsSync(`${month()}.part`)).toBe(true);
  });

  it('fails with code 3 and one message when a file is wrong for good', async () => {
    archive.addKlines(BTC, '2023-01');
    archive.faults.set('.zip', { kind: 'corrupt' });
    const { code, stdout, stderr } = await finish(start());
    expect(code).toBe(3);
    expect(stdout).toContain('FAILED 2023-01');
    expect(stderr).toMatch(/^error DATA_PULL_INCOMPLETE: 1 of the files/m);
    expect(stderr).not.toContain('    at ');
  });

  it.each([
    [['--from', '2023-13'], /--from "2023-13" is no date/],
    [['--from', '2023-02-30'], /is no date/],
    [['--from', '2023-03', '--to', '2023-02'], /is after --to/],
    [['--intervals', '2m'], /does not know "2m"/],
    [['--kinds', 'kline'], /did you mean klines/],
    [['--symbols', 'BTC/USDT'], /--symbols "BTC\/USDT"/],
    [['--parallel', '99'], /--parallel 99/],
    [['--base-url', 'ftp://x'], /is no URL/],
  ])('refuses %j with code 2', async (extra, message) => {
    const { code, stderr } = await finish(start(...extra));
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(archive.requests).toEqual([]);
  });
});

describe('progress', () => {
  it('tells rate and time left', () => {
    const progress = { monthsDone: 12, months: 36, bytes: 14_200_000, current: 'BTCUSDT 2025-03' };
    expect(describeProgress(progress, 4_000)).toBe(
      '12 of 36 months, 14.2 MB, 3.5 MB/s, about 8 s left: BTCUSDT 2025-03',
    );
    expect(describeProgress({ ...progress, monthsDone: 1 }, 60_000)).toContain('about 35 min left');
    expect(describeProgress({ ...progress, monthsDone: 0 }, 10)).not.toContain('left');
  });
});
