import type { Bars } from '../../data/bars/bars.ts';
import type { BarClosed } from '../../src/engine/event.ts';
import type { BracketTier } from '../../src/engine/instrument-spec.ts';
import { type Intent, NO_INTENTS, type TradePlan } from '../../src/engine/plan.ts';
import type { Strategy } from '../../src/engine/strategy.ts';
import { TEST_SYMBOLS, testPlan, testSpec } from '../../src/engine/testing/engine-fixture.ts';
import { BTC, barsOf, MINUTE, type Row, START_MS } from '../exchange/testing/venue-driver.ts';
import type { BacktestOptions } from '../run-options.ts';

/** Intents by the minute whose BTC bar closes, counted from 0. */
export type Script = Readonly<Record<number, readonly Intent[]>>;

/** Returns the intents of its script at the close of one-minute BTC bars. */
export class MinuteScript implements Strategy {
  readonly id = 'script';
  readonly symbols = TEST_SYMBOLS;
  private readonly script: Script;

  constructor(script: Script) {
    this.script = script;
  }

  onBar(bar: BarClosed): readonly Intent[] {
    if (bar.symbol !== BTC || bar.timeframeMs !== MINUTE) return NO_INTENTS;
    return this.script[(bar.openTime - START_MS) / MINUTE] ?? NO_INTENTS;
  }

  save(): unknown {
    return {};
  }

  load(): void {}
}

export const enter = (plan: Partial<TradePlan> = {}): Intent => ({
  kind: 'enter',
  plan: testPlan({ targets: [], ...plan }),
});

export const FEE_RATES = { makerE8: 20_000, takerE8: 50_000 };

/** One-minute bars decide; 10,000 USDT, leverage 20, no slippage, 50 ms each way. */
export function tradeOptions(
  rows: { btc: readonly Row[]; eth?: readonly Row[] },
  script: Script,
  overrides: Partial<Omit<BacktestOptions, 'account' | 'venue'>> & {
    account?: Partial<BacktestOptions['account']>;
    venue?: Partial<BacktestOptions['venue']>;
  } = {},
): BacktestOptions {
  const { account, venue, ...rest } = overrides;
  const feeds: Bars[] = [barsOf(rows.btc)];
  if (rows.eth !== undefined) feeds.push(barsOf(rows.eth, 'ETHUSDT'));
  return {
    feeds,
    mainSymbol: BTC,
    signalTimeframeMs: MINUTE,
    funding: [],
    strategies: [new MinuteScript(script)],
    rules: [],
    costs: { slippageFraction: () => 0 },
    account: {
      startEquity: 10_000,
      quoteAsset: 'USDT',
      leverageAfter: () => 20,
      instruments: TEST_SYMBOLS.map(testSpec),
      brackets: {},
      feeRates: Object.fromEntries(TEST_SYMBOLS.map((symbol) => [symbol, FEE_RATES])),
      ...account,
    },
    venue: {
      orderLatencyMs: 50,
      responseLatencyMs: 50,
      pathOrder: 'worst',
      makerFromBars: false,
      ...venue,
    },
    fingerprints: { codeVersion: 'test', configHash: '', dataHash: '', calendarHash: '' },
    ...rest,
  };
}

/** A bar that stays at its price. */
export const flat = (price: number): Row => [price, price, price, price];

/** Tiers as the venue has them, small enough to be met in a test. */
export const TIERS: readonly BracketTier[] = [
  { notionalFloor: 0, notionalCap: 8_000, maintenanceRate: 0.004, leverageMax: 125, cum: 0 },
  { notionalFloor: 8_000, notionalCap: 1e6, maintenanceRate: 0.02, leverageMax: 10, cum: 128 },
];
