import { describe, expect, it } from 'vitest';
import { type TypedRow, typedTape } from '../../data/recorded/testing/typed-tape.ts';
import type { HedgePlan, Intent, TradePlan } from '../../src/engine/plan.ts';
import type { RiskRule } from '../../src/engine/risk-gate.ts';
import { testPlan, testSpec } from '../../src/engine/testing/engine-fixture.ts';
import { BTC, MINUTE, type Row, START_MS } from '../exchange/testing/venue-driver.ts';
import { BacktestRun } from '../run.ts';
import { enter, FEE_RATES, flat, TIERS, tradeOptions } from './trade-harness.ts';

// The setting of every row. 10,000 USDT, leverage 20, fees 0.02 % / 0.05 %, no slippage, 50 ms each
// way. The close of minute 0 at 100,000 decides; `bars` begin with minute 1. Unless said otherwise:
// long, stop 99,500, risk 0.75 % = 75 USDT, IOC up to 100,000 x 1.0006 = 100,060, no targets. So
// quantity = 75 / (560 + 100,060 x 0.05 % + 99,500 x 0.05 %) = 75 / 659.78 = 0.1136 -> 0.113 BTC;
// filled at 100,000 its fee is 5.65, and that of the stop 99,500 x 0.113 x 0.05 % = 5.62175.
export interface Scenario {
  fact: string;
  plan?: Partial<TradePlan>;
  /** Further intents by the minute at whose close they are made. */
  later?: Record<number, Intent[]>;
  bars: Row[];
  /** ETH beside it, from minute 0 on; the last bar goes on. */
  eth?: Row[];
  rules?: () => RiskRule[];
  leverage?: number;
  isBestCase?: boolean;
  makerFromBars?: boolean;
  hasTiers?: boolean;
  ethTrades?: boolean;
  /** Rate settled at the end of minute 2. */
  fundingRate?: number;
  /** Leverage by closed trades; `leverage` when left out. */
  leverageAfter?: (closedTrades: number) => number;
  /** Of every taker fill, inside the range of its bar. */
  slippage?: number;
  /** A recorded book of all the minutes, from minute 0 on. */
  book?: TypedRow[];
  /** Exit reason of the first trade; `refused:<rule>` when there is none. */
  ends: string;
  quantity?: number;
  /** The arithmetic, and its result in USDT. */
  sum: string;
  net: number;
}

export const P = 100_000;
export const DROP: Row = [P, P, 99_400, 99_600];
export const calm = (minutes: number, price = P): Row[] =>
  Array.from({ length: minutes }, () => flat(price));
export const entry = (mode: TradePlan['entry']['mode'], midPrice = 99_900) => ({
  entry: { ...testPlan().entry, mode, midPrice },
});
export const SHORT = { direction: -1, stopPrice: 100_500 } as const;
export const LADDER = {
  targets: [
    { atR: 1, fraction: 0.3 },
    { atR: 1.5, fraction: 0.3 },
  ],
};
export const ALL_AT_1R = { targets: [{ atR: 1, fraction: 1 }] };
export const UP_TO_TP1: Row = [P, 100_600, P, 100_600];
export const trail = (stopPrice: number): Intent => ({ kind: 'trail', symbol: BTC, stopPrice });
export const hedge = (change: Partial<HedgePlan> = {}, stopPrice = 4_100): HedgePlan => ({
  makerWaitMs: 1_500,
  onFail: 'exitBtc',
  legs: [
    {
      symbol: 'ETHUSDT',
      direction: -1,
      notionalRatio: 0.3,
      beta: 1.1,
      correlation: 0.8,
      stopPrice,
      price: 4_000,
    },
  ],
  ...change,
});

/** One test a row: simulator and engine give exactly the number typed in. */
export function runScenarios(title: string, scenarios: readonly Scenario[]): void {
  describe(`by hand: ${title}`, () => {
    it.each(scenarios)('$fact: $sum = $net', (scenario) => {
      const run = play(scenario);
      const result = run.finish();
      const all = [...result.trades, ...result.unfilled];
      const refused = Object.keys(result.refusals).map((rule) => `refused:${rule}`);
      expect([...all.map((trade) => trade.exitReason), ...refused].join(', ')).toBe(scenario.ends);
      if (scenario.quantity !== undefined) expect(all[0].quantity).toBe(scenario.quantity);
      expect(result.openAtEnd).toBe(0);
      // To the unit of 1e-8 USDT: fees are rounded up to it.
      expect(result.endEquity - 10_000).toBeCloseTo(scenario.net, 6);
      const { portfolio } = run.engine.inspect().kernel;
      expect(portfolio.cashUnits()).toBe(run.exchange.portfolio.cashUnits());
      expect(run.exchange.isIdle).toBe(true);
    });
  });
}

function play(scenario: Scenario): BacktestRun {
  const { bars, eth, plan, later = {}, rules, leverage = 20, fundingRate, slippage = 0 } = scenario;
  const btc = [flat(P), ...bars];
  // Time for the last facts to arrive; the price stays at the last close.
  for (let i = 0; i < 2; i++) btc.push(flat(btc[btc.length - 1][3]));
  const legs = eth && btc.map((_, i) => eth[Math.min(i, eth.length - 1)]);
  const span = { fromMs: START_MS, toMs: START_MS + btc.length * MINUTE };
  const book = scenario.book && typedTape(BTC, scenario.book, { ...span, bookSpans: [span] });
  const specs = [testSpec(BTC), { ...testSpec('ETHUSDT'), trading: scenario.ethTrades ?? true }];
  const run = new BacktestRun(
    tradeOptions(
      { btc, eth: legs },
      { ...later, 0: [enter(plan)] },
      {
        rules: rules?.() ?? [],
        costs: { slippageFraction: () => slippage },
        tapes: book && [book],
        funding:
          fundingRate === undefined
            ? []
            : [{ symbol: BTC, atMs: START_MS + 3 * MINUTE, rate: fundingRate, intervalHours: 8 }],
        account: {
          instruments: specs,
          leverageAfter: scenario.leverageAfter ?? (() => leverage),
          brackets: scenario.hasTiers ? { [BTC]: TIERS } : {},
          feeRates: { [BTC]: FEE_RATES, ETHUSDT: FEE_RATES },
        },
        venue: {
          pathOrder: scenario.isBestCase ? 'best' : 'worst',
          makerFromBars: scenario.makerFromBars ?? false,
        },
      },
    ),
  );
  while (run.advance(1_000));
  return run;
}
