import { describe, expect, test } from 'vitest';
import type { OrderRequest } from '../engine/order.ts';
import type { RiskApproved } from '../engine/risk-gate.ts';
import type { Strategy } from '../engine/strategy.ts';
import { testPlan } from '../engine/testing/engine-fixture.ts';
import { decodeRecord } from '../store/journal-record.ts';
import { readJournal, readState } from '../store/store-state.ts';
import { CoreRig } from './testing/core-rig.ts';

const TAKER = { kind: 'enter', plan: testPlan() } as const;

describe('an entry and the disk', () => {
  test('leaves only when everything that led to it is durable', () => {
    const rig = new CoreRig({ isSlow: true });
    rig.strategy.next(TAKER);
    rig.bar(100_000);
    expect(rig.submitted).toEqual([]);
    const lines = rig.held.batches[0].lines.map(decodeRecord);
    expect(lines.map(({ type }) => type)).toEqual(['event', 'effects']);
    rig.time.runTo(rig.time.nowMs() + 400);
    rig.held.answer();
    expect(rig.submitted.map(({ role }) => role)).toEqual(['entry']);
  });

  test('older than 500 ms is not sent, and the engine is told', () => {
    const rig = new CoreRig({ isSlow: true });
    rig.strategy.next(TAKER);
    rig.bar(100_000);
    rig.time.runTo(rig.time.nowMs() + 501);
    rig.held.answer();
    expect(rig.submitted).toEqual([]);
    expect(rig.core.dispatcher.withheld).toEqual({ 'too old to be sent': 1 });
    expect(rig.core.engine.inspect().open.size).toBe(0);
  });

  test('is not sent when the disk refuses', () => {
    const rig = new CoreRig({ isSlow: true });
    rig.strategy.next(TAKER);
    rig.bar(100_000);
    rig.held.answer('disk full');
    expect(rig.submitted).toEqual([]);
    expect(rig.core.dispatcher.withheld).toEqual({ 'the journal is not durable': 1 });
  });

  test('that is cancelled before it left never leaves', () => {
    const rig = new CoreRig({ isSlow: true });
    rig.strategy.next(TAKER);
    rig.bar(100_000);
    rig.core.deliver({ kind: 'command.received', command: 'flatten', reason: 'test' }, 'operator');
    rig.held.answer();
    expect(rig.sent).toEqual([]);
    expect(rig.core.engine.inspect().open.size).toBe(0);
  });

  test('protection does not wait for the disk', () => {
    const rig = new CoreRig({ isSlow: true });
    rig.strategy.next(TAKER);
    rig.bar(100_000);
    rig.held.answer();
    const [entry] = rig.submitted;
    const batches = rig.held.batches.length;
    rig.venue(rig.fillOf(entry, 'f1', 100_000));
    expect(rig.submitted.map(({ role }) => role)).toEqual([
      'entry',
      'stop',
      'disaster',
      'target',
      'target',
    ]);
    // The disk is still busy with what came before.
    expect(rig.held.batches.length).toBe(batches);
    expect(rig.core.dispatcher.withheld).toEqual({});
  });
});

test('only requests that the gate made leave', () => {
  const rig = new CoreRig();
  rig.strategy.next(TAKER);
  rig.bar(100_000);
  const [entry] = rig.submitted;
  const copy = { ...entry, orderId: 'qcm-forged-1-0e' } as RiskApproved<OrderRequest>;
  rig.core.dispatcher.dispatch([{ kind: 'order.submit', request: copy }], rig.time.nowMs());
  expect(rig.submitted.length).toBe(1);
  expect(rig.core.dispatcher.withheld).toEqual({ 'not approved by the gate': 1 });
});

test('a port that throws leaves the order unknown and the operator alarmed', () => {
  const rig = new CoreRig();
  rig.strategy.next(TAKER);
  rig.failure = new Error('socket closed');
  rig.bar(100_000);
  expect(rig.notices).toContain('EXCHANGE_PORT');
  const { kernel } = rig.core.engine.inspect();
  expect(kernel.store.openOrders().map(({ state }) => state)).toEqual(['unknown']);
});

test('every event and effect is in the journal, in order and without holes', () => {
  const rig = new CoreRig();
  rig.strategy.next(TAKER);
  rig.bar(100_000);
  rig.venue(rig.fillOf(rig.submitted[0], 'f1', 100_000));
  rig.core.stop();
  const records = [...readJournal(rig.disk.db)];
  const seqs = records.flatMap((each) => (each.type === 'event' ? [each.envelope.seq] : []));
  expect(seqs).toEqual([1, 2, 3]);
  expect(records.flatMap((each) => (each.type === 'sent' ? [each.orderId] : []))).toEqual(
    rig.submitted.map(({ orderId }) => orderId),
  );
  const state = readState(rig.disk.db);
  expect(state.snapshot?.seq).toBe(3);
  expect(state.protection.map(({ symbol, lots, isMain }) => [symbol, lots, isMain])).toEqual([
    ['BTCUSDT', rig.submitted[0].lots, true],
  ]);
});

test('what arrives while an event is handled waits its turn', () => {
  const rig = new CoreRig();
  rig.failure = new Error('answers inside the call');
  rig.strategy.next(TAKER);
  rig.bar(100_000);
  const kinds = [...rig.core.engine.inspect().kernel.store.openOrders()].map(({ state }) => state);
  expect(kinds).toEqual(['unknown']);
  expect(rig.core.seq).toBe(3);
});

describe('an event that cannot be handled', () => {
  test('is marked, the state is built anew without it, and only protection goes on', () => {
    let isBroken = false;
    const rig = new CoreRig({
      wrap: (strategy) => ({
        id: strategy.id,
        symbols: strategy.symbols,
        onBar: (bar, view) => {
          if (isBroken) throw new Error('division of a pear');
          return strategy.onBar(bar, view);
        },
        save: () => strategy.save(),
        load: (state) => strategy.load(state),
      }),
    });
    rig.strategy.next(TAKER);
    rig.bar(100_000);
    const [entry] = rig.submitted;
    rig.core.takeSnapshot();
    rig.venue(rig.fillOf(entry, 'f1', 100_000));
    const [, stop] = rig.submitted;
    const before = rig.core.engine.effectDigest();
    isBroken = true;
    rig.bar(100_100);
    isBroken = false;
    expect(rig.notices).toContain('POISONED');
    expect(rig.core.poisoned).toBe(1);
    const { kernel, halts } = rig.core.engine.inspect();
    expect(kernel.portfolio.position('BTCUSDT')?.lots).toBe(entry.lots);
    expect(halts).toEqual(['operator']);
    expect(rig.core.engine.effectDigest()).toBe(before);
    // Facts are still handled, and closing still works.
    rig.venue({ kind: 'order.accepted', orderId: stop.orderId, venueId: 'v1' });
    rig.core.deliver({ kind: 'command.received', command: 'flatten', reason: 'test' }, 'operator');
    expect(rig.submitted.at(-1)?.role).toBe('exit');
    // And after a restart the state is the same.
    rig.core.stop();
    const records = [...readJournal(rig.disk.db)];
    const poisoned = records.filter((each) => each.type === 'poisoned');
    expect(poisoned.map(({ seq, reason }) => [seq, reason])).toEqual([[4, 'division of a pear']]);
  });

  test('is left out by the next start, and marked, when its mark was lost with a crash', () => {
    let isBroken = false;
    const wrap = (strategy: Strategy): Strategy => ({
      id: strategy.id,
      symbols: strategy.symbols,
      onBar: (bar, view) => {
        if (isBroken && bar.close === 100_100) throw new Error('division of a pear');
        return strategy.onBar(bar, view);
      },
      save: () => strategy.save(),
      load: (state) => strategy.load(state),
    });
    const first = new CoreRig({ wrap });
    first.strategy.next(TAKER);
    first.bar(100_000);
    const [entry] = first.submitted;
    first.core.takeSnapshot();
    first.venue(first.fillOf(entry, 'f1', 100_000));
    const digest = first.core.engine.effectDigest();
    first.bar(100_100);
    const poisonedSeq = first.core.seq;
    first.bar(100_200);
    first.core.startCommits();
    first.time.runTo(first.time.nowMs() + 1_100);
    isBroken = true;
    const next = new CoreRig({ wrap });
    next.core.restore(readState(first.disk.db));
    expect(next.core.engine.effectDigest()).toBe(digest);
    expect(next.core.poisoned).toBe(1);
    next.core.haltIfPoisoned();
    expect(next.notices).toEqual(['POISONED']);
    const { kernel, halts } = next.core.engine.inspect();
    expect(kernel.portfolio.position('BTCUSDT')?.lots).toBe(entry.lots);
    expect(halts).toEqual(['operator']);
    expect(next.core.dispatcher.isProtectOnly).toBe(true);
    next.core.stop();
    const marks = [...readJournal(next.disk.db)].filter(({ type }) => type === 'poisoned');
    expect(marks).toEqual([{ type: 'poisoned', seq: poisonedSeq, reason: 'division of a pear' }]);
  });

  test('opens nothing any more, even if a strategy and the operator want to', () => {
    let isBroken = true;
    const rig = new CoreRig({
      wrap: (strategy) => ({
        ...strategy,
        id: strategy.id,
        symbols: strategy.symbols,
        onBar: (bar, view) => {
          if (isBroken) throw new Error('no');
          return strategy.onBar(bar, view);
        },
        save: () => strategy.save(),
        load: (state) => strategy.load(state),
      }),
    });
    rig.bar(100_000);
    isBroken = false;
    rig.core.deliver({ kind: 'command.received', command: 'resume', reason: 'test' }, 'operator');
    rig.strategy.next(TAKER);
    rig.bar(100_000);
    expect(rig.submitted).toEqual([]);
    expect(rig.core.dispatcher.withheld).toEqual({ 'protect and flatten only': 1 });
  });
});
