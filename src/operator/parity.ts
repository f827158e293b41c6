import type { DatabaseSync } from 'node:sqlite';
import { runBacktest } from '../../backtests/run.ts';
import type { BacktestOptions, BacktestResult } from '../../backtests/run-options.ts';
import { composeBacktest } from '../compose.ts';
import type { DecisionRecord } from '../engine/effect.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { DAY_MS } from '../engine/units.ts';
import type { MarketData } from '../market-data.ts';
import { type JournalSpan, readJournalSpan } from './journal-day.ts';

/** Parts of a difference in money, live less backtest; they add up to it. */
export interface PnlParts {
  /** Another quantity at the backtest's result per unit. */
  size: number;
  /** Other prices: slippage, queue, timing of fills and exits. */
  prices: number;
  fees: number;
  funding: number;
  total: number;
}

export type TradeParity =
  | {
      kind: 'both';
      live: TradeRecord;
      backtest: TradeRecord;
      parts: PnlParts;
      /** What differs besides money, in words. */
      notes: string[];
    }
  | { kind: 'onlyLive' | 'onlyBacktest'; trade: TradeRecord; why: string };

export interface ParityReport {
  day: string;
  configHash: string;
  trades: TradeParity[];
  /** Sums over the trades that both made. */
  parts: PnlParts;
  liveNet: number;
  backtestNet: number;
  notes: string[];
}

/**
 * The day's trades of a journal against the backtester on the journal's own bars, from the first
 * decided bar of that configuration on, so that both come into the day with the same state.
 * @param day ISO date, UTC
 * @throws AppError STORE_DAY
 */
export function parityOfDay(db: DatabaseSync, day: string): ParityReport {
  const fromMs = Date.parse(day);
  const span = readJournalSpan(db, { fromMs, toMs: fromMs + DAY_MS });
  const decisions: JournalSpan['decisions'] = [];
  const options = backtestOf(span, fromMs + DAY_MS);
  const result = runBacktest({
    ...options,
    observer: ({ atMs }, effects) => {
      if (atMs < fromMs) return;
      for (const effect of effects) {
        if (effect.kind === 'decision.record') decisions.push({ atMs, record: effect });
      }
    },
  });
  const trades = compare({
    span,
    result,
    decisions,
    fromMs,
    signalMs: options.signalTimeframeMs,
  });
  const both = trades.flatMap((each) => (each.kind === 'both' ? [each.parts] : []));
  const net = (side: 'live' | 'backtest') =>
    trades.reduce((sum, each) => {
      if (each.kind === 'both') return sum + each[side].netPnl;
      return (
        sum +
        (each.kind === (side === 'live' ? 'onlyLive' : 'onlyBacktest') ? each.trade.netPnl : 0)
      );
    }, 0);
  const parts = { size: 0, prices: 0, fees: 0, funding: 0, total: 0 };
  for (const each of both) {
    for (const key of Object.keys(parts) as (keyof PnlParts)[]) parts[key] += each[key];
  }
  const { configHash } = span;
  return {
    ...{ day, configHash, trades, parts },
    liveNet: net('live'),
    backtestNet: net('backtest'),
    notes: notesOf(span, result, fromMs),
  };
}

/** Size, prices, fees, funding: exactly the difference of two results. */
export function pnlParts(live: TradeRecord, backtest: TradeRecord): PnlParts {
  const ratio = backtest.quantity > 0 ? live.quantity / backtest.quantity : 0;
  const liveGross = live.grossPnl + live.hedgePnl;
  const backtestGross = backtest.grossPnl + backtest.hedgePnl;
  const size = (ratio - 1) * backtest.netPnl;
  return {
    size,
    prices: liveGross - ratio * backtestGross,
    fees: -(live.fees - ratio * backtest.fees),
    funding: live.funding - ratio * backtest.funding,
    total: live.netPnl - backtest.netPnl,
  };
}

function backtestOf(span: JournalSpan, toMs: number): BacktestOptions {
  const { kept, series, funding, session, fromMs, startEquity } = span;
  const data = { series, funding, events: kept.events, dataHash: '', calendarHash: '' };
  const options = composeBacktest({
    config: kept.config,
    data: data as unknown as MarketData,
    codeVersion: session.codeVersion,
    configHash: session.configHash,
    equityStopOnBreach: kept.equityStopOnBreach ?? kept.config.risk.equityStopOnBreach,
    fromMs,
    toMs,
  });
  // Filters, brackets and fees of the day, not those the program ships.
  const { instruments, brackets, feeRates } = session;
  return {
    ...options,
    account: { ...options.account, instruments, brackets, feeRates, startEquity },
  };
}

function compare(input: {
  span: JournalSpan;
  result: BacktestResult;
  decisions: JournalSpan['decisions'];
  fromMs: number;
  signalMs: number;
}): TradeParity[] {
  const { span, result, decisions, fromMs, signalMs } = input;
  const live = span.trades.filter(({ quantity }) => quantity > 0);
  const unfilled = span.trades.filter(({ quantity }) => quantity === 0);
  const left = result.trades.filter(({ decidedMs }) => decidedMs >= fromMs);
  const out: TradeParity[] = [];
  for (const trade of live) {
    const at = left.findIndex((other) => isSame(trade, other, signalMs));
    if (at < 0) {
      const other = result.unfilled.some((each) => isSame(trade, each, signalMs));
      const why = other
        ? 'missed fill: the backtest sent the same entry and it was never filled'
        : `the backtest ${whatHappened(decisions, trade, signalMs)}`;
      out.push({ kind: 'onlyLive', trade, why });
      continue;
    }
    const [backtest] = left.splice(at, 1);
    const parts = pnlParts(trade, backtest);
    out.push({ kind: 'both', live: trade, backtest, parts, notes: differences(trade, backtest) });
  }
  for (const trade of left) {
    const isSent = unfilled.some((each) => isSame(trade, each, signalMs));
    const why = isSent
      ? 'missed fill: live sent the same entry and it was never filled'
      : `live ${whatHappened(span.decisions, trade, signalMs)}`;
    out.push({ kind: 'onlyBacktest', trade, why });
  }
  return out.sort((a, b) => decidedMs(a) - decidedMs(b));
}

function isSame(a: TradeRecord, b: TradeRecord, signalMs: number): boolean {
  return (
    a.symbol === b.symbol &&
    a.direction === b.direction &&
    Math.abs(a.decidedMs - b.decidedMs) < signalMs
  );
}

/** What the other side decided about the symbol around that bar. */
function whatHappened(
  decisions: JournalSpan['decisions'],
  trade: TradeRecord,
  signalMs: number,
): string {
  const near = decisions.filter(
    ({ atMs, record }) =>
      record.symbol === trade.symbol && Math.abs(atMs - trade.decidedMs) < signalMs,
  );
  const declined = near.find(({ record }) => record.decision.startsWith('declined'));
  if (declined !== undefined) return `declined it: ${reason(declined.record)}`;
  const [any] = near;
  if (any !== undefined) return `was busy: ${any.record.decision}, ${reason(any.record)}`;
  return 'saw no signal there: other history, or not running';
}

function reason({ reasons }: DecisionRecord): string {
  return reasons.at(-1) ?? 'no reason given';
}

function differences(live: TradeRecord, backtest: TradeRecord): string[] {
  const notes: string[] = [];
  const ms = (name: string, a: number, b: number) => {
    if (Math.abs(a - b) >= 1) notes.push(`${name} ${a > b ? '+' : ''}${Math.round(a - b)} ms`);
  };
  ms('first fill', live.firstFillMs, backtest.firstFillMs);
  ms('closed', live.closedMs, backtest.closedMs);
  if (live.exitReason !== backtest.exitReason) {
    notes.push(`ended by ${live.exitReason}, not by ${backtest.exitReason}`);
  }
  if (live.targetsFilled !== backtest.targetsFilled) {
    notes.push(`targets ${live.targetsFilled}, not ${backtest.targetsFilled}`);
  }
  if (Math.abs(live.makerShare - backtest.makerShare) > 0.01) {
    const share = (value: number) => `${(100 * value).toFixed(0)} %`;
    notes.push(`maker ${share(live.makerShare)}, not ${share(backtest.makerShare)}`);
  }
  const legs = (trade: TradeRecord) =>
    trade.legs.map(({ symbol, outcome }) => `${symbol} ${outcome}`).join(', ');
  if (legs(live) !== legs(backtest)) notes.push(`legs ${legs(live)}; not ${legs(backtest)}`);
  return notes;
}

function notesOf(span: JournalSpan, result: BacktestResult, fromMs: number): string[] {
  const notes = [...result.degradedRules.map((text) => `backtest: ${text}`)];
  if (span.fromMs > fromMs) {
    notes.push(`the first bar was decided at ${new Date(span.fromMs).toISOString()}`);
  }
  if (span.undecidedBars > 0) {
    notes.push(`${span.undecidedBars} bars came as history: live decided nothing on them`);
  }
  if (result.openAtEnd > 0) notes.push(`open at the end in the backtest: ${result.openAtEnd}`);
  return notes;
}

function decidedMs(each: TradeParity): number {
  return each.kind === 'both' ? each.live.decidedMs : each.trade.decidedMs;
}
