import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Outbox, type OutboxOptions, type OutMessage, type SendOutcome } from './outbox.ts';

const message = (text: string, more: Partial<OutMessage> = {}): OutMessage => ({
  level: 'info',
  code: 'X',
  text,
  atMs: Date.now(),
  ...more,
});

function rig(options: Partial<OutboxOptions> & { answers?: (SendOutcome | Error)[] } = {}) {
  const { answers = [], ...rest } = options;
  const sent: string[] = [];
  const outbox = new Outbox({
    gapMs: 1,
    backoffMs: 1,
    send: async (batch, lost) => {
      const answer = answers.shift() ?? { kind: 'sent' };
      if (answer instanceof Error) throw answer;
      if (answer.kind === 'sent') {
        sent.push(...batch.map(({ text }) => (lost > 0 ? `${lost} lost, ${text}` : text)));
      }
      return answer;
    },
    ...rest,
  });
  return { outbox, sent };
}

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !isDone(); i++) await sleep(5);
  expect(isDone()).toBe(true);
}

describe('an outbox', () => {
  test('keeps order, and tries again after failures, also thrown ones', async () => {
    const failed = { kind: 'failed', why: 'net' } as const;
    const { outbox, sent } = rig({ answers: [failed, new Error('socket'), failed] });
    for (const text of ['a', 'b', 'c']) outbox.offer(message(text));
    await until(() => sent.length === 3);
    expect(sent).toEqual(['a', 'b', 'c']);
    expect(outbox.counts).toEqual({ sent: 3, dropped: 0, repeated: 0, retries: 3 });
  });

  test('is bounded: the least severe and oldest go first, and the loss is told', async () => {
    const { outbox, sent } = rig({ waitingMax: 3 });
    outbox.offer(message('alarm 1', { level: 'alarm' }));
    for (const text of ['a', 'b', 'c', 'd']) outbox.offer(message(text));
    outbox.offer(message('alarm 2', { level: 'alarm' }));
    expect(outbox.length).toBe(3);
    await until(() => sent.length === 3);
    expect(sent).toEqual(['3 lost, alarm 1', 'd', 'alarm 2']);
    expect(outbox.counts.dropped).toBe(3);
  });

  test('offers return at once while a receiver hangs for good', async () => {
    const { outbox } = rig({ waitingMax: 50, send: () => new Promise(() => {}) });
    outbox.offer(message('first'));
    await sleep(20);
    for (let i = 0; i < 10_000; i++) outbox.offer(message(`text ${i}`));
    expect(outbox.length).toBe(50);
    expect(outbox.counts.dropped).toBe(9_950);
    const start = Date.now();
    await outbox.stop(30);
    expect(Date.now() - start).toBeLessThan(5_000);
    expect(outbox.length).toBe(0);
  });

  test('says the same thing once, and later how often it came', async () => {
    let nowMs = 1_000_000;
    const { outbox, sent } = rig({ repeatMs: 60_000, nowMs: () => nowMs });
    const offer = (text: string) => outbox.offer(message(text, { atMs: nowMs }));
    for (let i = 0; i < 5; i++) offer('gap');
    offer('other');
    await until(() => sent.length === 2);
    nowMs += 60_000;
    offer('gap');
    await until(() => sent.length === 3);
    expect(sent).toEqual(['gap', 'other', 'gap (4 times more since the last message)']);
    expect(outbox.counts.repeated).toBe(4);
  });

  test('drops what is refused for good, and what grew too old', async () => {
    let nowMs = 1_000_000;
    const refused = { kind: 'refused', why: 'chat not found' } as const;
    const failed = { kind: 'failed', why: 'net', afterMs: 50 } as const;
    const answers = [refused, failed];
    const { outbox, sent } = rig({ answers, ageMaxMs: 1_000, nowMs: () => nowMs });
    outbox.offer(message('refused'));
    await until(() => outbox.counts.dropped === 1);
    outbox.offer(message('old', { atMs: 2e12 }));
    await until(() => outbox.counts.retries === 1);
    nowMs += 2_000;
    outbox.offer(message('new', { atMs: 0 }));
    await until(() => sent.length === 1);
    expect(sent).toEqual(['2 lost, new']);
  });

  test('answers go before everything else and are never held as repeats', async () => {
    const { outbox, sent } = rig();
    outbox.offer(message('a'));
    outbox.offer(message('pong', { replyTo: 1 }));
    outbox.offer(message('pong', { replyTo: 1 }));
    await until(() => sent.length === 3);
    expect(sent).toEqual(['pong', 'pong', 'a']);
  });

  test('waits as long as the receiver asks', async () => {
    const failed = { kind: 'failed', why: '429', afterMs: 150 } as const;
    const { outbox, sent } = rig({ answers: [failed] });
    const start = performance.now();
    outbox.offer(message('a'));
    await until(() => sent.length === 1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(149);
  });
});
