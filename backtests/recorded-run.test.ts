import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBars } from '../data/bars/bars.ts';
import { findTapes } from '../data/recorded/find-tapes.ts';
import {
  ROW_ASK,
  ROW_BID,
  ROW_BUY,
  ROW_CLEAR,
  ROW_SELL,
  ROW_TOP_ASK,
  ROW_TOP_BID,
  type TapeSpan,
} from '../data/recorded/tape.ts';
import { type TypedRow, typedTape } from '../data/recorded/testing/typed-tape.ts';
import type { OrderFilled } from '../src/engine/event.ts';
import type { TradePlan } from '../src/engine/plan.ts';
import { testPlan } from '../src/engine/testing/engine-fixture.ts';
import { BTC, MINUTE, START_MS } from './exchange/testing/venue-driver.ts';
import { resolutionLines } from './report/resolution-text.ts';
import { BacktestRun } from './run.ts';
import { enter, flat, tradeOptions } from './testing/trade-harness.ts';

const P = 100_000;
const MINUTES = 6;
const END_MS = START_MS + MINUTES * MINUTE;

/** Bars that stand still, and a recording in which everything happens. */
function play(
  rows: readonly TypedRow[],
  span: Partial<TapeSpan> & { bookSpans?: TapeSpan[]; gaps?: TapeSpan[] } = {},
  plan: Partial<TradePlan> = {},
) {
  const tape = typedTape(BTC, rows, { fromMs: START_MS, toMs: END_MS, ...span });
  const btc = Array.from({ length: MINUTES }, () => flat(P));
  const fills: string[] = [];
  const run = new BacktestRun({
    ...tradeOptions({ btc }, { 0: [enter(plan)] }, { tapes: [tape] }),
    observer: ({ event, atMs }) => {
      if (event.kind !== 'order.filled') return;
      const { side, lots, priceTicks, isMaker } = event as OrderFilled;
      const how = isMaker ? 'maker' : 'taker';
      fills.push(`+${atMs - START_MS} ${side} ${lots / 1_000} @ ${priceTicks / 10} ${how}`);
    },
  });
  while (run.advance(100));
  return { result: run.finish(), fills };
}

// The plan of the scenarios: decided at the close of minute 0 at 100,000, long, stop 99,500, IOC up
// to 100,060, 0.113 BTC (see backtests/testing/scenario.ts). Orders arrive 50 ms later, facts 50 ms
// after that.
describe('a run by recorded trades', () => {
  const rows: TypedRow[] = [
    [0, ROW_BUY, P, 1],
    [60_020, ROW_BUY, 100_010, 1],
    [60_060, ROW_BUY, 100_050, 1],
    [70_000, ROW_SELL, 99_600, 1],
    [80_000, ROW_SELL, 99_480, 1],
    [90_000, ROW_BUY, P, 1],
  ];

  it('fills at the last trade before the arrival, and stops at the trade that jumps the stop', () => {
    const { result, fills } = play(rows);
    expect(fills).toEqual(['+60100 buy 0.113 @ 100010 taker', '+80050 sell 0.113 @ 99480 taker']);
    // (99,480 - 100,010) x 0.113 = -59.89; fees 100,010 x 0.113 x 0.05 % = 5.650565 and
    // 99,480 x 0.113 x 0.05 % = 5.62062.
    expect(result.endEquity - 10_000).toBeCloseTo(-59.89 - 5.650565 - 5.62062, 6);
    expect(result.ambiguousBars).toBe(0);
  });

  it('names the resolution of each period', () => {
    const { result } = play(rows, { toMs: START_MS + 4 * MINUTE + 1 });
    expect(resolutionLines(result.resolution)).toEqual([
      'BTCUSDT: recorded trades 2025-01-06 12:00 .. 2025-01-06 12:04, ' +
        '1m bars 2025-01-06 12:04 .. 2025-01-06 12:06 ' +
        '(bars looked into: 0 by book, 1 by trades, 0 as bars)',
    ]);
  });

  it('takes the bar where the recording does not cover all of it', () => {
    // Minute 1 has a gap: the bar stands still, the stop is never met, and time runs out.
    const { fills, result } = play(rows, {
      gaps: [{ fromMs: START_MS + 75_000, toMs: START_MS + 76_000 }],
    });
    expect(fills).toEqual(['+60100 buy 0.113 @ 100000 taker']);
    expect(result.openAtEnd).toBe(1);
    expect(result.resolution[0].walked).toEqual({ book: 0, trades: 4, bars: 1 });
  });
});

describe('a run by a recorded book', () => {
  const book: TypedRow[] = [
    [0, ROW_CLEAR, 0, 0],
    [0, ROW_BID, 99_990, 2],
    [0, ROW_BID, 99_980, 3],
    [0, ROW_ASK, 100_000, 0.06],
    [0, ROW_ASK, 100_010, 5],
    [1, ROW_BUY, P, 0.1],
  ];
  const span = { bookSpans: [{ fromMs: START_MS, toMs: END_MS }] };
  const touch = { entry: { ...testPlan().entry, mode: 'touch' as const, midPrice: 99_700 } };

  it('walks the asks level by level, and the bids that are there when the stop fires', () => {
    const { fills, result } = play(
      [
        ...book,
        [79_000, ROW_TOP_BID, 99_470, 0.03],
        [79_000, ROW_BID, 99_460, 4],
        [79_000, ROW_TOP_ASK, 99_500, 1],
        [80_000, ROW_SELL, 99_470, 0.01],
      ],
      span,
    );
    expect(fills).toEqual([
      '+60100 buy 0.06 @ 100000 taker',
      '+60100 buy 0.053 @ 100010 taker',
      '+80050 sell 0.03 @ 99470 taker',
      '+80050 sell 0.083 @ 99460 taker',
    ]);
    // Bought for 0.06 x 100,000 + 0.053 x 100,010 = 11,300.53, sold for 0.03 x 99,470 + 0.083 x
    // 99,460 = 11,239.28; fees 0.05 % of both: 5.650265 + 5.61964.
    expect(result.endEquity - 10_000).toBeCloseTo(11_239.28 - 11_300.53 - 5.650265 - 5.61964, 6);
  });

  it('a post-only entry rests at the recorded bid, and waits behind the 2 BTC shown there', () => {
    const { fills } = play(
      [
        ...book,
        [60_100, ROW_SELL, 99_990, 1.5],
        [60_200, ROW_SELL, 99_990, 0.52],
        [60_300, ROW_BUY, 100_000, 0.001],
      ],
      span,
      touch,
    );
    // 1.5 of the 2 before us, then the other 0.5 and 0.02 of ours. At 60,700 the rest is cancelled
    // and goes as IOC to the asks: 0.06 of them at 100,000.
    expect(fills[0]).toBe('+60250 buy 0.02 @ 99990 maker');
    expect(fills[1]).toMatch(/^\+60\d{3} buy 0.06 @ 100000 taker$/);
    expect(fills[2]).toMatch(/^\+60\d{3} buy 0.0\d+ @ 100010 taker$/);
  });

  it('is not filled as a maker when the queue before it does not trade', () => {
    const { fills } = play([...book, [60_100, ROW_SELL, 99_990, 1.9]], span, touch);
    expect(fills.every((fill) => fill.endsWith('taker'))).toBe(true);
  });

  it('where the book ends and trades go on, a maker fills on a trade through its price', () => {
    const bookSpans = [{ fromMs: START_MS, toMs: START_MS + MINUTE }];
    // The quote of the last covered close is the bid; no book afterwards, so no queue.
    const through = play([...book, [60_100, ROW_SELL, 99_989, 0.001]], { bookSpans }, touch);
    expect(through.fills[0]).toMatch(/^\+60150 buy 0.1\d+ @ 99990 maker$/);
    const at = play([...book, [60_100, ROW_SELL, 99_990, 9]], { bookSpans }, touch);
    expect(at.fills[0]).toMatch(/taker$/);
  });
});

const SHARED = process.env.QCM_SHARED ?? join(import.meta.dirname, '..', '..', 'shared');
const L2 = join(SHARED, 'data', 'l2');
const hasL2 = existsSync(L2);
if (!hasL2)
  console.warn('SKIPPED: a run on a recorded book: data/l2 is not there; set QCM_SHARED.');

describe.skipIf(!hasL2)('a run on 345 s of recorded BTCUSDT', () => {
  const fromMs = Date.UTC(2024, 7, 8, 23, 50);

  /** Minutes from 23:50 on; those of the recording made from its own trades. */
  function recordedBars() {
    const span = { fromMs, toMs: fromMs + 10 * MINUTE };
    const { tapes } = findTapes({ bookPath: L2, symbols: [BTC], span });
    const rows = tapes[0].parts[0].rows();
    const source = { kind: 'file' as const, names: ['l2'] };
    const bars = createBars({ symbol: BTC, timeframeMs: MINUTE, length: 10, source });
    for (let i = 0; i < 10; i++) {
      bars.openTime[i] = fromMs + i * MINUTE;
      const prices: number[] = [];
      for (let k = 0; k < rows.length; k++) {
        const isTrade = rows.kind[k] === ROW_BUY || rows.kind[k] === ROW_SELL;
        if (isTrade && Math.floor((rows.atMs[k] - fromMs) / MINUTE) === i)
          prices.push(rows.price[k]);
      }
      if (prices.length === 0) prices.push(61_800);
      bars.open[i] = prices[0];
      bars.high[i] = Math.max(...prices);
      bars.low[i] = Math.min(...prices);
      bars.close[i] = prices[prices.length - 1];
      bars.volume[i] = 10;
    }
    return { bars, tapes };
  }

  it('fills by the book, inside the recorded range, at the touch of the moment', () => {
    const { bars, tapes } = recordedBars();
    const shift = START_MS - bars.openTime[0];
    const fills: OrderFilled[] = [];
    const quotes: { bid: number; ask: number }[] = [];
    const last = bars.close[5];
    const plan = { stopPrice: last - 40, decisionPrice: last };
    const options = tradeOptions({ btc: [flat(last)] }, {});
    const script = {
      id: 'script',
      symbols: [BTC],
      onBar: (bar: { openTime: number }) =>
        bar.openTime + shift === START_MS + 5 * MINUTE
          ? [enter({ ...plan, entry: { ...testPlan().entry, decisionPrice: last } })]
          : [],
      save: () => ({}),
      load: () => {},
    };
    const run = new BacktestRun({
      ...options,
      feeds: [bars],
      tapes,
      strategies: [script],
      observer: ({ event }) => {
        if (event.kind === 'order.filled') fills.push({ ...event });
        if (event.kind === 'book.sampled') quotes.push({ bid: event.bid, ask: event.ask });
      },
    });
    while (run.advance(100));
    const { resolution } = run.finish();
    expect(resolution[0].periods.map(({ source }) => source)).toEqual(['bars', 'book']);
    expect(quotes).toHaveLength(5);
    for (const { bid, ask } of quotes) expect(ask - bid).toBeCloseTo(0.1, 6);
    expect(fills.length).toBeGreaterThan(0);
    expect(fills[0].priceTicks / 10).toBeGreaterThanOrEqual(bars.low[6]);
    expect(fills[0].priceTicks / 10).toBeLessThanOrEqual(bars.high[6] + 0.1);
  });
});
