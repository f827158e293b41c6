import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedisServer, RedisServer } from './testing/redis-server.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'qcm-distributed-'));
const isHere = hasRedisServer();
if (!isHere) console.warn('SKIPPED: distributed search, because there is no redis-server');

const redis = new RedisServer();
const children = new Set<ChildProcess>();

interface Ended {
  code: number | null;
  out: string;
}

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...args], { stdio: 'pipe' });
  children.add(child);
  let out = '';
  child.stdout?.on('data', (text) => (out += text));
  child.stderr?.on('data', (text) => (out += text));
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => {
      children.delete(child);
      resolve({ code, out });
    }),
  );
  return { child, ended };
}

function startWorker(): ReturnType<typeof start> {
  const cache = join(FOLDER, 'cache');
  return start(['worker', '--redis', redis.url, '--workers', '1', '--cache', cache]);
}

function searchArgs(name: string, more: readonly string[]): string[] {
  return [
    ...['optimise', '--seed', '7', '--trials', '40', '--batch', '8', '--min-trades', '5'],
    ...['--workers', '2'],
    ...['--set', 'simulation.days=10', 'signal.strengthMin=5', 'signal.sequenceWindowBars=60'],
    ...['--ledger', join(FOLDER, 'ledger.jsonl'), '--out', join(FOLDER, name)],
    ...['--json', join(FOLDER, `${name}.json`), ...more],
  ];
}

const distributed = (...more: string[]) => ['--distributed', '--redis', redis.url, ...more];

function linesOf(name: string): string[] {
  const path = join(FOLDER, name, 'trials.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

async function untilTrials(name: string, count: number): Promise<void> {
  for (let i = 0; i < 2_400 && linesOf(name).length <= count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const jsonOf = (name: string) => readFileSync(join(FOLDER, `${name}.json`), 'utf8');

describe.skipIf(!isHere)('a search over Redis', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    await redis.start();
    const { code, out } = await start(searchArgs('local', [])).ended;
    expect(out).toContain('40 of 40 trials');
    expect(code).toBe(0);
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await redis.kill();
  });

  it('comes to the local result though a worker and Redis are killed, nothing lost or doubled', async () => {
    const workers = [startWorker(), startWorker(), startWorker()];
    const search = start(searchArgs('remote', distributed()));
    await untilTrials('remote', 6);
    workers[0].child.kill('SIGKILL');
    await untilTrials('remote', 14);
    await redis.kill();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await redis.start();
    const { code, out } = await search.ended;
    expect(out).toContain('40 of 40 trials');
    expect(code).toBe(0);
    expect(jsonOf('remote')).toBe(jsonOf('local'));
    const numbers = linesOf('remote')
      .slice(1)
      .map((line) => (JSON.parse(line) as { number: number }).number);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    // Shipped and fetched once, kept by its hash.
    expect(readdirSync(join(FOLDER, 'cache')).filter((n) => n.endsWith('.qcmdata'))).toHaveLength(
      1,
    );
    for (const { child } of workers.slice(1)) child.kill('SIGTERM');
    for (const { ended } of workers.slice(1)) expect((await ended).code).toBe(0);
  });

  it('gives up when Redis stays away, keeps what it has, and goes on later, even without Redis', async () => {
    // Another seed: Redis still has the results of the search before.
    const other = ['--seed', '8', '--trials', '24'];
    expect((await start(searchArgs('other', other)).ended).code).toBe(0);
    const worker = startWorker();
    const search = start(searchArgs('gone', [...other, ...distributed('--patience', '2')]));
    await untilTrials('gone', 4);
    await redis.kill();
    const { code, out } = await search.ended;
    expect(out).toContain('RESEARCH_REDIS');
    expect(out).toContain('run the same command again');
    expect(code).toBe(1);
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    expect(linesOf('gone').length).toBeGreaterThan(4);
    expect(existsSync(join(FOLDER, 'gone.json'))).toBe(false);
    expect((await start(searchArgs('gone', other)).ended).code).toBe(0);
    expect(jsonOf('gone')).toBe(jsonOf('other'));
  });

  it('says at once when there is no Redis, and does not repeat its password', async () => {
    const url = 'redis://user:secret@127.0.0.1:1';
    const search = start(searchArgs('none', ['--distributed', '--redis', url]));
    const { code, out } = await search.ended;
    expect(out).toContain('error RESEARCH_REDIS: Redis at 127.0.0.1:1 does not answer');
    expect(out).not.toContain('secret');
    expect(code).toBe(1);
    const worker = await start(['worker', '--redis', 'http://x']).ended;
    expect(worker.out).toContain('is not redis: or rediss:');
    expect(worker.code).toBe(2);
  });
});
