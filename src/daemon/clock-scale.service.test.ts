import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runBacktest } from '../../backtests/run.ts';
import type { BacktestOptions, BacktestResult } from '../../backtests/run-options.ts';
import { type Bars, createBars } from '../../data/bars/bars.ts';
import { simulateMarket } from '../../data/simulated/market.ts';
import { composeBacktest } from '../compose.ts';
import { loadConfig } from '../config.ts';
import type { AlertRaise } from '../engine/effect.ts';
import type { BarClosed } from '../engine/event.ts';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { replayJournal } from '../live/replay-journal.ts';
import type { MarketData } from '../market-data.ts';
import { openForReading } from '../store/open-store.ts';
import { readJournal } from '../store/store-state.ts';
import { DaemonProcess, pointedAt, startMarket, stateFolder } from './testing/daemon-rig.ts';

const SCALE = 60;
/** `QCM_SOAK_SECONDS=600` for ten hours of market. */
const WALL_MS = Number(process.env.QCM_SOAK_SECONDS ?? 50) * 1_000;
const MARKET_MINUTES = (WALL_MS * SCALE) / 60_000;
const DAYS = 14;
const SEED = 1;
const BAR_MS = 180_000;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
/** Many signals, taken at once: an hour of market has to hold some decisions. */
const SETS = [
  ...['hedge.mode=proportional', 'guards.volatilityMultiple=9', 'entry.mode=taker'],
  ...['signal.contextExpression=', 'signal.alertExpression={TRAIL_BULL} OR {HW_CROSS_UP}'],
];
const { config, hash } = loadConfig({ ignoreFile: true, env: {}, preset: 'documents', sets: SETS });

function optionsFor(series: Bars[], fromMs?: number): BacktestOptions {
  return composeBacktest({
    ...{ config, codeVersion: 'test', configHash: hash, fromMs },
    data: { series, funding: [], events: [] } as unknown as MarketData,
    equityStopOnBreach: 'observe',
  });
}

/** Minute at which an hour begins that holds as many alerts as any; late, for the history. */
function busyMinute(): { minute: number; alerts: number } {
  const { series } = simulateMarket({ seed: SEED, days: DAYS, timeframeMs: BAR_MS });
  const startMs = series[0].openTime[0];
  const times = runBacktest(optionsFor(series)).alerts.map(({ atMs }) => atMs);
  let best = { minute: 0, alerts: 0 };
  for (const time of times) {
    const fromMs = time - 3 * BAR_MS;
    const minute = (fromMs - startMs) / 60_000;
    const alerts = times.filter((each) => each >= fromMs && each < fromMs + 12 * BAR_MS).length;
    const isLate = minute > 6_000 && minute < DAYS * 1_440 - MARKET_MINUTES - 60;
    if (isLate && alerts > best.alerts) best = { minute, alerts };
  }
  return best;
}

function columns(symbol: string, told: readonly BarClosed[]): Bars {
  const mine = told.filter((bar) => bar.symbol === symbol);
  const source = { kind: 'simulated' } as unknown as Bars['source'];
  const bars = createBars({ symbol, timeframeMs: BAR_MS, length: mine.length, source });
  for (const [i, bar] of mine.entries()) {
    for (const name of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const) {
      bars[name][i] = bar[name];
    }
    bars.takerBuyVolume[i] = bar.takerBuyVolume;
  }
  return bars;
}

interface Decision {
  closeMs: number;
  side: string;
  price: number;
  tags: string;
}

const decision = (
  closeMs: number,
  { side, price, tags }: Pick<AlertRaise, 'side' | 'price' | 'tags'>,
) => ({ closeMs, side, price, tags: tags.join(' ') }) satisfies Decision;

/** What the daemon saw and decided, from its journal. */
function journalOf(state: string) {
  const db = openForReading(state);
  const bars: BarClosed[] = [];
  const alerts: Decision[] = [];
  const gaps: string[] = [];
  const entries: number[] = [];
  let last: BarClosed | undefined;
  for (const record of readJournal(db)) {
    if (record.type === 'event') {
      const { event } = record.envelope;
      last = event.kind === 'bar.closed' ? event : undefined;
      if (last !== undefined) bars.push(last);
      if (event.kind === 'feed.gapped' || event.kind === 'clock.stepped')
        gaps.push(JSON.stringify(event));
    } else if (record.type === 'effects' && last !== undefined) {
      const closeMs = last.openTime + BAR_MS;
      for (const effect of record.effects) {
        if (effect.kind === 'alert.raise') alerts.push(decision(closeMs, effect));
        if (effect.kind === 'order.submit' && effect.request.role === 'entry')
          entries.push(closeMs);
      }
    }
  }
  const replay = replayJournal(db);
  const rows = db.prepare('SELECT text FROM trades ORDER BY closed_ms').all();
  const trades = rows.map((row) => decode(String(row.text)) as TradeRecord);
  db.close();
  return { bars, alerts, entries, trades, gaps, replay };
}

/**
 * Fills are not the same: paper walks what the feed tells, a backtest walks bars, and 2 s to protect
 * are 33 ms of a busy machine here. Entries are compared for as long as the account is: up to the
 * first trade that ended otherwise.
 */
function expectSameEntries(lived: ReturnType<typeof journalOf>, expected: BacktestResult): void {
  const { trades, unfilled, openAtEnd } = expected;
  const decided = [...trades, ...unfilled].sort((a, b) => a.decidedMs - b.decidedMs);
  const isOther = (reason: string, i: number) =>
    lived.trades[i] !== undefined && lived.trades[i].exitReason !== reason;
  const other = decided.findIndex(({ exitReason }, i) => isOther(exitReason, i));
  const same = other < 0 ? decided.length : other + 1;
  const times = decided.slice(0, same).map(({ decidedMs }) => decidedMs);
  expect(lived.entries.slice(0, same)).toEqual(times);
  if (other < 0) expect(lived.entries.length).toBe(decided.length + openAtEnd);
  console.info(`${same} of ${decided.length} entries compared`);
}

test(
  'an hour of paper in a minute decides what a backtest of its bars decides',
  async () => {
    const { minute, alerts } = busyMinute();
    expect(alerts).toBeGreaterThan(1);
    const market = { seed: SEED, days: DAYS, historyMinutes: minute, clockScale: SCALE };
    const server = await startMarket(market);
    const state = stateFolder();
    const sets = SETS.flatMap((each) => ['--set', each]);
    const daemon = new DaemonProcess(
      ['run', '--state', state, '--trade', 'documents', '--clock-scale', String(SCALE), ...sets],
      pointedAt(server),
    );
    await daemon.says('READY', 60_000);
    await sleep(WALL_MS);
    expect(await daemon.end('SIGTERM'), daemon.output).toEqual({ code: 0, signal: null });
    await server.stop();

    const lived = journalOf(state);
    const live = lived.bars.filter(({ isWarmUp }) => !isWarmUp);
    const fromMs = Math.min(...live.map(({ openTime }) => openTime));
    const bars = live.filter(({ symbol }) => symbol === 'BTCUSDT').length;
    expect(bars).toBeGreaterThanOrEqual(Math.floor(MARKET_MINUTES / 3) - 3);
    const expected = runBacktest(
      optionsFor(
        SYMBOLS.map((s) => columns(s, lived.bars)),
        fromMs,
      ),
    );
    const told = expected.alerts
      .filter(({ atMs }) => atMs > fromMs)
      .map((alert) => decision(alert.atMs, alert));
    console.info(`${live.length} bars, ${told.length} alerts, ${lived.entries.length} entries`);
    console.info(daemon.output.match(/memory .*/g)?.join('\n'), lived.gaps);
    expect(told.length).toBeGreaterThan(0);
    expect(lived.alerts).toEqual(told);
    expectSameEntries(lived, expected);
    expect(lived.replay.difference).toBeUndefined();
    const heaps = [...daemon.output.matchAll(/heap ([\d.]+) MB, (\d+) handles/g)];
    expect(heaps.length).toBe(2);
    const [[, heapBefore, handlesBefore], [, heapAfter, handlesAfter]] = heaps;
    expect(Number(heapAfter) - Number(heapBefore)).toBeLessThan(5 + MARKET_MINUTES / 60);
    expect(Number(handlesAfter)).toBeLessThanOrEqual(Number(handlesBefore) + 1);
  },
  180_000 + WALL_MS,
);
