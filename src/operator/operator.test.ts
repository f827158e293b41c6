import { expect, test } from 'vitest';
import { testPlan } from '../engine/testing/engine-fixture.ts';
import { CoreRig } from '../live/testing/core-rig.ts';
import { decodeRecord } from '../store/journal-record.ts';
import { type FlattenQuestion, type FlattenReport, Operator } from './operator.ts';
import type { StatusReport } from './status-report.ts';

const DAEMON = {
  pid: 7,
  mode: 'paper',
  codeVersion: 'test',
  configHash: 'hash',
  preset: 'sequence',
  startedMs: 0,
};

function operated(isReady = true) {
  const rig = new CoreRig();
  const { core, time } = rig;
  const operator = new Operator({ stateFolder: '', daemon: DAEMON, time }, () => ({
    core,
    isReady,
  }));
  const say = (command: string, given = {}) =>
    operator.handle({ command, arguments: given }, 'test');
  return { rig, operator, say };
}

/** A long of BTC with its stops acknowledged. */
function opened() {
  const both = operated();
  const { rig } = both;
  rig.strategy.next({ kind: 'enter', plan: testPlan() });
  rig.bar(100_000);
  const [entry] = rig.submitted;
  rig.venue(rig.fillOf(entry, 'f1', 100_000));
  for (const { orderId } of rig.submitted.slice(1)) {
    rig.venue({ kind: 'order.accepted', orderId, venueId: `v${orderId}` });
  }
  return { ...both, entry };
}

test('status tells what is open, with its stop', () => {
  const { say, entry } = opened();
  const status = say('status') as StatusReport;
  expect(status.entries).toMatchObject({ isAllowed: true, reasons: [] });
  expect(status.packages).toHaveLength(1);
  expect(status.packages[0].legs[0]).toMatchObject({
    symbol: 'BTCUSDT',
    side: 'long',
    quantity: entry.lots / 1000,
    entryPrice: 100_000,
    stopPrice: 99_500,
    isStopAcknowledged: true,
  });
  expect(status.account.equity).toBeCloseTo(10_000, 1);
  expect(JSON.stringify(status)).not.toContain('NaN');
});

test('pause and resume are journalled events of the operator', () => {
  const { rig, say } = operated();
  expect(say('pause', { reason: 'lunch' })).toMatchObject({
    entries: { isAllowed: false, reasons: ['operator'] },
  });
  expect(say('resume')).toMatchObject({ entries: { isAllowed: true } });
  rig.core.takeSnapshot();
  const rows = rig.disk.db.prepare('SELECT text FROM journal ORDER BY batch').all();
  const records = rows.flatMap(({ text }) => String(text).split('\n').map(decodeRecord));
  const commands = records.flatMap((record) =>
    record.type === 'event' && record.envelope.source === 'operator' ? [record.envelope.event] : [],
  );
  expect(commands).toEqual([
    { kind: 'command.received', command: 'pause', reason: 'by test: lunch' },
    { kind: 'command.received', command: 'resume', reason: 'by test' },
  ]);
});

test('a session that is not ready says so', () => {
  const { say } = operated(false);
  expect(say('status')).toMatchObject({
    entries: { isAllowed: false, reasons: ['the start is not complete'] },
  });
});

test('a flatten without a code closes nothing and shows what it would', () => {
  const { rig, say } = opened();
  const before = rig.sent.length;
  const question = say('flatten') as FlattenQuestion;
  expect(question.packages[0].legs[0]).toMatchObject({ symbol: 'BTCUSDT', side: 'long' });
  expect(question.code).toMatch(/^[A-Z0-9]{5}$/);
  expect(rig.sent.length).toBe(before);
  expect(rig.core.engine.inspect().halts).toEqual([]);
});

test('with its code entries stop, exits leave, and the report waits for the fills', async () => {
  const { rig, say, entry } = opened();
  const { code } = say('flatten') as FlattenQuestion;
  const report = say('flatten', { code: code.toLowerCase() }) as Promise<FlattenReport>;
  expect(rig.core.engine.inspect().halts).toEqual(['operator']);
  const exit = rig.submitted.find(({ role }) => role === 'exit');
  expect(exit).toMatchObject({ side: 'sell', lots: entry.lots, reduceOnly: true });
  if (exit === undefined) return;
  rig.time.runTo(rig.time.nowMs() + 300);
  rig.venue(rig.fillOf(exit, 'f2', 100_100));
  for (const { orderId, role } of rig.submitted) {
    if (['stop', 'disaster', 'target'].includes(role)) {
      rig.venue({ kind: 'order.cancelled', orderId });
    }
  }
  rig.time.runTo(rig.time.nowMs() + 200);
  expect(await report).toMatchObject({ isFlat: true, remaining: [] });
});

test('what is still open after fifteen seconds is reported as such', async () => {
  const { rig, say } = opened();
  const { code } = say('flatten') as FlattenQuestion;
  const report = say('flatten', { code }) as Promise<FlattenReport>;
  rig.time.runTo(rig.time.nowMs() + 15_200);
  const { isFlat, remaining } = await report;
  expect(isFlat).toBe(false);
  expect(remaining[0].legs[0]).toMatchObject({ symbol: 'BTCUSDT' });
});

test('a code works once, for a minute, and a wrong one spoils it', async () => {
  const { rig, say } = opened();
  const wrong = say('flatten') as FlattenQuestion;
  await expect(say('flatten', { code: 'WRONG' })).rejects.toThrow('this is not the code');
  await expect(say('flatten', { code: wrong.code })).rejects.toThrow('this is not the code');
  const old = say('flatten') as FlattenQuestion;
  rig.time.runTo(rig.time.nowMs() + 60_001);
  await expect(say('flatten', { code: old.code })).rejects.toThrow('older than a minute');
  expect(rig.submitted.some(({ role }) => role === 'exit')).toBe(false);
  const { code } = say('flatten') as FlattenQuestion;
  void say('flatten', { code });
  await expect(say('flatten', { code })).rejects.toThrow('this is not the code');
});

test('only an accepted drawdown moves the peak', () => {
  const { rig, say } = operated();
  rig.venue({ kind: 'account.reported', cashUnits: 9_000e8, transferUnits: 0 });
  say('pause');
  expect(say('resume')).toMatchObject({ account: { equityPeak: 10_000 } });
  expect(say('resume', { acceptDrawdown: true })).toMatchObject({ account: { equityPeak: 9_000 } });
});

test('an unknown command names the nearest', () => {
  const { say } = operated();
  expect(() => say('flaten')).toThrow(expect.objectContaining({ hint: 'known: flatten' }));
});

test('the last notices are kept', () => {
  const { operator } = operated();
  for (let i = 0; i < 25; i++) {
    operator.onNotify({ kind: 'operator.notify', level: 'info', code: `C${i}`, text: '' }, i);
  }
  const codes = operator.status().notices.map(({ code }) => code);
  expect([codes.length, codes[0], codes.at(-1)]).toEqual([20, 'C5', 'C24']);
});

test('a pause that was asked for before the start follows the first event', () => {
  const { rig, operator } = operated();
  operator.pauseAtStart('preflight is red');
  const event = { kind: 'session.started' } as never;
  operator.onHandled({ seq: 1, atMs: 0, source: 'session', event });
  expect(rig.core.engine.inspect().halts).toEqual(['operator']);
});

test('a section that fails leaves books and entries in the status, and says so', () => {
  const { rig } = operated();
  const { core, time } = rig;
  const sections = () => {
    throw new Error('no guards');
  };
  const options = { stateFolder: '', daemon: DAEMON, time, sections };
  const operator = new Operator(options, () => ({ core, isReady: true }));
  expect(operator.status()).toMatchObject({
    entries: { isAllowed: true },
    incomplete: 'no guards',
  });
});
