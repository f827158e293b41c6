import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { PAPER_CONFIG, type PaperFixture, paperFixture } from '../metrics/testing/paper-fixture.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { lastTrades } from './closed-trades.ts';
import { redactedLogger } from './process-log.ts';
import { Redactor } from './redactor.ts';
import { type Notifying, startNotifying } from './start-notifying.ts';
import { FakeTelegram } from './testing/fake-telegram.ts';

const TOKEN = 'a metrics token of the tests';
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !isDone(); i++) await sleep(5);
  expect(isDone()).toBe(true);
}

/** A paper session of some days with everything that tells about it. */
async function daemon(environment: Record<string, string>, days = 3) {
  const lines: string[] = [];
  const redactor = new Redactor([]);
  const stream = { write: (line: string) => lines.push(line) };
  const logger = redactedLogger({ level: 'info', redactor, stream });
  const folder = stateFolder();
  let paper: PaperFixture | undefined;
  const actions = {
    status: () => ({ mode: 'paper' }),
    pause: () => {},
    resume: () => {},
    flattenAsk: () => ({ code: '', text: '' }),
    flattenConfirm: async () => '',
  };
  const notifying: Notifying = await startNotifying({
    environment,
    session: () => paper?.session,
    actions: () => actions,
    kept: {
      config: PAPER_CONFIG,
      legSymbols: ['ETHUSDT', 'SOLUSDT'],
      signalTimeframeMs: 180_000,
      finestTimeframeMs: 180_000,
      events: [],
      equityStopOnBreach: 'observe',
    },
    folder,
    label: 'paper BTCUSDT',
    codeVersion: '1.2.3',
    nowMs: () => paper?.nowMs() ?? 0,
    log: { logger, dropped: () => 0, flush: (done) => done() },
  });
  paper = paperFixture({ observers: notifying.observers, days, folder });
  notifying.start();
  closers.push(() => notifying.stop());
  return { notifying, paper, lines };
}

async function digestWithout(days: number): Promise<string> {
  const paper = paperFixture({ observers: [], days });
  paper.play();
  await paper.stop();
  return paper.session.core.engine.effectDigest();
}

test('log, Telegram, metrics and health tell the same story as the store', async () => {
  const fake = new FakeTelegram();
  const telegramApi = await fake.listen();
  closers.push(() => fake.close());
  const { notifying, paper, lines } = await daemon({
    telegramToken: fake.token,
    telegramChat: '42',
    telegramUsers: '42',
    telegramApi,
    notifyLevel: 'info',
    metricsPort: '0',
    metricsToken: TOKEN,
  });
  paper.play();
  await until(() => fake.sent.length > 0 && notifying.metricsPort() !== undefined);
  expect(fake.sent[0].text).toContain('paper BTCUSDT: session paper001 started, mode paper');
  const port = notifying.metricsPort();
  const metrics = await fetch(
    `http://127.0.0.1:${port}/metrics?token=${encodeURIComponent(TOKEN)}`,
  );
  const text = await metrics.text();
  const closed = Number(/^qcm_decisions_total\{decision="closed"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  expect(text).toMatch(/^qcm_outlet_waiting\{outlet="telegram"\} \d+$/m);
  expect(text).toMatch(/^qcm_journal_bytes [1-9]\d+$/m);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  await paper.stop();
  const trades = lastTrades(paper.folder);
  expect(trades.length).toBeGreaterThan(0);
  expect(closed).toBe(trades.length);
  const logged = lines.map((line) => JSON.parse(line)).filter((line) => line.decision === 'closed');
  expect(logged.map((line) => line.trade)).toEqual(trades.map(({ tradeId }) => tradeId));
  expect(notifying.trouble()).toBe('the session has stopped');
  await notifying.stop();
  const told = fake.sent.map((each) => each.text).join('\n');
  for (const { tradeId } of trades) expect(told).toContain(`closed (${tradeId})`);
  expect(told).toMatch(/paper BTCUSDT: \d{4}-\d\d-\d\d UTC\nlong: /);
  expect(told).toContain('paper BTCUSDT: session stopped');
});

test('a session watched by dead and hanging receivers decides exactly as one that nobody watches', async () => {
  const fake = new FakeTelegram();
  const telegramApi = await fake.listen();
  closers.push(() => fake.close());
  fake.faults.sendMessage = Array.from({ length: 50 }, () => 'hang' as const);
  const { notifying, paper } = await daemon(
    {
      telegramToken: fake.token,
      telegramChat: '42',
      telegramApi,
      webhookUrl: 'http://127.0.0.1:1/nobody-listens-here',
      heartbeatUrl: 'http://127.0.0.1:1/nobody-listens-here',
      notifyLevel: 'info',
      metricsPort: '0',
      metricsToken: TOKEN,
    },
    2,
  );
  paper.play(200);
  await sleep(20);
  paper.play();
  await paper.stop();
  expect(paper.session.observers.failures).toBe(0);
  expect(paper.session.core.engine.effectDigest()).toBe(await digestWithout(2));
  const start = Date.now();
  await notifying.stop();
  expect(Date.now() - start).toBeLessThan(15_000);
});
