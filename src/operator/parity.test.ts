import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { composePaperReplay } from '../compose-live.ts';
import { loadConfig } from '../config.ts';
import { decode, encode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import type { MarketData } from '../market-data.ts';
import { openStore } from '../store/open-store.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { parityOfDay, pnlParts } from './parity.ts';
import { parityText } from './parity-text.ts';

const { config, hash } = loadConfig({
  ignoreFile: true,
  env: {},
  preset: 'smc-stand-in',
  sets: ['hedge.mode=off', 'guards.volatilityMultiple=9'],
});
const market = simulateMarket({ seed: 5, days: 12, timeframeMs: 180_000 });
const data = {
  series: market.series,
  funding: [],
  events: [],
  dataHash: 'd',
  calendarHash: 'c',
} as unknown as MarketData;
let db: DatabaseSync;
let day = '';
let trades: TradeRecord[] = [];

beforeAll(() => {
  const opened = openStore(stateFolder());
  const { session, replay } = composePaperReplay({
    ...{ config, data, opened, bootId: 'paper001' },
    codeVersion: 'test',
    configHash: hash,
    equityStopOnBreach: 'observe',
  });
  session.start();
  while (replay.advance(10_000));
  session.stop(() => {});
  opened.lock.release();
  db = new DatabaseSync(opened.path);
  const rows = db.prepare('SELECT text FROM trades ORDER BY closed_ms').all();
  trades = rows
    .map(({ text }) => decode(String(text)) as TradeRecord)
    .filter(({ quantity }) => quantity > 0);
  // A day in the middle: both sides have to bring the state of the days before.
  day = new Date(trades[Math.floor(trades.length / 2)].decidedMs).toISOString().slice(0, 10);
});

function ofDay(): TradeRecord[] {
  return trades.filter(({ decidedMs }) => new Date(decidedMs).toISOString().startsWith(day));
}

function replace(trade: TradeRecord, changes: Partial<TradeRecord>): void {
  const text = encode({ ...trade, ...changes });
  db.prepare('UPDATE trades SET text = ? WHERE trade_id = ?').run(text, trade.tradeId);
}

test('a paper day equals the backtest, trade by trade, to the last digit', () => {
  const report = parityOfDay(db, day);
  expect(report.trades.length).toBe(ofDay().length);
  expect(report.trades.length).toBeGreaterThan(0);
  for (const each of report.trades) {
    expect(each).toMatchObject({ kind: 'both', notes: [] });
    if (each.kind === 'both') expect(each.parts.total).toBe(0);
  }
  expect(report.liveNet).toBe(report.backtestNet);
});

test('a worse price, other fees and a late fill are told apart', () => {
  const [trade] = ofDay();
  replace(trade, {
    grossPnl: trade.grossPnl - 3,
    fees: trade.fees + 1,
    netPnl: trade.netPnl - 4,
    firstFillMs: trade.firstFillMs + 250,
  });
  const [first] = parityOfDay(db, day).trades;
  replace(trade, {});
  expect(first).toMatchObject({ kind: 'both', notes: ['first fill +250 ms'] });
  if (first.kind !== 'both') return;
  expect(first.parts.prices).toBeCloseTo(-3, 9);
  expect(first.parts.fees).toBeCloseTo(-1, 9);
  expect(first.parts.size).toBeCloseTo(0, 9);
});

test('an entry that never filled is a missed fill; one that is not there says why', () => {
  const [trade] = ofDay();
  replace(trade, { quantity: 0 });
  const missed = parityOfDay(db, day).trades.find(({ kind }) => kind === 'onlyBacktest');
  expect(missed).toMatchObject({ why: expect.stringMatching(/^missed fill: live/) });
  replace(trade, { decidedMs: trade.decidedMs + 3_600_000 * 0.2 });
  const kinds = parityOfDay(db, day).trades.map(({ kind }) => kind);
  replace(trade, {});
  expect(kinds).toContain('onlyLive');
  expect(kinds).toContain('onlyBacktest');
});

test('the parts add up to the difference, whatever differs', () => {
  const [a, b] = trades;
  const { size, prices, fees, funding, total } = pnlParts(a, b);
  expect(size + prices + fees + funding).toBeCloseTo(total, 9);
});

test('a day that the journal does not know is refused', () => {
  expect(() => parityOfDay(db, '2001-01-01')).toThrow(
    expect.objectContaining({ code: 'STORE_DAY' }),
  );
});

test('the text names every trade and its difference', () => {
  const text = parityText(parityOfDay(db, day));
  expect(text.match(/^both {10}/gm)).toHaveLength(ofDay().length);
  expect(text).toContain('difference +0.00 = size +0.00');
});
