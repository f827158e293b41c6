import { describe, expect, it } from 'vitest';
import { flatBar, randomBars } from '../order-flow/testing/market.ts';
import { RealizedVolatility } from './realized-volatility.ts';

describe('RealizedVolatility', () => {
  it('is the root mean square of log returns, ranked among those before', () => {
    const closes = randomBars(900, { seed: 8 }).map((bar) => bar.close);
    const volatility = new RealizedVolatility({ length: 10, lookback: 50 });
    const values: number[] = [];
    for (const [i, close] of closes.entries()) {
      volatility.update(flatBar(i, close));
      if (i < 10) continue;
      let squares = 0;
      for (let k = 0; k < 10; k++) {
        const change = Math.log(closes[i - k] / closes[i - k - 1]);
        squares += change * change;
      }
      expect(volatility.value).toBeCloseTo(Math.sqrt(squares / 10), 12);
      if (values.length >= 50) {
        const earlier = values.slice(-50);
        const rank = 2 * earlier.filter((value) => value <= volatility.value).length;
        expect(volatility.rank).toBe(rank);
        expect(volatility.regime).toBe(rank <= 20 ? -1 : rank >= 80 ? 1 : 0);
      } else {
        expect(volatility.rank).toBeNaN();
      }
      values.push(volatility.value);
    }
  });

  it('calls a burst wild and the calm after it quiet', () => {
    const volatility = new RealizedVolatility({ length: 5, lookback: 40 });
    let price = 100;
    const regimes: number[] = [];
    for (let i = 0; i < 140; i++) {
      const size = i < 60 ? 0.001 : i < 90 ? 0.01 : 0.0001;
      // Sizes grow a little, so that no two measurements tie.
      price *= 1 + (i % 2 === 0 ? 1 : -1) * size * (1 + i / 1e4);
      volatility.update(flatBar(i, price));
      regimes.push(volatility.regime);
    }
    expect(regimes.slice(66, 70)).toEqual([1, 1, 1, 1]);
    expect(regimes.slice(96, 100)).toEqual([-1, -1, -1, -1]);
  });

  it('refuses ranks out of order and closes without a logarithm', () => {
    expect(() => new RealizedVolatility({ quietRank: 80, wildRank: 20 })).toThrow(RangeError);
    expect(() => new RealizedVolatility({ wildRank: 101 })).toThrow(RangeError);
    expect(() => new RealizedVolatility().update(flatBar(0, 0))).toThrow(RangeError);
  });
});
