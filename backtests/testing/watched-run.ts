import fc from 'fast-check';
import type { Tape } from '../../data/recorded/tape.ts';
import type { BracketTier } from '../../src/engine/instrument-spec.ts';
import type { OrderRequest } from '../../src/engine/order.ts';
import type { TradePlan } from '../../src/engine/plan.ts';
import type { RiskRule } from '../../src/engine/risk-gate.ts';
import { testPlan } from '../../src/engine/testing/engine-fixture.ts';
import { BTC, type Row } from '../exchange/testing/venue-driver.ts';
import { BacktestRun } from '../run.ts';
import { enter, flat, TIERS, tradeOptions } from './trade-harness.ts';

export const START = 10_000;
export const LEVERAGE = 20;
export const SLIPPAGE = 0.0001;

/** One minute of a random market, in hundredths of a percent. */
const minute = fc.record({
  gap: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -80, max: 80 })),
  up: fc.nat(60),
  down: fc.nat(60),
  close: fc.nat(100),
});
export const market = fc.array(minute, { minLength: 5, maxLength: 30 });
export const planOf = fc.record({
  direction: fc.constantFrom(1 as const, -1 as const),
  mode: fc.constantFrom('taker' as const, 'touch' as const, 'documents' as const),
  stopBps: fc.integer({ min: 12, max: 150 }),
  riskPercent: fc.double({ min: 0.1, max: 3, noNaN: true }),
  fractions: fc.constantFrom([], [0.3, 0.3], [1], [0.5, 0.5]),
  timeoutMinutes: fc.integer({ min: 2, max: 20 }),
  isHedged: fc.boolean(),
});

export type Minute = { gap: number; up: number; down: number; close: number };
const round = (price: number, tick: number) =>
  Math.round(Math.round(price / tick) * tick * 1e4) / 1e4;

export function rowsOf(minutes: readonly Minute[], from: number, tick: number): Row[] {
  const rows: Row[] = [flat(from)];
  let last = from;
  for (const { gap, up, down, close } of minutes) {
    const open = round(last * (1 + gap / 10_000), tick);
    const high = round(open * (1 + up / 10_000), tick);
    const low = round(open * (1 - down / 10_000), tick);
    last = round(low + ((high - low) * close) / 100, tick);
    rows.push([open, high, low, last]);
  }
  // Long enough for the timeout of every trade.
  for (let i = 0; i < 25; i++) rows.push(flat(last));
  return rows;
}

export function tradePlan(ask: typeof planOf extends fc.Arbitrary<infer T> ? T : never): TradePlan {
  const stop = (price: number) => round(price * (1 - (ask.direction * ask.stopBps) / 10_000), 0.1);
  const opposite = ask.direction === 1 ? -1 : 1;
  return testPlan({
    direction: ask.direction,
    stopPrice: stop(100_000),
    riskPercent: ask.riskPercent,
    entry: { ...testPlan().entry, mode: ask.mode, midPrice: 100_000 },
    targets: ask.fractions.map((fraction, i) => ({ atR: 1 + i / 2, fraction })),
    timeoutMs: ask.timeoutMinutes * 60_000,
    hedge: ask.isHedged
      ? {
          makerWaitMs: 1_500,
          onFail: 'exitBtc',
          legs: [
            {
              symbol: 'ETHUSDT',
              direction: opposite,
              notionalRatio: 0.3,
              beta: 1.1,
              correlation: 0.8,
              stopPrice: opposite === 1 ? 3_900 : 4_100,
              price: 4_000,
            },
          ],
        }
      : undefined,
  });
}

export interface Watched {
  run: BacktestRun;
  /** What the exchange was asked to do, and how many orders the engine asked for. */
  reached: OrderRequest[];
  submitted: number;
  nakedMsMax: number;
  /** Longest time a leg was held after BTC had become flat, ms. */
  orphanMsMax: number;
  btcFlatMs: number;
  /** Largest position notional over leverage x equity at its moment. */
  exposureMax: number;
  entryNotionalMax: number;
  /** Its price over the worst price of its order. */
  entryOverWorst: number;
}

export function watch(
  plan: TradePlan,
  rows: { btc: Row[]; eth: Row[] },
  options: { rules?: RiskRule[]; tiers?: boolean; tapes?: readonly Tape[] } = {},
): Watched {
  const brackets: Record<string, readonly BracketTier[]> = options.tiers
    ? { [BTC]: TIERS, ETHUSDT: TIERS }
    : {};
  const run = new BacktestRun(
    tradeOptions(
      rows,
      { 0: [enter(plan)] },
      {
        rules: options.rules ?? [],
        tapes: options.tapes,
        account: { brackets },
        costs: { slippageFraction: () => SLIPPAGE },
      },
    ),
  );
  const seen: Watched = {
    run,
    reached: [],
    submitted: 0,
    nakedMsMax: 0,
    orphanMsMax: 0,
    btcFlatMs: Number.NaN,
    exposureMax: 0,
    entryNotionalMax: 0,
    entryOverWorst: 1,
  };
  const submit = run.exchange.submit.bind(run.exchange);
  run.exchange.submit = (request) => {
    seen.reached.push(request);
    submit(request);
  };
  const handle = run.engine.handle.bind(run.engine);
  run.engine.handle = (envelope) => {
    const effects = handle(envelope);
    for (const effect of effects) if (effect.kind === 'order.submit') seen.submitted++;
    note(seen, envelope.atMs);
    return effects;
  };
  while (run.advance(1_000));
  return seen;
}

function note(seen: Watched, atMs: number): void {
  const { kernel, open } = seen.run.engine.inspect();
  kernel.portfolio.assertBalanced();
  let notional = 0;
  for (const trade of open.values()) {
    for (const leg of trade.legs) {
      notional +=
        (leg.filledTicksLots / Math.max(1, leg.filledLots)) *
        leg.lots *
        (kernel.instrument(leg.symbol).unitValue / 1e8);
      if (leg.lots === 0 || Number.isNaN(leg.unprotectedSinceMs)) continue;
      seen.nakedMsMax = Math.max(seen.nakedMsMax, atMs - leg.unprotectedSinceMs);
    }
    const main = trade.legs[0];
    if (main.filledLots === 0) continue;
    if (main.lots > 0) seen.btcFlatMs = Number.NaN;
    else if (Number.isNaN(seen.btcFlatMs)) seen.btcFlatMs = atMs;
    if (trade.legs.some((leg) => leg !== main && leg.lots > 0) && main.lots === 0) {
      seen.orphanMsMax = Math.max(seen.orphanMsMax, atMs - seen.btcFlatMs);
    }
    const entryNotional = (main.filledTicksLots * kernel.instrument(main.symbol).unitValue) / 1e8;
    seen.entryNotionalMax = Math.max(seen.entryNotionalMax, entryNotional);
    const { decisionPrice, iocWorstBps } = trade.plan.entry;
    const worst = decisionPrice * (1 + (main.direction * iocWorstBps) / 10_000);
    const price = entryNotional / kernel.instrument(main.symbol).quantity(main.filledLots);
    seen.entryOverWorst = Math.max(seen.entryOverWorst, price / worst);
  }
  seen.exposureMax = Math.max(seen.exposureMax, notional / LEVERAGE);
}
