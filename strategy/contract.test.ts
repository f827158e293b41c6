import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BacktestRun, runBacktest } from '../backtests/run.ts';
import type { BacktestOptions } from '../backtests/run-options.ts';
import { sliceBars } from '../data/bars/bars.ts';
import { simulateMarket } from '../data/simulated/market.ts';
import { composeBacktest } from '../src/compose.ts';
import { loadConfig } from '../src/config.ts';
import type { BarClosed } from '../src/engine/event.ts';
import { decode, encode } from '../src/engine/journal-codec.ts';
import type { Strategy, StrategyView } from '../src/engine/strategy.ts';
import { STRATEGIES } from './catalog.ts';

const DAYS = 12;
const market = simulateMarket({ seed: 11, days: DAYS, timeframeMs: 60_000 });
const HEDGES = ['off', 'proportional'] as const;

/** Fresh options of the strategy on the simulated market, cut to its first `bars` minutes. */
function optionsFor(hedge: string, bars = market.series[0].length): BacktestOptions {
  const { config } = loadConfig({ preset: 'smc-stand-in', sets: [`hedge.mode=${hedge}`], env: {} });
  return composeBacktest({
    config,
    data: {
      kind: 'simulated',
      label: market.label,
      series: market.series.map((series) => sliceBars(series, 0, bars)),
      funding: [],
      events: [],
      manifest: [],
      findings: [],
      notes: [],
      dataHash: '',
      calendarHash: '',
    },
    codeVersion: 'test',
    configHash: 'test',
    equityStopOnBreach: 'observe',
  });
}

describe('the catalogue', () => {
  it('lists every strategy folder, and only those', () => {
    const folder = import.meta.dirname;
    const found = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .filter((entry) => existsSync(join(folder, entry.name, `${entry.name}.ts`)))
      .map((entry) => entry.name);
    expect(found.sort()).toEqual(STRATEGIES.map((entry) => entry.folder).sort());
  });
});

describe.each(HEDGES)('btcalpha, hedge %s', (hedge) => {
  const whole = runBacktest(optionsFor(hedge));

  it('trades at all, or the rest proves nothing', () => {
    expect(whole.trades.length).toBeGreaterThan(5);
    if (hedge !== 'off') {
      expect(whole.trades.some((trade) => trade.legs.some((leg) => leg.quantity > 0))).toBe(true);
    }
  });

  it('is deterministic to the last effect', () => {
    const again = runBacktest(optionsFor(hedge));
    expect(again.effectDigest).toBe(whole.effectDigest);
    expect(again.trades).toEqual(whole.trades);
  });

  it('does not look ahead: every prefix of the data decides the same', () => {
    for (const share of [0.35, 0.6, 0.85]) {
      const bars = Math.floor(market.series[0].length * share);
      const cut = runBacktest(optionsFor(hedge, bars));
      const known = whole.trades.filter((trade) => trade.closedMs <= cut.endMs);
      expect(cut.trades).toEqual(known);
      expect(cut.alerts).toEqual(whole.alerts.filter((alert) => alert.atMs <= cut.endMs));
    }
  });

  it('never holds a position without a working stop beyond two seconds', () => {
    const run = new BacktestRun(optionsFor(hedge));
    while (run.advance(1)) {
      const { open, kernel } = run.engine.inspect();
      for (const trade of open.values()) {
        for (const leg of trade.legs) {
          if (Number.isNaN(leg.unprotectedSinceMs)) continue;
          expect(kernel.nowMs - leg.unprotectedSinceMs).toBeLessThanOrEqual(2_000);
        }
      }
    }
    expect(run.finish().effectDigest).toBe(whole.effectDigest);
  });

  it('leaves no leg open when BTC is flat, and books every unit', () => {
    const net = whole.trades.reduce((sum, trade) => sum + trade.netPnl, 0);
    if (whole.openAtEnd === 0) expect(whole.endEquity).toBeCloseTo(whole.startEquity + net, 6);
    for (const trade of whole.trades) {
      for (const leg of trade.legs) if (leg.quantity > 0) expect(leg.exitPrice).toBeGreaterThan(0);
    }
  });

  it('decides the same after a snapshot in the middle', () => {
    const straight = optionsFor(hedge).strategies[0];
    const stopped = optionsFor(hedge).strategies[0];
    let current: Strategy = stopped;
    const count = market.series[0].length;
    const seen = { straight: [] as unknown[], stopped: [] as unknown[] };
    feed(count, (bar, i) => {
      if (i === Math.floor(count / 2)) {
        const saved = decode(encode(current.save()));
        current = optionsFor(hedge).strategies[0];
        current.load(saved);
      }
      seen.straight.push(...structuredClone(straight.onBar(bar, QUIET)));
      seen.stopped.push(...structuredClone(current.onBar(bar, QUIET)));
    });
    expect(seen.straight.length).toBeGreaterThan(5);
    expect(seen.stopped).toEqual(seen.straight);
  });
});

/** A view without trades: only signals are of interest. */
const QUIET: StrategyView = {
  nowMs: 0,
  tradeOn: () => undefined,
  bid: () => Number.NaN,
  ask: () => Number.NaN,
  fundingRate: () => Number.NaN,
  fundingIntervalHours: () => 8,
};

/** Minutes of all symbols and the 3m bars that close with them, main symbol last. */
function feed(count: number, onBar: (bar: BarClosed, index: number) => void): void {
  const coarse = simulateMarket({ seed: 11, days: DAYS, timeframeMs: 180_000 }).series;
  const order = [...market.series.keys()].reverse();
  for (let i = 0; i < count; i++) {
    for (const s of order) onBar(barAt(market.series[s], i), i);
    if (i % 3 !== 2) continue;
    for (const s of order) onBar(barAt(coarse[s], (i - 2) / 3), i);
  }
}

function barAt(bars: (typeof market.series)[number], i: number): BarClosed {
  return {
    kind: 'bar.closed',
    symbol: bars.symbol,
    timeframeMs: bars.timeframeMs,
    openTime: bars.openTime[i],
    open: bars.open[i],
    high: bars.high[i],
    low: bars.low[i],
    close: bars.close[i],
    volume: bars.volume[i],
    takerBuyVolume: bars.takerBuyVolume[i],
    isWarmUp: false,
  };
}
