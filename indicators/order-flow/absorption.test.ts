import { describe, expect, it } from 'vitest';
import { Absorption } from './absorption.ts';
import { flatBar } from './testing/market.ts';

/** Ten quiet bars with a range of 2 and a net flow of +-2, then one bar. */
function after(last: { close: number; takerBuyVolume: number }): Absorption {
  const absorption = new Absorption({ length: 5, atrLength: 5 });
  for (let i = 0; i < 10; i++) {
    const takerBuyVolume = i % 2 === 0 ? 6 : 4;
    absorption.update(flatBar(i, 100, { high: 101, low: 99, takerBuyVolume }));
  }
  const high = Math.max(100, last.close);
  const low = Math.min(100, last.close);
  absorption.update(flatBar(10, 100, { ...last, high, low, volume: 100 }));
  return absorption;
}

describe('Absorption', () => {
  it('is bearish where heavy buying does not lift price', () => {
    const absorption = after({ close: 100.4, takerBuyVolume: 55 });
    expect(absorption.effort).toBe(5);
    expect(absorption.result).toBeCloseTo(0.2, 12);
    expect(absorption.direction).toBe(-1);
  });

  it('is bullish where heavy selling does not push price down', () => {
    const absorption = after({ close: 99.6, takerBuyVolume: 45 });
    expect(absorption.effort).toBe(-5);
    expect(absorption.result).toBeCloseTo(0.2, 12);
    expect(absorption.direction).toBe(1);
  });

  it('counts price that goes against the takers', () => {
    const absorption = after({ close: 98, takerBuyVolume: 55 });
    expect(absorption.result).toBe(-1);
    expect(absorption.direction).toBe(-1);
  });

  it('is none where price follows, or where the flow is small', () => {
    expect(after({ close: 102, takerBuyVolume: 55 }).direction).toBe(0);
    expect(after({ close: 100, takerBuyVolume: 51 }).direction).toBe(0);
  });

  it('has no result where prices never moved', () => {
    const absorption = new Absorption({ length: 3, atrLength: 3 });
    for (let i = 0; i < 6; i++) absorption.update(flatBar(i, 100, { takerBuyVolume: i }));
    expect([absorption.effort, absorption.result]).toEqual([Number.NaN, Number.NaN]);
    expect(absorption.direction).toBe(0);
  });
});
