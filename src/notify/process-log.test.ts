import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Environment } from '../config.ts';
import type { Effect } from '../engine/effect.ts';
import { testSession } from '../engine/testing/engine-fixture.ts';
import { DecisionLog } from './decision-log.ts';
import { LineLimiter } from './line-limiter.ts';
import { openProcessLog, redactedLogger } from './process-log.ts';
import { Redactor, secretsOf } from './redactor.ts';

const ENVIRONMENT: Partial<Environment> = {
  binanceKey: 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
  binanceSecret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
  telegramToken: '123456789:AAF-abcdefghijklmnopqrstuvwxyz01234',
  alertSecret: 'alert secret with "quotes" and \\ strokes',
  webhookSecret: 'hook-secret/with?odd=signs&more',
  metricsToken: 'a metrics token of some length',
  redisUrl: 'redis://user:p%40ss%2Fword%22x@127.0.0.1:6379/0',
  webhookUrl: 'https://hooks.example.org/services/T000/B000/XXXXXXXXXXXX',
  heartbeatUrl: 'https://hc.example.org/ping/0c3a2f6e-0f5b-4c8a-9d55-7a7a7a7a7a7a',
  alertUrl: 'https://example.org/alert?token=abcdef0123456789',
};
/** Every text that must never be seen. */
const SECRETS = [
  ENVIRONMENT.binanceKey,
  ENVIRONMENT.binanceSecret,
  ENVIRONMENT.telegramToken,
  ENVIRONMENT.alertSecret,
  ENVIRONMENT.webhookSecret,
  ENVIRONMENT.metricsToken,
  'p%40ss%2Fword%22x',
  'p@ss/word"x',
  '/services/T000/B000/XXXXXXXXXXXX',
  '0c3a2f6e-0f5b-4c8a-9d55-7a7a7a7a7a7a',
  'abcdef0123456789',
] as string[];

function logger(level: 'debug' | 'info' = 'debug') {
  const lines: string[] = [];
  const redactor = new Redactor(secretsOf(ENVIRONMENT));
  const stream = { write: (line: string) => lines.push(line) };
  return { log: redactedLogger({ level, redactor, stream }), lines };
}

describe('redaction', () => {
  const error = (text: string) =>
    Object.assign(new Error(`outer ${text}`, { cause: new Error(`inner ${text}`) }), {
      config: {
        headers: { 'X-MBX-APIKEY': text },
        url: `https://x.example/?a=1&signature=${text}`,
      },
    });
  const places: Record<string, (secret: string) => [object, string]> = {
    'a field': (secret) => [{ value: secret }, 'x'],
    'the phrase': (secret) => [{}, `failed with ${secret}`],
    'a nested list': (secret) => [{ a: { b: [[secret]] } }, 'x'],
    'a key': (secret) => [{ [secret]: 1 }, 'x'],
    'an error with cause, stack and fields': (secret) => [{ err: error(secret) }, 'x'],
    'JSON inside a string': (secret) => [{ body: JSON.stringify({ q: secret }) }, 'x'],
    'an address': (secret) => [{ url: `https://e.example/${encodeURIComponent(secret)}/x` }, 'x'],
    'basic authorization': (secret) => [
      { h: `Basic ${Buffer.from(secret).toString('base64')}` },
      'x',
    ],
  };

  test.each(Object.entries(places))('of every secret in %s', (_, place) => {
    const { log, lines } = logger();
    for (const secret of SECRETS) log.error(...place(secret));
    expect(lines).toHaveLength(SECRETS.length);
    for (const line of lines) {
      expect(() => JSON.parse(line)).not.toThrow();
      expect(line).toContain('[redacted]');
      for (const secret of SECRETS) {
        const json = JSON.stringify(secret).slice(1, -1);
        const forms = [secret, json, encodeURIComponent(secret)];
        forms.push(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
        for (const form of forms) expect(line.includes(form)).toBe(false);
      }
    }
  });

  test('of secrets of any shape in any place', () => {
    const letters = [...'ABCXYZabcxyz0123456789+/=_-.:@%&$^*()[]{}|?'];
    const secretText = fc
      .array(fc.constantFrom(...letters), { minLength: 12, maxLength: 64 })
      .map((chars) => chars.join(''));
    const around = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(secretText, around, fc.jsonValue(), (secret, beside, value) => {
        const lines: string[] = [];
        const stream = { write: (line: string) => lines.push(line) };
        const log = redactedLogger({ level: 'info', redactor: new Redactor([secret]), stream });
        const err = new Error(`${beside}${secret}${beside}`);
        log.info(
          { value, deep: [{ secret }], err, url: `https://x/?q=${encodeURI(secret)}` },
          secret,
        );
        const [line] = lines;
        expect(() => JSON.parse(line)).not.toThrow();
        for (const form of [secret, encodeURI(secret), encodeURIComponent(secret)]) {
          expect(line.includes(form)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of what looks like a secret and is none of ours', () => {
    const clean = (text: string) => new Redactor([]).clean(text);
    expect(
      clean('POST https://api.telegram.org/bot987654321:BBF-abcdefghijklmnopqrstuvwxyz01/x'),
    ).toBe('POST https://api.telegram.org/bot[redacted]/x');
    expect(clean('/fapi/v1/order?symbol=BTCUSDT&signature=deadbeef&recvWindow=5')).toBe(
      '/fapi/v1/order?symbol=BTCUSDT&signature=[redacted]&recvWindow=5',
    );
    expect(clean('redis://me:hunter2@localhost:6379')).toBe('redis://me:[redacted]@localhost:6379');
    expect(clean('{"listenKey":"pqia91ma19a5s61c"}')).toBe('{"listenKey":"[redacted]"}');
    expect(clean('authorization: Bearer abcdefghijkl')).toBe('authorization: Bearer [redacted]');
  });

  test('leaves what is no secret', () => {
    const text =
      'order qcm-abc-1-0e: 0.012 BTCUSDT at 99000.5, 2026-01-02T03:04:05.000Z, key levels';
    expect(new Redactor(secretsOf(ENVIRONMENT)).clean(text)).toBe(text);
  });
});

describe('the file of the log', () => {
  const open = (path: string, bytesMax: number) =>
    openProcessLog({ level: 'info', redactor: new Redactor(['secret-text']), path, bytesMax });
  const flushed = (log: ReturnType<typeof open>) =>
    new Promise<void>((resolve) => log.flush(resolve));

  test('only its owner can read it, and it is put aside before it grows too big', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'qcm-log-')), 'deep', 'qcm.log');
    const log = open(path, 2_000);
    for (let i = 0; i < 200; i++) {
      log.logger.info({ i }, 'a line with secret-text');
      if (i % 10 === 0) await flushed(log);
    }
    await flushed(log);
    // Files that were put aside are finished beside the writing.
    await sleep(100);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const files = readdirSync(dirname(path)).sort();
    expect(files).toEqual(['qcm.log', 'qcm.log.1', 'qcm.log.2', 'qcm.log.3']);
    const texts = files.map((name) => readFileSync(join(dirname(path), name), 'utf8'));
    for (const text of texts) expect(text.length).toBeLessThan(6_000);
    expect(texts.join('')).not.toContain('secret-text');
    const last = texts.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line).i);
    // The newest are all there, each once.
    expect(last.sort((a, b) => a - b).slice(-20)).toEqual(
      Array.from({ length: 20 }, (_, i) => 180 + i),
    );
    expect(log.dropped()).toBe(0);
  });

  test('a disk that refuses costs lines and is counted', async () => {
    // Every write to it fails with ENOSPC.
    if (!existsSync('/dev/full')) return console.warn('SKIPPED: no /dev/full on this system');
    const log = openProcessLog({ level: 'info', redactor: new Redactor([]), path: '/dev/full' });
    for (let i = 0; i < 5_000; i++) log.logger.info({ i, filler: 'x'.repeat(1_000) }, 'line');
    await sleep(300);
    expect(log.dropped()).toBeGreaterThan(0);
  });
});

describe('the line limiter', () => {
  test('lets a burst pass, then one per share of the minute, and tells what it held', () => {
    const limiter = new LineLimiter({ perMinute: 2 });
    expect([0, 0, 0, 0].map((ms) => limiter.take('a', ms))).toEqual([0, 0, undefined, undefined]);
    expect(limiter.take('b', 0)).toBe(0);
    expect(limiter.take('a', 30_000)).toBe(2);
    expect(limiter.take('a', 30_000)).toBe(undefined);
    expect(limiter.heldCount).toBe(3);
  });

  test('remembers a bounded number of kinds', () => {
    const limiter = new LineLimiter({ perMinute: 1 });
    limiter.take('first', 0);
    for (let i = 0; i < 1_000; i++) limiter.take(`kind ${i}`, 0);
    expect(limiter.take('first', 0)).toBe(0);
  });
});

describe('the story of a session', () => {
  const decision = (what: string, reasons: string[]): Effect => ({
    kind: 'decision.record',
    strategyId: 'btcalpha',
    tradeId: '',
    symbol: 'BTCUSDT',
    decision: what,
    reasons,
  });

  test('has one line a decision, with reasons and the rule that refused', () => {
    const { log, lines } = logger();
    const story = new DecisionLog({ logger: log });
    story.onEffect(decision('enter', ['CVD_UP', 'riskBudget: halved']), 1_000);
    story.onEffect(
      decision('declined SEQ', ['dayBudget: shrunk', 'latencyGuard: p95 900 ms']),
      2_000,
    );
    story.onEffect(decision('declined SEQ', ['halted: operator']), 3_000);
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed[0]).toMatchObject({
      level: 'info',
      at: '1970-01-01T00:00:01.000Z',
      decision: 'enter',
      reasons: ['CVD_UP', 'riskBudget: halved'],
      msg: 'decision: BTCUSDT enter',
    });
    expect(parsed[0].rule).toBe(undefined);
    expect(parsed[1]).toMatchObject({ rule: 'latencyGuard' });
    expect(parsed[1].msg).toBe('decision: BTCUSDT declined SEQ by latencyGuard');
    expect(parsed[2]).toMatchObject({ rule: 'halted' });
  });

  test('an order has its price and quantity beside ticks and lots', () => {
    const { log, lines } = logger();
    const story = new DecisionLog({ logger: log });
    const request = {
      ...{ orderId: 'qcm-a-1-0s', tradeId: 'a-1', role: 'stop', symbol: 'BTCUSDT', side: 'sell' },
      ...{ type: 'stopMarket', timeInForce: 'GTC', lots: 12, priceTicks: 0, triggerTicks: 990_005 },
      instrumentVersion: 1,
    };
    const effect = { kind: 'order.submit', request } as unknown as Effect;
    story.onEffect(effect, 1);
    story.onHandled({ seq: 1, atMs: 1, source: 'session', event: testSession() });
    story.onEffect(effect, 1);
    const [unknown, , known] = lines.map((line) => JSON.parse(line));
    expect(unknown).toMatchObject({ msg: 'order planned: stop', lots: 12, triggerTicks: 990_005 });
    expect(unknown.trigger).toBe(undefined);
    expect(known).toMatchObject({ trigger: 99_000.5, quantity: 0.012, order: 'qcm-a-1-0s' });
    expect(known.price).toBe(undefined);
  });

  test('levels follow severity, and market data is silent', () => {
    const { log, lines } = logger();
    const story = new DecisionLog({ logger: log });
    const handled = (event: object) =>
      story.onHandled({ seq: 7, atMs: 1, source: 'venue', event: event as never });
    handled({ kind: 'flow.sampled', symbol: 'BTCUSDT' });
    handled({
      kind: 'order.rejected',
      orderId: 'a',
      code: -1,
      reason: 'the journal is not durable',
    });
    handled({ kind: 'stop.rejected', orderId: 'a', reason: 'margin' });
    handled({ kind: 'order.accepted', orderId: 'a', venueId: '1' });
    const notice = {
      kind: 'operator.notify',
      level: 'alarm',
      code: 'POISONED',
      text: 'off',
    } as const;
    story.onNotify(notice, 1);
    const levels = lines.map((line) => JSON.parse(line)).map(({ level, msg }) => [level, msg]);
    expect(levels).toEqual([
      ['warn', 'order withheld'],
      ['error', 'stop refused'],
      ['debug', 'order accepted'],
      ['error', 'off'],
    ]);
  });

  test('a fault that repeats is held back and counted', () => {
    const { log, lines } = logger();
    let nowMs = 0;
    const story = new DecisionLog({ logger: log, perMinute: 3, nowMs: () => nowMs });
    const gap = { kind: 'feed.gapped', symbol: 'BTCUSDT', reason: 'socket' } as const;
    const handle = () => story.onHandled({ seq: 1, atMs: nowMs, source: 'feed', event: gap });
    for (let i = 0; i < 50; i++) handle();
    expect(lines).toHaveLength(3);
    nowMs = 60_000;
    handle();
    expect(JSON.parse(lines[3])).toMatchObject({ held: 47 });
  });
});
