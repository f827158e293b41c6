import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import type { Envelope } from '../engine/event.ts';
import { paperFixture } from '../metrics/testing/paper-fixture.ts';
import { keysOf } from './keys.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { freePort, hasRedis, RedisProcess } from './testing/redis-process.ts';
import { WatchReader } from './watch-reader.ts';
import { watchText } from './watch-text.ts';

const MAIN = join(import.meta.dirname, '..', 'cli', 'main.ts');
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const suite = hasRedis() ? describe : describe.skip;
if (!hasRedis())
  console.warn('SKIPPED: redis-server is not installed; nothing of Redis was tested');

async function redisServer(): Promise<RedisProcess> {
  const redis = new RedisProcess(await freePort());
  closers.push(() => redis.kill());
  await redis.start();
  return redis;
}

function publisherFor(url: string, more: Partial<PublisherOptions> = {}): Publisher {
  const options = { prefix: 'test', label: 'paper', trouble: () => undefined, flushMs: 10 };
  const session = () => undefined;
  const common = { logger: silent, redact: (text: string) => text };
  const publisher = new Publisher({ url, session, ...options, ...common, ...more });
  closers.push(() => publisher.stop());
  return publisher;
}

function readerOf(url: string): WatchReader {
  const reader = new WatchReader({ url, prefix: 'test', onTrouble: () => {} });
  closers.push(() => reader.close());
  return reader;
}

async function until(isDone: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const endMs = Date.now() + ms;
  while (Date.now() < endMs) {
    if (await isDone()) return;
    await sleep(10);
  }
  expect('in time').toBe('too late');
}

const flow = (atMs: number, buyVolume: number): Envelope => ({
  seq: 1,
  atMs,
  source: 'feed',
  event: { kind: 'flow.sampled', symbol: 'BTCUSDT', buyVolume, sellVolume: 1, lastPrice: 100 },
});
const notice = (text: string) =>
  ({ kind: 'operator.notify', level: 'alarm', code: 'C', text }) as const;

suite('with a real Redis', () => {
  test('a paper session is published and read back, also by qcm watch', async () => {
    const redis = await redisServer();
    let paper: ReturnType<typeof paperFixture> | undefined;
    const publisher = publisherFor(redis.url, { session: () => paper?.session });
    publisher.start();
    paper = paperFixture({ observers: [publisher], days: 4 });
    paper.play();
    await until(() => publisher.published > 0 && publisher.waiting === 0);
    const reader = readerOf(redis.url);
    await until(async () => (await reader.read())?.status != null);
    await until(async () => (await reader.read())?.symbols[0]?.cvd != null);
    const picture = await reader.read();
    const { engine } = paper.session.core;
    expect(picture?.status).toMatchObject({
      label: 'paper',
      mode: 'paper',
      symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
      equity: engine.equity(),
      trouble: null,
    });
    const [btc] = picture?.symbols ?? [];
    expect(btc.price?.last).toBe(engine.inspect().kernel.market.of('BTCUSDT').last);
    expect(btc.cvd).toMatchObject({ source: 'bars' });
    expect(picture?.beta?.legs.map(({ symbol }) => symbol)).toEqual(['ETHUSDT', 'SOLUSDT']);
    expect(picture?.alerts.length).toBeGreaterThan(0);
    const text = watchText(picture, 'test');
    expect(text).toContain('paper (paper)');
    expect(text).toMatch(/^BTCUSDT +\d/m);
    const env = { ...process.env, REDIS_URL: redis.url, QCM_REDIS_PREFIX: 'test' };
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [MAIN, 'watch', ...args], { env, encoding: 'utf8' });
    const json = run('--once', '--json');
    expect(json.stderr).toBe('');
    expect(JSON.parse(json.stdout).status.equity).toBe(engine.equity());
    expect(run('--once').stdout).toContain('BTCUSDT');
    expect(run('--once', '--prefix', 'other').stdout).toContain('nothing is published under other');
    await paper.stop();
  });

  test('killed and started again: prices go on, no notice is lost', async () => {
    const redis = await redisServer();
    const publisher = publisherFor(redis.url);
    publisher.start();
    publisher.onNotify(notice('before'), 1);
    publisher.onHandled(flow(1_000, 3));
    await until(() => publisher.published >= 2);
    await redis.kill();
    for (let i = 0; i < 20; i++) publisher.onNotify(notice(`meanwhile ${i}`), 2 + i);
    publisher.onHandled(flow(2_000, 5));
    await sleep(150);
    expect(publisher.waiting).toBe(20);
    await redis.start();
    await until(() => publisher.waiting === 0);
    const reader = readerOf(redis.url);
    let picture: Awaited<ReturnType<WatchReader['read']>>;
    await until(async () => {
      picture = await reader.read();
      return picture !== undefined;
    });
    // The server kept nothing over its death: what is there was sent after it.
    expect(picture?.notices.map(({ text }) => text)).toEqual(
      [15, 16, 17, 18, 19].map((i) => `meanwhile ${i}`),
    );
    expect(publisher.dropped).toBe(0);
    const client = new Redis(redis.url);
    const cvd = JSON.parse((await client.get(keysOf('test').cvd('BTCUSDT'))) ?? '{}');
    const life = await client.pttl(keysOf('test').cvd('BTCUSDT'));
    client.disconnect();
    expect(cvd).toEqual({ atMs: 2_000, day: '1970-01-01', value: 6, source: 'flow' });
    expect(life).toBeGreaterThan(0);
  });

  test('stopped in its tracks it costs bounded memory and no time; awake it hears the newest', async () => {
    const redis = await redisServer();
    const publisher = publisherFor(redis.url);
    publisher.start();
    publisher.onHandled(flow(1_000, 2));
    await until(() => publisher.published > 0);
    redis.signal('SIGSTOP');
    let slowest = 0;
    for (let i = 0; i < 200; i++) {
      const start = performance.now();
      for (let k = 0; k < 100; k++) {
        publisher.onHandled(flow(2_000 + i, 2));
        publisher.onNotify(notice(`flood ${i} ${k}`), i);
      }
      slowest = Math.max(slowest, (performance.now() - start) / 100);
      await sleep(10);
    }
    // A socket that is full or dead would have blocked or grown.
    expect(slowest).toBeLessThan(5);
    expect(publisher.waiting).toBe(500);
    expect(publisher.dropped).toBe(20_000 - 500);
    expect(publisher.link.failed).toBeGreaterThan(0);
    redis.signal('SIGCONT');
    await until(() => publisher.waiting === 0);
    const reader = readerOf(redis.url);
    let texts: unknown[] = [];
    await until(async () => {
      texts = (await reader.read())?.notices.map(({ text }) => text) ?? [];
      return texts.length > 0;
    });
    expect(texts.at(-1)).toBe('flood 199 99');
  });

  test('a session decides the same with a hanging Redis as without one', async () => {
    const redis = await redisServer();
    const quiet = paperFixture({ observers: [], days: 2 });
    quiet.play();
    await quiet.stop();
    let paper: ReturnType<typeof paperFixture> | undefined;
    const publisher = publisherFor(redis.url, { session: () => paper?.session });
    publisher.start();
    await until(() => publisher.link.isFree);
    redis.signal('SIGSTOP');
    paper = paperFixture({ observers: [publisher], days: 2 });
    paper.play(1_000);
    await sleep(1_300);
    paper.play();
    await paper.stop();
    redis.signal('SIGCONT');
    const digest = (fixture: typeof quiet) => fixture.session.core.engine.effectDigest();
    expect(digest(paper)).toBe(digest(quiet));
    expect(paper.session.observers.failures).toBe(0);
  });
});
