import { describe, expect, it } from 'vitest';
import { Rsi } from '../basic/rsi.ts';
import { flatBar, randomBars } from '../order-flow/testing/market.ts';
import { REGIME_SCALPER } from './presets.ts';
import { TimeframeRsi } from './timeframe-rsi.ts';

const MINUTE = 60_000;

describe('TimeframeRsi', () => {
  it('equals an RSI fed with the closes of each timeframe, known on the bar that closes it', () => {
    const rsi = new TimeframeRsi();
    const fast = new Rsi(14);
    const slow = new Rsi(14);
    for (const [i, bar] of randomBars(1000).entries()) {
      rsi.update(bar);
      fast.update(bar.close);
      if (i % 5 === 4) slow.update(bar.close);
      if (i + 1 < rsi.warmUpBars) {
        expect([rsi.valueAt(0), rsi.valueAt(1), rsi.alignment]).toEqual([
          Number.NaN,
          Number.NaN,
          0,
        ]);
        continue;
      }
      expect([rsi.valueAt(0), rsi.valueAt(1)]).toEqual([fast.value, slow.value]);
      const isUp = fast.value > 50 && slow.value > 50;
      const isDown = fast.value < 50 && slow.value < 50;
      expect(rsi.alignment).toBe(isUp ? 1 : isDown ? -1 : 0);
    }
    expect(rsi.warmUpBars).toBe(75);
  });

  it('closes a timeframe at the last price before a gap', () => {
    const options = { barMs: MINUTE, timeframesMs: [5 * MINUTE], length: 2 };
    const whole = new TimeframeRsi(options);
    const holed = new TimeframeRsi(options);
    for (let i = 0; i < 40; i++) {
      // Minutes 3 and 4 of the third bar are flat in one market and missing in the other.
      const isHole = i === 13 || i === 14;
      const price = 100 + Math.sin(isHole ? 12 : i);
      whole.update(flatBar(i * MINUTE, price));
      if (!isHole) holed.update(flatBar(i * MINUTE, price));
    }
    expect(holed.valueAt(0)).toBe(whole.valueAt(0));
  });

  it('is aligned in a steady climb and in a steady fall', () => {
    const up = new TimeframeRsi(REGIME_SCALPER.timeframeRsi);
    const down = new TimeframeRsi(REGIME_SCALPER.timeframeRsi);
    for (let i = 0; i < 80; i++) {
      up.update(flatBar(i * MINUTE, 100 + i));
      down.update(flatBar(i * MINUTE, 200 - i));
    }
    expect([up.alignment, down.alignment]).toEqual([1, -1]);
  });

  it('is not aligned inside the band', () => {
    const rsi = new TimeframeRsi({ barMs: 1, timeframesMs: [1], length: 2, band: 45 });
    for (const [i, price] of [1, 2, 3, 2.9, 3.1].entries()) rsi.update(flatBar(i, price));
    expect(rsi.valueAt(0)).toBeGreaterThan(50);
    expect(rsi.alignment).toBe(0);
  });

  it('refuses timeframes that are no multiple of its bars', () => {
    expect(() => new TimeframeRsi({ barMs: 2, timeframesMs: [3] })).toThrow(RangeError);
    expect(() => new TimeframeRsi({ timeframesMs: [] })).toThrow(RangeError);
    expect(() => new TimeframeRsi({ length: 0 })).toThrow(RangeError);
  });
});
