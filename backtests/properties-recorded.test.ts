import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ROW_ASK,
  ROW_BID,
  ROW_BUY,
  ROW_CLEAR,
  ROW_SELL,
  ROW_TOP_ASK,
  ROW_TOP_BID,
} from '../data/recorded/tape.ts';
import { type TypedRow, typedTape } from '../data/recorded/testing/typed-tape.ts';
import { BTC, MINUTE, START_MS } from './exchange/testing/venue-driver.ts';
import { flat } from './testing/trade-harness.ts';
import { planOf, START, tradePlan, watch } from './testing/watched-run.ts';

const P = 100_000;
/** Long enough for the timeout of every trade, and for exits from a thin book. */
const MINUTES = 30;
const END_MS = START_MS + MINUTES * MINUTE;
const KINDS = [ROW_BUY, ROW_SELL, ROW_BID, ROW_ASK, ROW_TOP_BID, ROW_TOP_ASK];

const move = fc.record({
  waitMs: fc.nat(4_000),
  kind: fc.nat(5),
  /** Tenths of a percent from the start, in hundredths of it. */
  bps: fc.integer({ min: -90, max: 90 }),
  lots: fc.integer({ min: 1, max: 300 }),
});
const moves = fc.array(move, { minLength: 40, maxLength: 200 });
/** Where the book ends and trades alone go on. */
const bookMinutes = fc.nat(MINUTES);

function tapeOf(made: typeof moves extends fc.Arbitrary<infer T> ? T : never, minutes: number) {
  const rows: TypedRow[] = [
    [0, ROW_CLEAR, 0, 0],
    [0, ROW_BID, P - 10, 1],
    [0, ROW_ASK, P, 1],
    // Beyond the reach of the moves: whoever must get out gets out.
    [0, ROW_BID, P * 0.985, 900],
    [0, ROW_ASK, P * 1.015, 900],
    [1, ROW_BUY, P, 0.1],
  ];
  let afterMs = 1_000;
  for (const { waitMs, kind, bps, lots } of made) {
    afterMs += waitMs;
    rows.push([afterMs, KINDS[kind], P * (1 + bps / 10_000), lots / 1_000]);
  }
  // From here on the book is deep on both sides, so that every trade can end.
  rows.push([afterMs, ROW_CLEAR, 0, 0], [afterMs, ROW_BID, P - 10, 90], [afterMs, ROW_ASK, P, 90]);
  for (let ms = afterMs + 1_000; ms < MINUTES * MINUTE; ms += 5_000) {
    rows.push([ms, ROW_SELL, P - 10, 0.01]);
  }
  const bookSpans = [{ fromMs: START_MS, toMs: START_MS + minutes * MINUTE }];
  return typedTape(BTC, rows, { fromMs: START_MS, toMs: END_MS, bookSpans });
}

describe('any trade on any recorded market', () => {
  it('conserves money to the unit, ends flat, and is never unprotected for over 2 s', () => {
    let trades = 0;
    let makers = 0;
    let partial = 0;
    fc.assert(
      fc.property(planOf, moves, bookMinutes, (ask, made, minutes) => {
        const plan = tradePlan({ ...ask, isHedged: false });
        const btc = Array.from({ length: MINUTES }, () => flat(P));
        const eth = Array.from({ length: MINUTES }, () => flat(4_000));
        const seen = watch(plan, { btc, eth }, { tapes: [tapeOf(made, minutes)] });
        const result = seen.run.finish();
        const ours = seen.run.engine.inspect().kernel.portfolio;
        const theirs = seen.run.exchange.portfolio;
        theirs.assertBalanced();
        expect(result.openAtEnd).toBe(0);
        expect(ours.cashUnits()).toBe(theirs.cashUnits());
        const net = result.trades.reduce((sum, trade) => sum + Math.round(trade.netPnl * 1e8), 0);
        expect(ours.cashUnits()).toBe(START * 1e8 + net);
        expect(theirs.position(BTC)?.lots ?? 0).toBe(0);
        expect(seen.nakedMsMax).toBeLessThanOrEqual(2_000);
        expect(seen.exposureMax).toBeLessThanOrEqual(START);
        trades += result.trades.length;
        for (const trade of result.trades) {
          if (trade.makerShare > 0) makers++;
          if (trade.makerShare > 0 && trade.makerShare < 1) partial++;
        }
      }),
      { numRuns: 200, seed: 6, endOnFailure: true },
    );
    expect(trades).toBeGreaterThan(100);
    expect(makers, 'queues are passed at all').toBeGreaterThan(10);
    expect(partial, 'in part too').toBeGreaterThan(5);
  });
});
