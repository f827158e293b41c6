import { describe, expect, it } from 'vitest';
import { loadState, saveState } from '../state.ts';
import { TapeAggression } from './tape-aggression.ts';
import { seededRandom } from './testing/market.ts';
import type { Trade } from './trade.ts';

const trade = (timeMs: number, quantity: number, isBuyerMaker: boolean): Trade => ({
  timeMs,
  price: 100,
  quantity,
  isBuyerMaker,
});

function randomTrades(count: number): Trade[] {
  const random = seededRandom(9);
  let timeMs = 1_700_000_000_000;
  return Array.from({ length: count }, (_, i) => {
    // Now and then a pause longer than the window.
    timeMs += i % 500 === 499 ? 25_000 : Math.floor(300 * random());
    return trade(timeMs, random(), random() < 0.45);
  });
}

describe('TapeAggression', () => {
  it('equals a fresh count of the trades in its window', () => {
    const tape = new TapeAggression({ windowMs: 10_000, bucketMs: 500 });
    const trades = randomTrades(4000);
    let from = 0;
    for (const [i, next] of trades.entries()) {
      tape.update(next);
      if (next.timeMs - trades[0].timeMs < 10_000) {
        expect(tape.value).toBeNaN();
        continue;
      }
      const start = (Math.floor(next.timeMs / 500) - 19) * 500;
      while (trades[from].timeMs < start) from++;
      const window = trades.slice(from, i + 1);
      const bought = sum(window.filter((t) => !t.isBuyerMaker));
      const sold = sum(window.filter((t) => t.isBuyerMaker));
      expect(tape.value).toBeCloseTo((bought - sold) / (bought + sold), 9);
      expect(tape.tradesPerSecond).toBe(window.length / 10);
      expect(tape.quantityPerSecond).toBeCloseTo((bought + sold) / 10, 9);
      expect(tape.meanTradeQuantity).toBeCloseTo((bought + sold) / window.length, 9);
    }
  });

  it('empties as time passes without trades', () => {
    const tape = new TapeAggression({ windowMs: 3000, bucketMs: 1000 });
    tape.update(trade(0, 2, false));
    tape.update(trade(3000, 1, true));
    expect([tape.value, tape.tradesPerSecond]).toEqual([-1, 1 / 3]);
    tape.advance(5999);
    expect(tape.value).toBe(-1);
    tape.advance(6000);
    expect([tape.value, tape.meanTradeQuantity]).toEqual([Number.NaN, Number.NaN]);
    expect([tape.tradesPerSecond, tape.quantityPerSecond]).toEqual([0, 0]);
  });

  it('refuses time that goes back and sizes that make no window', () => {
    const tape = new TapeAggression();
    tape.advance(1000);
    expect(() => tape.advance(999)).toThrow(RangeError);
    expect(() => tape.update(trade(999, 1, true))).toThrow(RangeError);
    expect(() => tape.update(trade(1001, Number.NaN, true))).toThrow(RangeError);
    expect(() => new TapeAggression({ windowMs: 1500, bucketMs: 1000 })).toThrow(RangeError);
    expect(() => new TapeAggression({ bucketMs: 0 })).toThrow(RangeError);
  });

  it('goes on after a restore', () => {
    const first = new TapeAggression({ windowMs: 5000, bucketMs: 1000 });
    const second = new TapeAggression({ windowMs: 5000, bucketMs: 1000 });
    const trades = randomTrades(200);
    for (const next of trades.slice(0, 120)) first.update(next);
    loadState(second, saveState(first));
    for (const next of trades.slice(120)) {
      first.update(next);
      second.update(next);
      expect(second.value).toBe(first.value);
    }
  });
});

const sum = (trades: readonly Trade[]) => trades.reduce((total, t) => total + t.quantity, 0);
