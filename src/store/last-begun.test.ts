import { expect, test } from 'vitest';
import type { EngineEvent } from '../engine/event.ts';
import { testSession } from '../engine/testing/engine-fixture.ts';
import type { JournalRecord } from './journal-record.ts';
import { lastBegun, type StoreState } from './store-state.ts';

test('the books are of the session whose first event is durable, not of the newest start', () => {
  const snapshot = { seq: 3, atMs: 0, state: { engine: { kernel: { bootId: 'a' } } } };
  expect(begun({ snapshot, suffix: [] })).toBe('a');
  expect(begun({ snapshot, suffix: [started(4, 'b')] })).toBe('b');
  expect(begun({ suffix: [started(1, 'a'), started(2, 'b')] })).toBe('b');
});

test('a first event that could not be handled began nothing', () => {
  const poisoned: JournalRecord = { type: 'poisoned', seq: 2, reason: 'made to fail' };
  expect(begun({ suffix: [started(1, 'a'), started(2, 'b'), poisoned] })).toBe('a');
});

test('where no session began there are no books', () => {
  expect(begun({ suffix: [] })).toBeUndefined();
});

function begun(state: Pick<StoreState, 'suffix'> & Partial<StoreState>): string | undefined {
  const sessions = ['a', 'b', 'c'].map((bootId, startedMs) => ({
    ...{ bootId, startedMs, mode: 'live', codeVersion: 'x', dataHash: 'z' },
    ...{ configHash: bootId, config: {} },
  }));
  return lastBegun({ snapshot: undefined, lastSeq: 0, protection: [], sessions, ...state })?.bootId;
}

function started(seq: number, bootId: string): JournalRecord {
  const event: EngineEvent = testSession({ bootId });
  return { type: 'event', envelope: { seq, atMs: seq, source: 'session', event } };
}
