import { expect, test } from 'vitest';
import type { DecisionRecord, Effect } from '../engine/effect.ts';
import type { EngineEvent } from '../engine/event.ts';
import { encode } from '../engine/journal-codec.ts';
import { testSession } from '../engine/testing/engine-fixture.ts';
import { BufferedStore } from './buffered-store.ts';
import { SqliteStore } from './sqlite-store.ts';

const DAY_MS = 86_400_000;

function books() {
  const disk = new SqliteStore(':memory:');
  const store = new BufferedStore(disk);
  let seq = 0;
  const tell = (event: EngineEvent, atMs = 1_000) => {
    store.append({ type: 'event', envelope: { seq: ++seq, atMs, source: 'venue', event } });
    return seq;
  };
  const decide = (decision: string, reason: string, atMs: number) => {
    tell({ kind: 'session.reconciled' }, atMs);
    const record = { kind: 'decision.record', strategyId: '', tradeId: '', symbol: 'BTCUSDT' };
    const effect = { ...record, decision, reasons: ['other', reason] } as DecisionRecord;
    store.append({ type: 'effects', seq, digest: '', effects: [effect as Effect] });
  };
  const rows = (sql: string) => {
    store.commit();
    return disk.db.prepare(sql).all();
  };
  tell(testSession());
  return { store, tell, decide, rows };
}

function fill(fillId: string): EngineEvent {
  return {
    kind: 'order.filled',
    orderId: 'o1',
    fillId,
    symbol: 'ETHUSDT',
    side: 'sell',
    priceTicks: 300_000,
    lots: 1_000,
    feeUnits: 100,
    feeAsset: 'BNB',
    isMaker: true,
    origin: 'own',
  };
}

test('a breaker is written down when it trips, once a day while it lasts, and when it ends', () => {
  const { decide, rows } = books();
  decide('declined a', 'dayBudget: spent', 1_000);
  decide('declined a', 'dayBudget: spent', 2_000);
  decide('declined a', 'costGate: a judgement of this trade', 3_000);
  decide('declined a', 'dayBudget: spent', DAY_MS + 1);
  decide('enter', 'because', DAY_MS + 2);
  decide('enter', 'because', DAY_MS + 3);
  expect(rows('SELECT at_ms, rule, change, text FROM breakers ORDER BY id')).toEqual([
    { at_ms: 1_000, rule: 'dayBudget', change: 'tripped', text: 'spent' },
    { at_ms: DAY_MS + 1, rule: 'dayBudget', change: 'tripped', text: 'spent' },
    { at_ms: DAY_MS + 2, rule: 'dayBudget', change: 'released', text: '' },
  ]);
});

test('funding and transfers are cash flows, a plain balance is none', () => {
  const { tell, rows } = books();
  const funding = { symbol: 'BTCUSDT', rate: 0.0001, intervalHours: 8, mark: 100_000 };
  tell({ kind: 'funding.settled', ...funding, bookedUnits: -150_000_000 });
  tell({ kind: 'account.reported', cashUnits: 5e8, transferUnits: 0 });
  tell({ kind: 'account.reported', cashUnits: 5e8, transferUnits: -2e8, asset: 'USDT' });
  expect(rows('SELECT kind, name, text FROM cash_flows ORDER BY seq')).toEqual([
    { kind: 'funding', name: 'BTCUSDT', text: expect.stringContaining('"amount":-1.5') },
    { kind: 'transfer', name: 'USDT', text: expect.stringContaining('"amount":-2') },
  ]);
});

test('what a rewind took back is out of the books', () => {
  const { store, tell, rows } = books();
  tell(fill('f1'));
  const kept = tell({ kind: 'session.reconciled' });
  const lost = tell(fill('f2'));
  store.append({ type: 'rewound', toSeq: kept, fromSeq: lost });
  expect(rows('SELECT fill_id FROM fills')).toEqual([{ fill_id: 'f1' }]);
  // The market comes to the same place again, as another event.
  tell(fill('f2'));
  expect(rows('SELECT fill_id FROM fills')).toEqual([{ fill_id: 'f1' }, { fill_id: 'f2' }]);
});

test('a session lives until its last snapshot', () => {
  const { store, rows } = books();
  const session = { codeVersion: '', configHash: '', config: {}, mode: 'paper', dataHash: '' };
  store.saveSession({ bootId: 'a', startedMs: 5, ...session });
  store.saveSnapshot({ seq: 1, atMs: 60_005, text: encode({}) });
  expect(rows('SELECT started_ms, last_ms FROM sessions')).toEqual([
    { started_ms: 5, last_ms: 60_005 },
  ]);
});
