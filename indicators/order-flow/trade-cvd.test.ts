import { describe, expect, it } from 'vitest';
import { loadState, saveState } from '../state.ts';
import { TakerCvd } from './taker-cvd.ts';
import { flatBar, seededRandom } from './testing/market.ts';
import type { Trade } from './trade.ts';
import { TradeCvd } from './trade-cvd.ts';

const trade = (timeMs: number, quantity: number, isBuyerMaker: boolean): Trade => ({
  timeMs,
  price: 100,
  quantity,
  isBuyerMaker,
});

/** Quantities are eighths, so that sums are exact and sides can be compared with toBe. */
function randomTrades(count: number): Trade[] {
  const random = seededRandom(3);
  let timeMs = 0;
  return Array.from({ length: count }, () => {
    timeMs += Math.floor(400 * random());
    return trade(timeMs, Math.ceil(80 * random()) / 8, random() < 0.5);
  });
}

describe('TradeCvd', () => {
  it('counts a trade against a resting buyer as sold', () => {
    const cvd = new TradeCvd();
    expect(cvd.value).toBeNaN();
    cvd.update(trade(1, 3, false));
    cvd.update(trade(1, 5, true));
    expect([cvd.value, cvd.delta, cvd.volume, cvd.takerBuyVolume]).toEqual([-2, -2, 8, 3]);
    cvd.closeBar();
    cvd.update(trade(2, 1, false));
    expect([cvd.value, cvd.delta, cvd.barDelta]).toEqual([-1, 1, -2]);
  });

  it('equals the CVD of bars built from the same trades', () => {
    const fromTrades = new TradeCvd();
    const fromBars = new TakerCvd();
    let minute = 0;
    for (const next of randomTrades(5000)) {
      while (next.timeMs >= (minute + 1) * 60_000) {
        const { volume, takerBuyVolume, value } = fromTrades;
        fromBars.update(flatBar(minute++ * 60_000, 100, { volume, takerBuyVolume }));
        fromTrades.closeBar();
        expect(fromBars.value).toBe(value);
        expect(fromBars.delta).toBe(fromTrades.barDelta);
      }
      fromTrades.update(next);
    }
    expect(minute).toBeGreaterThan(10);
  });

  it('refuses older trades and values it cannot use', () => {
    const cvd = new TradeCvd();
    cvd.update(trade(10, 1, false));
    expect(() => cvd.update(trade(9, 1, false))).toThrow(RangeError);
    expect(() => cvd.update(trade(11, Number.NaN, false))).toThrow(RangeError);
    expect(() => cvd.update(trade(11, -1, false))).toThrow(RangeError);
    expect(cvd.value).toBe(1);
  });

  it('goes on after a restore', () => {
    const first = new TradeCvd();
    const trades = randomTrades(100);
    for (const next of trades.slice(0, 50)) first.update(next);
    const second = new TradeCvd();
    loadState(second, saveState(first));
    for (const next of trades.slice(50)) {
      first.update(next);
      second.update(next);
    }
    expect(saveState(second)).toEqual(saveState(first));
  });
});
