import type { TradeRecord } from '../../../src/engine/trade-record.ts';
import { DAY_MS, HOUR_MS } from '../../../src/engine/units.ts';
import type { BacktestResult } from '../../run-options.ts';

export const DAY0 = Date.UTC(2025, 0, 6);

/** A finished long of 1 BTC at 100 with the stop at 99, closed an hour after its entry. */
export function trade(overrides: Partial<TradeRecord> = {}): TradeRecord {
  const r = overrides.tradeR ?? 1;
  return {
    tradeId: 'a',
    strategyId: 'test',
    tag: 'test',
    symbol: 'BTCUSDT',
    direction: 1,
    decidedMs: DAY0 + HOUR_MS,
    firstFillMs: DAY0 + HOUR_MS,
    closedMs: DAY0 + 2 * HOUR_MS,
    quantity: 1,
    decisionPrice: 100,
    midPrice: 100,
    entryPrice: 100,
    exitPrice: 100 + r,
    initialStop: 99,
    finalStop: 99,
    plannedR: 10,
    actualR: 10,
    riskPercent: 0.75,
    tradeR: r,
    grossPnl: 10 * r,
    hedgePnl: 0,
    fees: 0,
    funding: 0,
    slippage: 0,
    netPnl: 10 * r,
    makerShare: 0,
    costRPlanned: 0.1,
    costRWorst: 0.2,
    targetsFilled: r > 0 ? 1 : 0,
    exitReason: r > 0 ? 'targets' : 'stop',
    maeR: 0.5,
    mfeR: 1,
    legs: [],
    reasons: [],
    context: { atr: 1 },
    ...overrides,
  };
}

/** Trades of these R, one a day from DAY0. */
export function tradesOf(...rs: number[]): TradeRecord[] {
  return rs.map((tradeR, i) => {
    const shift = i * DAY_MS;
    return trade({
      tradeId: `t${i}`,
      tradeR,
      decidedMs: DAY0 + HOUR_MS + shift,
      firstFillMs: DAY0 + HOUR_MS + shift,
      closedMs: DAY0 + 2 * HOUR_MS + shift,
    });
  });
}

/** A run over these trades, its equity marked at each close. */
export function resultOf(trades: TradeRecord[], days: number): BacktestResult {
  let equity = 10_000;
  const points = [{ atMs: DAY0, equity }];
  for (const { closedMs, netPnl } of trades) {
    equity += netPnl;
    points.push({ atMs: closedMs, equity });
  }
  const at = (ms: number) => points.findLast((point) => point.atMs <= ms)?.equity ?? 10_000;
  const midnights = Array.from({ length: days + 1 }, (_, i) => DAY0 + i * DAY_MS);
  return {
    startMs: DAY0,
    endMs: DAY0 + days * DAY_MS,
    signalBars: days * 480,
    fineBars: days * 480,
    startEquity: 10_000,
    endEquity: equity,
    trades,
    unfilled: [],
    openAtEnd: 0,
    equity: points,
    days: midnights.map((atMs) => ({ atMs, equity: at(atMs) })),
    alerts: [],
    refusals: {},
    degradedRules: [],
    notices: [],
    ambiguousBars: 0,
    ambiguousTradeIds: [],
    liquidations: 0,
    resolution: [],
    fundingPayments: 0,
    effectDigest: '',
    isInterrupted: false,
  };
}
