import { describe, expect, it } from 'vitest';
import type { BarClosed, EngineEvent } from '../src/engine/event.ts';
import { type Intent, NO_INTENTS, type TradePlan } from '../src/engine/plan.ts';
import type { Strategy } from '../src/engine/strategy.ts';
import { testPlan, testSpec } from '../src/engine/testing/engine-fixture.ts';
import { BTC, barsOf, MINUTE, type Row, START_MS } from './exchange/testing/venue-driver.ts';
import { BacktestRun, runBacktest, runBacktestInSlices } from './run.ts';
import type { BacktestOptions } from './run-options.ts';

/** Enters once, at the close of the given 3m bar; writes down every bar it is shown. */
class OneTrade implements Strategy {
  readonly id = 'script';
  readonly symbols = [BTC, 'ETHUSDT'];
  readonly seen: string[] = [];
  private readonly atBar: number;
  private readonly plan: TradePlan;
  private bars = 0;

  constructor(atBar: number, plan: Partial<TradePlan> = {}) {
    this.atBar = atBar;
    this.plan = testPlan(plan);
  }

  onBar(bar: BarClosed): readonly Intent[] {
    const minute = (bar.openTime - START_MS) / MINUTE;
    this.seen.push(`${bar.symbol.slice(0, 3)} ${bar.timeframeMs / MINUTE}m ${minute}`);
    if (bar.symbol !== BTC || bar.timeframeMs !== 3 * MINUTE) return NO_INTENTS;
    if (this.bars++ !== this.atBar) return NO_INTENTS;
    return [{ kind: 'enter', plan: this.plan }];
  }

  save(): unknown {
    return this.bars;
  }

  load(state: unknown): void {
    this.bars = state as number;
  }
}

const FLAT: Row = [100_000, 100_000, 100_000, 100_000];
const three: Row[] = [FLAT, FLAT, FLAT];

function options(rows: Row[], overrides: Partial<BacktestOptions> = {}): BacktestOptions {
  return {
    feeds: [barsOf(rows)],
    mainSymbol: BTC,
    signalTimeframeMs: 3 * MINUTE,
    funding: [],
    strategies: [new OneTrade(0)],
    rules: [],
    costs: { slippageFraction: () => 0 },
    account: {
      startEquity: 10_000,
      quoteAsset: 'USDT',
      leverageAfter: () => 20,
      instruments: [testSpec(BTC), testSpec('ETHUSDT')],
      brackets: {},
      feeRates: {
        [BTC]: { makerE8: 20_000, takerE8: 50_000 },
        ETHUSDT: { makerE8: 20_000, takerE8: 50_000 },
      },
    },
    venue: { orderLatencyMs: 50, responseLatencyMs: 50, pathOrder: 'worst', makerFromBars: false },
    fingerprints: { codeVersion: 'test', configHash: '', dataHash: '', calendarHash: '' },
    ...overrides,
  };
}

// Every plan: long, decided at 100,000, stop 99,500, 75 USDT at risk, IOC up to 100,060.
// Quantity 75 / (560 + 100,060 x 0.05 % + 99,500 x 0.05 %) = 0.113 BTC; R of the fill 500.
const QTY = 0.113;
const FEE_IN = 100_000 * QTY * 0.0005;

interface Scenario {
  fact: string;
  plan?: Partial<TradePlan>;
  overrides?: Partial<BacktestOptions>;
  /** Bars after the three that make the decision. */
  bars: Row[];
  reason: string;
  /** Net profit in USDT, from prices and fees alone. */
  net: number;
  exit?: number;
}

const TP1 = { atR: 1, fraction: 0.3 };
const TP2 = { atR: 1.5, fraction: 0.3 };
const fee = (price: number, quantity: number, rate = 0.0005) => price * quantity * rate;

const SCENARIOS: Scenario[] = [
  {
    fact: 'the stop is hit: the loss is the distance and two taker fees',
    bars: [[100_000, 100_000, 99_400, 99_600]],
    reason: 'stop',
    net: -500 * QTY - FEE_IN - fee(99_500, QTY),
    exit: 99_500,
  },
  {
    fact: 'a gap through the stop: the loss is what the open says',
    bars: [FLAT, [99_000, 99_100, 98_900, 99_000]],
    reason: 'stop',
    net: -1_000 * QTY - FEE_IN - fee(99_000, QTY),
    exit: 99_000,
  },
  {
    fact: 'both targets, then the stop at break-even: 33 and 33 of 113 lots, 47 left',
    // Break-even: the fees so far a unit, (5.65 + 0.6633) / 0.113, and 50 for the way out: 105.9 in
    // ticks. The second target starts the trail, which never moves the stop here.
    bars: [
      [100_000, 100_600, 100_000, 100_600],
      [100_600, 101_000, 100_600, 101_000],
      [101_000, 101_000, 99_900, 100_000],
    ],
    reason: 'breakEven',
    net:
      500 * 0.033 +
      750 * 0.033 +
      105.9 * 0.047 -
      FEE_IN -
      fee(100_500, 0.033, 0.0002) -
      fee(100_750, 0.033, 0.0002) -
      fee(100_105.9, 0.047),
  },
  {
    fact: 'the raised stop and the second target in one bar: the stop is taken, 80 lots at 100,105.9',
    bars: [[100_000, 101_000, 100_000, 101_000]],
    reason: 'breakEven',
    net: 500 * 0.033 + 105.9 * 0.08 - FEE_IN - fee(100_500, 0.033, 0.0002) - fee(100_105.9, 0.08),
  },
  {
    fact: 'stop and target in one bar: the stop is taken',
    bars: [[100_000, 101_000, 99_000, 100_000]],
    reason: 'stop',
    net: -500 * QTY - FEE_IN - fee(99_500, QTY),
  },
  {
    fact: 'the timeout closes at the market 30 minutes after the first fill',
    bars: [...Array.from({ length: 29 }, () => FLAT), [100_000, 100_200, 100_000, 100_200], FLAT],
    // Fill at +100 ms, its news at +950... the exit meets the open of minute 30: 100,000.
    reason: 'timeout',
    net: -FEE_IN - fee(100_000, QTY),
  },
  {
    fact: 'a single target for everything ends as targets',
    plan: { targets: [{ atR: 1, fraction: 1 }] },
    bars: [[100_000, 100_600, 100_000, 100_500]],
    reason: 'targets',
    net: 500 * QTY - FEE_IN - fee(100_500, QTY, 0.0002),
  },
  {
    fact: 'post-only is not credited from bars: after 700 ms the IOC takes the open',
    plan: { entry: { ...testPlan().entry, mode: 'touch' } },
    bars: [[100_000, 100_000, 99_400, 99_600]],
    reason: 'stop',
    net: -500 * QTY - FEE_IN - fee(99_500, QTY),
  },
  {
    fact: 'an open more than 0.06 % away: no trade',
    bars: [[100_061, 100_061, 100_061, 100_061]],
    reason: 'notFilled',
    net: 0,
  },
];

describe('a trade through engine and simulated exchange', () => {
  for (const { fact, plan, overrides, bars, reason, net, exit } of SCENARIOS) {
    it(fact, () => {
      const strategies = [new OneTrade(0, { targets: [TP1, TP2], ...plan })];
      const run = new BacktestRun(
        options([...three, ...bars, FLAT, FLAT], { strategies, ...overrides }),
      );
      while (run.advance(100));
      const result = run.finish();
      const [trade] = reason === 'notFilled' ? result.unfilled : result.trades;
      expect(trade.exitReason).toBe(reason);
      expect(trade.netPnl).toBeCloseTo(net, 6);
      expect(result.endEquity).toBeCloseTo(10_000 + net, 6);
      if (exit !== undefined) expect(trade.exitPrice).toBe(exit);
      const { portfolio } = run.engine.inspect().kernel;
      portfolio.assertBalanced();
      // The venue keeps books of its own: they agree to the unit.
      expect(portfolio.cashUnits()).toBe(run.exchange.portfolio.cashUnits());
      expect(run.exchange.isIdle).toBe(true);
    });
  }

  it('pays funding on what is held at the time, longs to shorts', () => {
    const funding = [{ symbol: BTC, atMs: START_MS + 5 * MINUTE, rate: 0.0001, intervalHours: 8 }];
    const rows: Row[] = [...three, FLAT, FLAT, FLAT, [100_000, 100_000, 99_400, 99_600], FLAT];
    const [trade] = runBacktest(options(rows, { funding })).trades;
    expect(trade.funding).toBeCloseTo(-100_000 * QTY * 0.0001, 8);
  });

  it('reports a bar with both stop and target as ambiguous, and the best case beside it', () => {
    const rows: Row[] = [...three, [100_000, 101_000, 99_000, 100_000], FLAT, FLAT];
    const worst = runBacktest(options(rows));
    const venue = { ...options(rows).venue, pathOrder: 'best' as const };
    const best = runBacktest(options(rows, { venue, strategies: [new OneTrade(0)] }));
    expect(worst.ambiguousTradeIds).toEqual([worst.trades[0].tradeId]);
    expect(best.endEquity).toBeGreaterThan(worst.endEquity);
  });

  it('never decides and fills inside the same bar', () => {
    const rows: Row[] = [...three, [100_000, 100_000, 99_400, 99_600], FLAT];
    const [trade] = runBacktest(options(rows)).trades;
    expect(trade.firstFillMs).toBeGreaterThan(trade.decidedMs);
    expect(trade.decidedMs).toBe(START_MS + 3 * MINUTE);
  });
});

describe('the order of events', () => {
  it('shows detail bars before signal bars, and the main symbol last', () => {
    const strategy = new OneTrade(99);
    const eth = barsOf(three, 'ETHUSDT');
    runBacktest(options(three, { feeds: [barsOf(three), eth], strategies: [strategy] }));
    expect(strategy.seen).toEqual([
      'ETH 1m 0',
      'BTC 1m 0',
      'ETH 1m 1',
      'BTC 1m 1',
      'ETH 1m 2',
      'BTC 1m 2',
      'ETH 3m 0',
      'BTC 3m 0',
    ]);
  });

  it('tells a signal bar whose last minute is missing late, but tells it', () => {
    const strategy = new OneTrade(99);
    const bars = barsOf([FLAT, FLAT, FLAT, FLAT]);
    bars.openTime[2] = START_MS + 4 * MINUTE;
    bars.openTime[3] = START_MS + 5 * MINUTE;
    runBacktest(options(three, { feeds: [bars], strategies: [strategy] }));
    expect(strategy.seen).toEqual([
      'BTC 1m 0',
      'BTC 1m 1',
      'BTC 3m 0',
      'BTC 1m 4',
      'BTC 1m 5',
      'BTC 3m 3',
    ]);
  });

  it('gives time, sequence and facts to the engine in one total order', () => {
    const run = new BacktestRun(options([...three, [100_000, 100_000, 99_400, 99_600], FLAT]));
    const stamps: [number, number, EngineEvent['kind']][] = [];
    const handle = run.engine.handle.bind(run.engine);
    run.engine.handle = (envelope) => {
      stamps.push([envelope.seq, envelope.atMs, envelope.event.kind]);
      return handle(envelope);
    };
    while (run.advance(10));
    for (let i = 1; i < stamps.length; i++) {
      expect(stamps[i][0]).toBe(stamps[i - 1][0] + 1);
      expect(stamps[i][1]).toBeGreaterThanOrEqual(stamps[i - 1][1]);
    }
    expect(stamps.map(([, , kind]) => kind)).toContain('stop.triggered');
  });
});

describe('the span', () => {
  it('warms up before `from` and counts signal bars after it', () => {
    const rows = Array.from({ length: 30 }, () => FLAT);
    const early = runBacktest(options(rows, { fromMs: START_MS + 6 * MINUTE }));
    // The plan came at the first 3m bar, which only warms up.
    expect(early.trades.length + early.unfilled.length + early.openAtEnd).toBe(0);
    expect(early.signalBars).toBe(8);
    const few = runBacktest(options(rows, { fromMs: START_MS + 6 * MINUTE, barsMax: 3 }));
    expect(few.signalBars).toBe(3);
    expect(few.endMs).toBe(START_MS + 15 * MINUTE);
  });

  it('repeats itself exactly', () => {
    const rows: Row[] = [...three, [100_000, 101_000, 99_000, 100_000], FLAT, FLAT];
    const twice = [
      runBacktest(options(rows)),
      runBacktest(options(rows, { strategies: [new OneTrade(0)] })),
    ];
    expect(twice[0].effectDigest).toBe(twice[1].effectDigest);
    expect(twice[0]).toEqual(twice[1]);
  });

  it('keeps what there is when interrupted', async () => {
    const rows = Array.from({ length: 200_000 }, () => FLAT);
    const control = new AbortController();
    const onProgress = () => control.abort();
    const result = await runBacktestInSlices(options(rows), { onProgress, signal: control.signal });
    expect(result.isInterrupted).toBe(true);
    expect(result.fineBars).toBe(50_000);
  });

  it('refuses data that cannot make the signal timeframe', () => {
    expect(() => runBacktest(options(three, { signalTimeframeMs: 90_000 }))).toThrow(/do not fit/);
    expect(() => runBacktest(options(three, { mainSymbol: 'SOLUSDT' }))).toThrow(/no bars of SOL/);
  });
});
