import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { LineLogger } from './decision-log.ts';
import type { OperatorActions } from './operator-actions.ts';
import { Redactor } from './redactor.ts';
import { Telegram, type TelegramOptions } from './telegram.ts';
import { FakeTelegram, refusal } from './testing/fake-telegram.ts';

const CHAT = -100_200;
const USER = 42;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

class Actions implements OperatorActions {
  readonly calls: string[] = [];
  fail = false;
  release: (report: string) => void = () => {};
  status() {
    this.calls.push('status');
    if (this.fail) throw new Error('no session');
    return { mode: 'paper', equity: 10_000.5, open: [{ symbol: 'BTCUSDT' }], halts: [] };
  }
  pause(reason: string) {
    this.calls.push(`pause ${reason}`);
  }
  resume() {
    this.calls.push('resume');
  }
  flattenAsk() {
    this.calls.push('ask');
    return { code: 'K7', text: '1 position would be closed at market.' };
  }
  flattenConfirm(code: string) {
    this.calls.push(`confirm ${code}`);
    return new Promise<string>((resolve) => {
      this.release = resolve;
    });
  }
}

async function rig(more: Partial<TelegramOptions> = {}, isListening = true) {
  const fake = new FakeTelegram();
  const apiRoot = await fake.listen();
  const actions = new Actions();
  const lines: { level: string; phrase: string; fields: object }[] = [];
  const log = (level: string) => (fields: object, phrase: string) =>
    void lines.push({ level, phrase, fields });
  const logger: LineLogger = {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  };
  const telegram = new Telegram({
    token: fake.token,
    chats: [CHAT, USER],
    users: [USER],
    isReadOnly: false,
    apiRoot,
    // Telegram's stamps have whole seconds.
    startedMs: Date.now() - 2_000,
    actions: () => actions,
    logger,
    redactor: new Redactor([fake.token]),
    outbox: { gapMs: 5, backoffMs: 5 },
    restartMs: 20,
    ...more,
  });
  closers.push(
    () => fake.close(),
    () => telegram.stop(),
  );
  if (isListening) {
    telegram.start();
    await until(() => fake.calls.includes('getUpdates'));
  }
  const say = (text: string, from: Partial<{ user: number; chat: number; date: number }> = {}) =>
    fake.write(text, { user: USER, chat: CHAT, ...from });
  return { fake, telegram, actions, lines, say, texts: () => fake.sent.map(({ text }) => text) };
}

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !isDone(); i++) await sleep(5);
  expect(isDone()).toBe(true);
}

const notice = (text: string, level: 'info' | 'warning' | 'alarm' = 'warning') => ({
  level,
  code: 'CODE',
  text,
  atMs: Date.now(),
});

describe('commands', () => {
  test('a listed user in a listed chat is served', async () => {
    const { say, actions, fake, texts } = await rig();
    say('/status');
    await until(() => fake.sent.length === 1);
    expect(fake.sent[0]).toMatchObject({ chat_id: CHAT });
    expect(texts()[0]).toBe('mode: paper\nequity: 10000.5\nopen.0.symbol: BTCUSDT\nhalts: -');
    say('/pause news at ten');
    say('/resume@qcm_test_bot', { chat: USER });
    await until(() => fake.sent.length === 3);
    expect(actions.calls).toEqual(['status', 'pause telegram user 42: news at ten', 'resume']);
    expect(fake.sent[2].chat_id).toBe(USER);
  });

  test('flatten takes two steps, and nobody waits for its end', async () => {
    const { say, actions, fake, texts } = await rig();
    say('/flatten');
    await until(() => fake.sent.length === 1);
    expect(texts()[0]).toContain('To do it, send: /flatten K7');
    expect(actions.calls).toEqual(['ask']);
    say('/flatten K7');
    say('/status');
    await until(() => fake.sent.length === 2);
    expect(actions.calls).toEqual(['ask', 'confirm K7', 'status']);
    actions.release('Flat: 1 position closed.');
    await until(() => fake.sent.length === 3);
    expect(texts()[2]).toBe('Flat: 1 position closed.');
  });

  test('a stranger gets no answer, and the log one line', async () => {
    const { say, actions, fake, lines } = await rig();
    for (let i = 0; i < 5; i++) say('/flatten', { user: 666 });
    say('/status', { user: 666, chat: 666 });
    say('/status', { chat: 31_337 });
    say('/status');
    await until(() => fake.sent.length === 1);
    expect(actions.calls).toEqual(['status']);
    const warned = lines.filter(({ level }) => level === 'warn');
    // The listed user in an unlisted chat is one more.
    expect(warned.map(({ fields }) => fields)).toEqual([
      { user: 666, chat: CHAT },
      { user: USER, chat: 31_337 },
    ]);
    expect(warned[0].phrase).toBe('telegram: not on the list, no answer');
  });

  test('what was written before the start, or came late, is not carried out', async () => {
    const second = Math.floor(Date.now() / 1_000);
    const { say, actions, fake, lines, texts } = await rig({ startedMs: (second - 600) * 1_000 });
    say('/flatten', { date: second - 601 });
    say('/flatten', { date: second - 90 });
    say('/status');
    await until(() => fake.sent.length === 2);
    expect(actions.calls).toEqual(['status']);
    expect(texts().some((text) => /^Ignored: it came \d+ s late/.test(text))).toBe(true);
    const ignored = lines.filter(({ phrase }) => phrase === 'telegram command ignored');
    expect(ignored).toHaveLength(2);
  });

  test('a read-only bot answers status and refuses the rest', async () => {
    const { say, actions, fake, texts } = await rig({ isReadOnly: true });
    for (const text of ['/pause', '/resume', '/flatten', '/flatten K7', '/status']) say(text);
    await until(() => fake.sent.length === 5);
    expect(actions.calls).toEqual(['status']);
    expect(texts().filter((text) => text === 'Refused: this bot is read-only.')).toHaveLength(4);
  });

  test('without users nobody is listened to', async () => {
    const { telegram, fake } = await rig({ users: [] }, false);
    telegram.start();
    telegram.offer(notice('hello'));
    await until(() => fake.sent.length === 1);
    expect(fake.calls).toEqual(['sendMessage']);
  });

  test('an action that throws is answered; texts and unknown commands are not', async () => {
    const { say, actions, fake, texts } = await rig();
    actions.fail = true;
    say('hello');
    say('/unknown');
    say('/status');
    await until(() => fake.sent.length === 1);
    expect(texts()).toEqual(['/status failed: no session']);
  });

  test('before there is a session the answer says so', async () => {
    const { say, fake, texts } = await rig({ actions: () => undefined });
    say('/status');
    await until(() => fake.sent.length === 1);
    expect(texts()).toEqual(['The session is not ready yet.']);
  });
});

describe('messages', () => {
  test('wait for each other in one text and carry no secret', async () => {
    const { telegram, fake, texts } = await rig({ outbox: { gapMs: 60 } }, false);
    telegram.offer(notice('first'));
    await until(() => fake.sent.length === 1);
    telegram.offer(notice(`failed at https://x/bot${fake.token}/y`, 'alarm'));
    telegram.offer(notice('third', 'info'));
    await until(() => fake.sent.length === 2);
    expect(texts()).toEqual([
      'WARNING CODE: first',
      'ALARM CODE: failed at https://x/bot[redacted]/y\nCODE: third',
    ]);
  });

  test('survive 500, 429 and dropped connections; a refused chat costs one message', async () => {
    const { telegram, fake, lines, texts } = await rig({}, false);
    const busy = refusal(429, 'Too Many Requests', { retry_after: 0.05 });
    fake.faults.sendMessage = [refusal(500, 'Internal'), busy, 'drop'];
    telegram.offer(notice('a'));
    await until(() => fake.sent.length === 1);
    fake.faults.sendMessage = [refusal(400, 'Bad Request: chat not found')];
    telegram.offer(notice('b'));
    await until(() => telegram.outbox.counts.dropped === 1);
    telegram.offer(notice('c'));
    await until(() => fake.sent.length === 2);
    expect(texts()[1]).toBe('(1 messages before this one could not be sent)\nWARNING CODE: c');
    expect(JSON.stringify(lines)).not.toContain(fake.token);
    expect(lines.length).toBeGreaterThanOrEqual(3);
  });

  test('a long text is cut to what Telegram takes', async () => {
    const { telegram, fake, texts } = await rig({}, false);
    telegram.offer(notice('x'.repeat(10_000)));
    await until(() => fake.sent.length === 1);
    expect(texts()[0].length).toBe(4_000);
  });
});

describe('the poll', () => {
  test('goes on after a refused token and a conflict, and stops when told', async () => {
    const { fake, telegram, say, lines } = await rig({}, false);
    fake.faults.getMe = [refusal(401, 'Unauthorized')];
    fake.faults.getUpdates = [refusal(409, 'Conflict: terminated by other getUpdates request')];
    telegram.start();
    say('/status');
    await until(() => fake.sent.length === 1);
    expect(lines.filter(({ phrase }) => phrase === 'telegram does not listen')).toHaveLength(2);
    await telegram.stop();
    const calls = fake.calls.length;
    await sleep(60);
    expect(fake.calls.length).toBe(calls);
  });
});
