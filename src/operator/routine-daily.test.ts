import { expect, test } from 'vitest';
import { encode } from '../engine/journal-codec.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { type DailyInput, dailyChecks } from './routine-daily.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 6);
const GUARDS: NonNullable<DailyInput['status']['guards']> = {
  breakers: [],
  day: { pnlR: -0.5, budgetR: 2.5, breakerR: 3 },
  equityStop: { reference: 'ath', floor: 9_550, roomR: 5.2, onBreach: 'latch' },
  ramp: { leverage: 5, allowed: 5, closedTrades: 10, nextAtTrades: 50 },
  latencyP95Ms: 80,
  calendar: { next: 'next release NFP', atMs: NOW_MS + 1, isBlocking: false },
  capital: null,
};

function store() {
  const { db } = new SqliteStore(':memory:');
  const signal = db.prepare('INSERT INTO signals VALUES (NULL, 1, ?, ?, ?, ?)');
  signal.run(NOW_MS - 60_000, 'BTCUSDT', 'BUY', encode({}));
  return db;
}

function input(changes: Partial<DailyInput> = {}, status: Partial<DailyInput['status']> = {}) {
  const feed = { fundingRate: 0.0001, fundingIntervalHours: 8, lastBarMs: NOW_MS - 60_000 };
  const full = {
    daemon: { nowMs: NOW_MS },
    entries: { isAllowed: true, reasons: [] },
    packages: [],
    feeds: [{ symbol: 'BTCUSDT', ageMs: 60_000, ...feed }],
    guards: GUARDS,
    ...status,
  } as unknown as DailyInput['status'];
  const rest = { storeBytes: 1e6, lastBackupMs: NOW_MS - 3_600_000 };
  return { status: full, db: store(), ...rest, ...changes };
}

function found(verdict: 'note' | 'red', given: DailyInput): string[] {
  return dailyChecks(given)
    .filter((check) => check.verdict === verdict)
    .map((check) => `${check.name}: ${check.found}`);
}

test('a quiet morning is all green', () => {
  expect([...found('red', input()), ...found('note', input())]).toEqual([]);
});

test('silent bars, halted entries and a naked leg are red', () => {
  const leg = { symbol: 'ETHUSDT', side: 'short', quantity: 1, isStopAcknowledged: false };
  const given = input({}, {
    entries: { isAllowed: false, reasons: ['operator'] },
    packages: [{ tradeId: 't1', legs: [leg] }],
    feeds: [{ symbol: 'BTCUSDT', lastBarMs: 1, ageMs: 600_000, fundingRate: null }],
  } as unknown as Partial<DailyInput['status']>);
  expect(found('red', given)).toEqual([
    'entries: off: operator',
    'bars BTCUSDT: last one 10 min ago',
    'trade t1: no acknowledged stop on ETHUSDT',
  ]);
});

test('funding is judged per eight hours, whatever the interval', () => {
  const feed = { symbol: 'BTCUSDT', lastBarMs: 1, ageMs: 0, fundingIntervalHours: 4 };
  const of = (fundingRate: number) =>
    found('note', input({}, { feeds: [{ ...feed, fundingRate }] }));
  expect(of(0.0003)).toEqual([]);
  expect(of(-0.0004)).toEqual([expect.stringContaining('-0.0800 % per 8 h')]);
});

test('alarms of the last day are red, warnings a note, older ones nothing', () => {
  const { db } = input();
  const add = db.prepare('INSERT INTO alerts (at_ms, level, code, text) VALUES (?, ?, ?, ?)');
  add.run(NOW_MS - 2 * 86_400_000, 'alarm', 'OLD', '');
  add.run(NOW_MS - 1_000, 'info', 'FINE', '');
  expect(found('red', input({ db }))).toEqual([]);
  add.run(NOW_MS - 1_000, 'warning', 'USER_STREAM', '');
  expect(found('note', input({ db }))).toEqual(['notices: 1 kinds in 24 h: USER_STREAM 1']);
  add.run(NOW_MS - 1_000, 'alarm', 'UNPROTECTED', '');
  expect(found('red', input({ db }))).toEqual([
    'notices: 2 kinds in 24 h: UNPROTECTED 1, USER_STREAM 1',
  ]);
});

test('an equity curve at its stop, a missing calendar and an old backup are told', () => {
  const guards = {
    ...GUARDS,
    equityStop: { ...GUARDS.equityStop, roomR: -0.1 },
    calendar: { next: 'NO release known', atMs: null, isBlocking: false },
  };
  const given = input({ lastBackupMs: NOW_MS - 30 * 3_600_000 }, { guards });
  expect(found('red', given).map((line) => line.split(':')[0])).toEqual([
    'equity curve',
    'calendar',
  ]);
  expect(found('note', given)).toEqual(['backup: newest 30 h 0 min old']);
});
