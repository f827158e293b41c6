import { expect, test } from 'vitest';
import { runBacktest } from '../../backtests/run.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { composeBacktest } from '../compose.ts';
import { composePaperReplay, type PaperReplayInput } from '../compose-live.ts';
import { loadConfig } from '../config.ts';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import type { MarketData } from '../market-data.ts';
import { openForReading, openStore } from '../store/open-store.ts';
import { readJournal } from '../store/store-state.ts';
import { stateFolder } from '../store/testing/store-fixture.ts';
import { replayJournal } from './replay-journal.ts';

const { config, hash } = loadConfig({
  ignoreFile: true,
  env: {},
  preset: 'smc-stand-in',
  sets: ['hedge.mode=proportional', 'guards.volatilityMultiple=9'],
});
const market = simulateMarket({ seed: 5, days: 14, timeframeMs: 60_000 });
const data: MarketData = {
  kind: 'simulated',
  label: market.label,
  series: market.series,
  funding: market.funding.flatMap((table) =>
    Array.from(table.times, (atMs, i) => ({
      symbol: table.symbol,
      atMs,
      rate: table.rates[i],
      intervalHours: table.intervalHours[i],
    })),
  ),
  events: [],
  manifest: [],
  findings: [],
  notes: [],
  dataHash: 'd',
  calendarHash: 'c',
};
data.funding.sort((a, b) => a.atMs - b.atMs || (a.symbol < b.symbol ? -1 : 1));
const input = {
  config,
  data,
  codeVersion: 'test',
  configHash: hash,
  equityStopOnBreach: 'observe' as const,
};

/** Plays up to `instants`; a clean stop, or dropped like a killed process. */
function play(folder: string, bootId: string, options: { instants?: number; kill?: boolean } = {}) {
  const { instants = Number.POSITIVE_INFINITY, kill = false } = options;
  const opened = openStore(folder);
  const paper: PaperReplayInput = { ...input, opened, bootId };
  const { session, replay } = composePaperReplay(paper);
  session.start();
  replay.advance(instants);
  const equity = session.core.engine.equity();
  if (!kill) session.stop(() => {});
  opened.lock.release();
  return equity;
}

function tradesIn(folder: string): TradeRecord[] {
  const db = openForReading(folder);
  const rows = db.prepare('SELECT text FROM trades ORDER BY closed_ms').all();
  db.close();
  return rows.map((row) => decode(String(row.text)) as TradeRecord);
}

/** A trade without the ids, which hold boot ids and sequence numbers. */
function essence({ tradeId: _, ...trade }: TradeRecord): object {
  return trade;
}

const backtest = runBacktest(composeBacktest(input));

test('paper trades exactly as the backtest does', () => {
  const folder = stateFolder();
  const equity = play(folder, 'paper001');
  expect(backtest.trades.length).toBeGreaterThan(10);
  const trades = tradesIn(folder).filter((trade) => trade.quantity > 0);
  expect(trades.map(essence)).toEqual(backtest.trades.map(essence));
  expect(equity).toBe(backtest.endEquity);
});

test.each([
  ['stopped', false],
  ['killed', true],
])('a run that is %s and started again twice ends where an unbroken one does', (_, kill) => {
  const folder = stateFolder();
  play(folder, 'paper001', { instants: 5_003, kill });
  play(folder, 'paper002', { instants: 5_111, kill });
  const equity = play(folder, 'paper003');
  expect(equity).toBe(backtest.endEquity);
  const trades = tradesIn(folder).filter((trade) => trade.quantity > 0);
  expect(trades.map(essence)).toEqual(backtest.trades.map(essence));
});

test('the journal replays to the same digest, through stops and kills', () => {
  const folder = stateFolder();
  play(folder, 'paper001', { instants: 6_000 });
  play(folder, 'paper002', { instants: 5_000, kill: true });
  play(folder, 'paper003');
  const db = openForReading(folder);
  const result = replayJournal(db);
  expect(result.difference).toBe(undefined);
  expect(result.sessions).toBe(3);
  expect(result.decisions).toBeGreaterThan(100);
  const last = [...readJournal(db)].findLast((record) => record.type === 'effects');
  expect(result.digest).toBe(last?.digest);
  db.close();
});
