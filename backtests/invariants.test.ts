import { beforeAll, describe, expect, it } from 'vitest';
import { simulateMarket } from '../data/simulated/market.ts';
import { composeBacktest } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import type { OrderFilled } from '../src/engine/event.ts';
import { BacktestRun } from './run.ts';

const LATENCY_MS = 50;

interface Observed {
  run: BacktestRun;
  fills: { atMs: number; fill: OrderFilled }[];
  /** Longest time a position was without an acknowledged stop, ms. */
  nakedMsMax: number;
  /** Largest difference between the two books while nothing was in flight, 1e-8 units. */
  cashGapMax: number;
}

/** Runs the composed strategy and watches every event and every effect. */
function observe(sets: string[], seed: number): Observed {
  const { config, hash } = loadConfig({ ignoreFile: true, env: {}, preset: 'smc-stand-in', sets });
  const market = simulateMarket({ seed, days: 12, timeframeMs: 60_000, volatilityScale: 2 });
  const options = composeBacktest({
    config,
    data: {
      kind: 'simulated',
      label: 'SIMULATED',
      series: market.series,
      funding: market.funding
        .flatMap((table) =>
          Array.from(table.times, (atMs, i) => ({
            symbol: table.symbol,
            atMs,
            rate: table.rates[i],
            intervalHours: table.intervalHours[i],
          })),
        )
        .sort((a, b) => a.atMs - b.atMs),
      events: [],
      manifest: [],
      findings: [],
      notes: [],
      dataHash: '',
      calendarHash: '',
    },
    codeVersion: 'test',
    configHash: hash,
    equityStopOnBreach: 'observe',
  });
  const run = new BacktestRun(options);
  const seen: Observed = { run, fills: [], nakedMsMax: 0, cashGapMax: 0 };
  const { engine, exchange } = run;
  const handle = engine.handle.bind(engine);
  engine.handle = (envelope) => {
    const effects = handle(envelope);
    const { event, atMs } = envelope;
    if (event.kind === 'order.filled') seen.fills.push({ atMs, fill: { ...event } });
    const { kernel, open } = engine.inspect();
    for (const trade of open.values()) {
      for (const leg of trade.legs) {
        if (leg.lots === 0 || Number.isNaN(leg.unprotectedSinceMs)) continue;
        seen.nakedMsMax = Math.max(seen.nakedMsMax, atMs - leg.unprotectedSinceMs);
      }
    }
    if (exchange.isIdle) {
      const gap = kernel.portfolio.cashUnits() - exchange.portfolio.cashUnits();
      seen.cashGapMax = Math.max(seen.cashGapMax, Math.abs(gap));
    }
    return effects;
  };
  while (run.advance(10_000));
  return seen;
}

describe.each([
  ['BTC alone', []],
  ['with hedge legs', ['hedge.mode="proportional"', 'risk.costRMax=2']],
  ['entries at the market', ['entry.mode="taker"', 'risk.costRMax=1']],
])('a run of the strategy, %s', (_, sets) => {
  let seen: Observed;
  beforeAll(() => {
    seen = observe(sets, 11);
  });

  it('trades', () => {
    expect(seen.run.finish().trades.length).toBeGreaterThan(5);
  });

  it('fills inside the range of the bar it filled in, never in the bar that decided', () => {
    const { run, fills } = seen;
    for (const { atMs, fill } of fills) {
      const bars = run.bars(fill.symbol);
      const index = Math.floor((atMs - LATENCY_MS - bars.openTime[0]) / bars.timeframeMs);
      const price = fill.priceTicks * run.engine.inspect().kernel.instrument(fill.symbol).tick;
      expect(price).toBeGreaterThanOrEqual(bars.low[index] - 1e-6);
      expect(price).toBeLessThanOrEqual(bars.high[index] + 1e-6);
    }
    for (const trade of run.finish().trades) {
      expect(trade.firstFillMs).toBeGreaterThanOrEqual(trade.decidedMs + 2 * LATENCY_MS);
    }
  });

  it('keeps the venue’s books and ours equal to the unit', () => {
    expect(seen.cashGapMax).toBe(0);
    seen.run.engine.inspect().kernel.portfolio.assertBalanced();
    seen.run.exchange.portfolio.assertBalanced();
  });

  it('ends with start equity plus the sum of net profits', () => {
    const result = seen.run.finish();
    expect(result.openAtEnd).toBe(0);
    const sum = result.trades.reduce((total, trade) => total + trade.netPnl, 0);
    expect(result.endEquity).toBeCloseTo(result.startEquity + sum, 5);
  });

  it('never holds a position without a working stop for longer than two seconds', () => {
    expect(seen.nakedMsMax).toBeLessThanOrEqual(2_000);
  });

  it('leaves no hedge leg behind when BTC is flat', () => {
    const result = seen.run.finish();
    expect(result.notices.filter((notice) => notice.level === 'alarm')).toEqual([]);
    for (const symbol of ['ETHUSDT', 'SOLUSDT']) {
      const { portfolio } = seen.run.engine.inspect().kernel;
      expect(portfolio.position(symbol)?.lots ?? 0).toBe(0);
    }
  });
});
