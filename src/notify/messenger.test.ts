import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { DAY0, trade } from '../../backtests/metrics/testing/trade-fixture.ts';
import type { AlertRaise } from '../engine/effect.ts';
import type { EngineEvent } from '../engine/event.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { DAY_MS } from '../engine/units.ts';
import { dailySummary, sideFlags } from './daily-summary.ts';
import type { LineLogger } from './decision-log.ts';
import { Heartbeat } from './heartbeat.ts';
import { Messenger } from './messenger.ts';
import type { NoticeLevel, OutMessage } from './outbox.ts';
import { Redactor } from './redactor.ts';
import { SIGNATURE_HEADER, signature, TIMESTAMP_HEADER } from './sinks/http.ts';
import { Webhook } from './webhook.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    });
  });
}

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !isDone(); i++) await sleep(5);
  expect(isDone()).toBe(true);
}

const silent: LineLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** 500 shorts: wins of 1, losses of 1, so that the profit factor is wins / losses. */
function shorts(count: number, wins: number): TradeRecord[] {
  return Array.from({ length: count }, (_, i) =>
    trade({ direction: -1, tradeR: i < wins ? 1 : -1, closedMs: DAY0 - DAY_MS }),
  );
}

describe('the 500-trade flag', () => {
  test('needs 500 trades of the side and a profit factor under 1.2', () => {
    const flagged = (count: number, wins: number) =>
      sideFlags(shorts(count, wins)).map(({ isFlagged }) => isFlagged);
    expect(flagged(499, 100)).toEqual([false, false]);
    // 272 / 228 = 1.193, 273 / 227 = 1.203.
    expect(flagged(500, 272)).toEqual([false, true]);
    expect(flagged(500, 273)).toEqual([false, false]);
    expect(flagged(500, 500)).toEqual([false, false]);
  });

  test('looks at the last 500 only, and never at trades that were not filled', () => {
    const old = shorts(400, 400);
    const unfilled = trade({ direction: -1, quantity: 0, tradeR: -1 });
    const [, side] = sideFlags([...old, ...shorts(500, 250), unfilled]);
    expect(side).toEqual({ side: 'short', trades: 500, profitFactor: 1, isFlagged: true });
  });
});

test('the summary has both sides of its day, equity, and the flags', () => {
  const trades = [
    ...shorts(500, 250),
    trade({ tradeR: 2 }),
    trade({ tradeR: -1 }),
    trade({ tradeR: 5, closedMs: DAY0 + DAY_MS }),
  ];
  const facts = { dayStartMs: DAY0, equity: 10_010, label: 'paper' };
  expect(dailySummary(trades, facts).split('\n')).toEqual([
    'paper: 2025-01-06 UTC',
    'long: 2 trades, won 50 %, PF 2.00, mean +0.50 R, net +10.00',
    'short: no trade',
    'net +10.00, equity 10010.00',
    'long, last 3 trades: PF 7.00 (no flag before 500)',
    'FLAG short, last 500 trades: PF 1.00, under 1.2',
  ]);
});

function messenger(level: NoticeLevel, trades: () => readonly TradeRecord[] = () => []) {
  const told: OutMessage[] = [];
  const failures: string[] = [];
  const messenger = new Messenger({
    channels: [{ name: 'test', offer: (message) => told.push(message) }],
    level,
    label: 'paper',
    trades,
    equity: () => 10_000,
    onFailure: (why) => failures.push(why),
  });
  const handled = (atMs: number, event: object = { kind: 'mark.changed' }) =>
    messenger.onHandled({ seq: 1, atMs, source: 'feed', event: event as EngineEvent });
  return { messenger, told, failures, handled };
}

describe('the messenger', () => {
  const notify = (level: NoticeLevel) =>
    ({ kind: 'operator.notify', level, code: 'C', text: level }) as const;
  const decision = (what: string) => ({
    kind: 'decision.record' as const,
    strategyId: 's',
    tradeId: 't1',
    symbol: 'BTCUSDT',
    decision: what,
    reasons: ['why', 'because'],
  });

  const prices = { quantity: 1, stopPrice: 99, firstTargetPrice: 101, price: 100 };
  const alert: AlertRaise = {
    kind: 'alert.raise',
    strategyId: 's',
    symbol: 'BTCUSDT',
    side: 'BUY',
    ...prices,
    tags: ['CVD_UP'],
    reasons: [],
  };

  test('tells notices from its level on, and trades at level info only', () => {
    for (const [level, expected] of [
      [
        'info',
        [
          'info',
          'warning',
          'alarm',
          'BTCUSDT closed (t1): why; because',
          'BUY BTCUSDT at 100, stop 99: CVD_UP',
        ],
      ],
      ['warning', ['warning', 'alarm']],
      ['alarm', ['alarm']],
    ] as const) {
      const { messenger: each, told } = messenger(level);
      for (const name of ['info', 'warning', 'alarm'] as const) each.onNotify(notify(name), 1);
      each.onEffect(decision('closed'), 1);
      each.onEffect(decision('declined SEQ'), 1);
      each.onAlert(alert, 1);
      expect(told.map(({ text }) => text)).toEqual(expected);
    }
  });

  test('sends one summary a day, a little after midnight, for the day that ended', () => {
    const { told, handled } = messenger('alarm', () => [trade({ tradeR: 1 })]);
    handled(DAY0 + DAY_MS - 1_000);
    handled(DAY0 + DAY_MS + 4_999);
    expect(told).toHaveLength(0);
    handled(DAY0 + DAY_MS + 5_000);
    handled(DAY0 + DAY_MS + 9_000);
    expect(told).toHaveLength(1);
    expect(told[0].text).toContain('paper: 2025-01-06 UTC\nlong: 1 trade, won 100 %');
  });

  test('a summary that cannot be made is a failure, not an exception', () => {
    const { told, failures, handled } = messenger('alarm', () => {
      throw new Error('database is locked');
    });
    handled(DAY0);
    handled(DAY0 + 2 * DAY_MS);
    expect([told.length, failures]).toEqual([0, ['database is locked']]);
  });
});

test('a webhook gets signed JSON without secrets, again after 503, not after 404', async () => {
  const got: { body: string; headers: Record<string, unknown> }[] = [];
  const answers = [503, 200, 404, 200];
  const url = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  const secret = 'a secret of the tests only';
  const hook = new Webhook({
    url,
    secret,
    logger: silent,
    redactor: new Redactor([secret, 'key-material']),
    outbox: { gapMs: 1, backoffMs: 1 },
  });
  const offer = (text: string) =>
    hook.offer({ level: 'alarm', code: 'POISONED', text, atMs: Date.now() });
  offer('a key-material b');
  await until(() => hook.outbox.counts.sent === 1);
  offer('refused');
  offer('last');
  await until(() => hook.outbox.counts.sent === 2);
  expect(got).toHaveLength(4);
  const first = JSON.parse(got[0].body);
  expect(first).toMatchObject({
    text: 'a [redacted] b',
    level: 'alarm',
    code: 'POISONED',
    lost: 0,
  });
  expect(JSON.parse(got[3].body)).toMatchObject({ text: 'last', lost: 1 });
  const timestamp = String(got[0].headers[TIMESTAMP_HEADER]);
  const expected = signature({ secret, timestamp, body: got[0].body });
  expect(got[0].headers[SIGNATURE_HEADER]).toBe(expected);
});

test('the heart beats while all is well, and stays still when it is not', async () => {
  let beats = 0;
  let status = 200;
  const url = await serve((_, response) => {
    beats++;
    response.writeHead(status).end();
  });
  let trouble: string | undefined;
  const warned: string[] = [];
  const warn = (fields: object, phrase: string) =>
    void warned.push(`${phrase}: ${(fields as { why: string }).why}`);
  const heart = new Heartbeat({ url, trouble: () => trouble, logger: { ...silent, warn } });
  await heart.beat();
  trouble = 'no market data for 90 s';
  await heart.beat();
  trouble = undefined;
  status = 500;
  await heart.beat();
  expect([heart.sent, heart.withheld, heart.failed, beats]).toEqual([1, 1, 1, 2]);
  expect(warned).toEqual([
    'heartbeat withheld: no market data for 90 s',
    'heartbeat not delivered: answer 500',
  ]);
});
