import { describe, expect, test } from 'vitest';
import { readJournal, readState } from '../store/store-state.ts';
import { faults } from './testing/crash-faults.ts';
import { CrashPoint, CrashRig, RIG_START_MS } from './testing/crash-rig.ts';
import { crashScripts, type Script } from './testing/crash-scripts.ts';

const HEDGED = named('both targets, then break-even, long, hedged');
const LONG = named('time-out, long');
const QUIET = named('time-out, long, hedged');

function named(name: string): Script {
  const script = crashScripts().find((each) => each.name === name);
  if (script === undefined) throw new Error(`no script ${name}`);
  return script;
}

function rig(script: Script, infoOf?: ConstructorParameters<typeof CrashRig>[0]['infoOf']) {
  return new CrashRig({ ...script, infoOf, crash: new CrashPoint(0, 'before') });
}

describe('an upgrade with an open position', () => {
  test.each([
    ['code', { codeVersion: '2.0.0' }],
    ['configuration', { configHash: 'another' }],
  ])('other %s takes over the books, and decides no old bar again', (_, change) => {
    const run = rig(HEDGED, (boot) => (boot === 1 ? {} : change));
    run.onMinute = (minute) => {
      if (minute === 4) run.restart();
    };
    run.play();
    expect(run.boots).toBe(2);
    expect(faults(run, HEDGED)).toEqual([]);
    const entries = run.submitted.filter(({ role }) => role === 'entry');
    expect(new Set(entries.map(({ tradeId }) => tradeId)).size).toBe(1);
  });

  test('it really was open, and its stops were the same before and after', () => {
    const run = rig(QUIET, (boot) => ({ codeVersion: String(boot) }));
    let before = '';
    run.onMinute = (minute) => {
      const stops = run.picture().orders.filter(({ isConditional }) => isConditional);
      if (minute === 4) {
        before = JSON.stringify(stops);
        expect(run.picture().positions.length).toBe(2);
        run.restart();
      }
      if (minute === 5) expect(JSON.stringify(stops)).toBe(before);
    };
    run.play();
    expect(before).toContain('qcm-boot1-');
  });
});

test('a start reconciles, asks for what does not rest any more, and only then allows entries', () => {
  const run = rig(LONG);
  let lost = '';
  run.onMinute = (minute) => {
    if (minute !== 5) return;
    const stop = run.picture().orders.find((order) => order.isConditional && order.reduceOnly);
    lost = stop?.orderId ?? 'none';
    run.restart();
    // While nobody looks.
    const cancel = { kind: 'order.cancel', symbol: 'BTCUSDT', isConditional: true } as const;
    run.time.wake(run.time.nowMs() + 1_000, () => run.venue.cancel({ ...cancel, orderId: lost }));
  };
  run.play();
  const events = [...readJournal(run.disk.db)].flatMap((record) =>
    record.type === 'event' ? [record.envelope] : [],
  );
  const start = events.findLastIndex(({ event }) => event.kind === 'session.started');
  const second = events.slice(start).map(({ event }) => event);
  const asked = second.flatMap((event) => (event.kind === 'order.unknown' ? [event.orderId] : []));
  expect(asked).toEqual([lost]);
  const ready = second.findIndex(({ kind }) => kind === 'session.reconciled');
  const live = second.findIndex((event) => event.kind === 'bar.closed' && !event.isWarmUp);
  expect(ready).toBeGreaterThan(0);
  expect(live).toBeGreaterThan(ready);
  // The naked position got a stop before anything else was known, and everything ended well.
  expect(run.notices).toContain('START_UNPROTECTED');
  const sent = run.submitted.find(({ orderId }) => orderId.startsWith('qcm-boot1-0-'));
  expect(sent).toMatchObject({ role: 'stop', side: 'sell', reduceOnly: true });
  expect(faults(run, LONG)).toEqual([]);
});

test('a clock step halts entries for a second and has the account looked at', () => {
  const run = rig(LONG);
  const pictures = () => run.session.reconciler?.counts.pictures ?? 0;
  const halts = () => run.session.core.engine.inspect().halts;
  const seen: unknown[] = [];
  let looks = 0;
  run.onMinute = (minute) => {
    if (minute !== 10) return;
    looks = pictures();
    run.session.onClockStep(30_000);
    seen.push([...halts()]);
    run.time.wake(run.time.nowMs() + 900, () => seen.push([...halts()]));
    run.time.wake(run.time.nowMs() + 1_100, () => seen.push([...halts()], pictures() - looks));
  };
  run.play();
  expect(seen).toEqual([['clock'], ['clock'], [], 1]);
  expect(run.notices).toContain('CLOCK_STEPPED');
  expect(faults(run, LONG)).toEqual([]);
});

test('an operator who closes by hand is followed, and nothing is left behind', () => {
  const run = rig(HEDGED);
  run.onMinute = (minute) => {
    if (minute !== 5) return;
    run.session.core.deliver(
      { kind: 'command.received', command: 'flatten', reason: 'test' },
      'operator',
    );
  };
  run.play();
  expect(run.picture()).toMatchObject({ positions: [], orders: [] });
  expect(run.session.core.engine.inspect().halts).toEqual(['operator']);
});

test('every restart numbers on from the journal, and time never falls', () => {
  const run = rig(LONG);
  run.onMinute = (minute) => {
    if (minute % 7 === 5) run.restart();
  };
  run.play();
  expect(run.boots).toBeGreaterThan(4);
  let seq = 0;
  let atMs = RIG_START_MS;
  for (const record of readJournal(run.disk.db)) {
    if (record.type !== 'event') continue;
    expect(record.envelope.seq).toBe(seq + 1);
    expect(record.envelope.atMs).toBeGreaterThanOrEqual(atMs);
    ({ seq, atMs } = record.envelope);
  }
  expect(faults(run, LONG)).toEqual([]);
});

test('a doubt before the books are back waits for them: nothing is compared with nothing', () => {
  const calm = () => new CrashPoint(0, 'before');
  const run = new CrashRig({
    ...LONG,
    crash: calm(),
    disturbance: {
      arrivals: () => [0],
      disk: () => 2_000,
      accountFails: () => false,
      portThrows: () => false,
      nextCrash: calm,
    },
  });
  // The user stream is up, the disk is not.
  run.session.reconcile();
  run.time.runTo(RIG_START_MS + 20_000);
  const [first] = readJournal(run.disk.db);
  expect(first).toMatchObject({ envelope: { seq: 1, event: { kind: 'session.started' } } });
});

test('a stop before the books are back leaves no snapshot of empty ones', () => {
  const run = rig(LONG);
  run.session.stop(() => {});
  run.time.runTo(RIG_START_MS + 1_000);
  expect(readState(run.disk.db)).toMatchObject({ snapshot: undefined, suffix: [] });
});
