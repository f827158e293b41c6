import { describe, expect, test } from 'vitest';
import type { Bar } from '../indicator.ts';
import { OrderBlocks } from './order-blocks.ts';
import { SmartMoneyConcepts, type SmcOptions } from './smart-money-concepts.ts';

const BARS = walk(6000);

describe('the form that trades (pineCompat off)', () => {
  test('stores no block upside down and leaves no broken block alive', () => {
    for (const mitigation of ['highLow', 'close'] as const) {
      const smc = new SmartMoneyConcepts({ mitigation });
      const blocks = smc.internalBlocks as OrderBlocks;
      let wrong = 0;
      for (const bar of BARS) {
        smc.update(bar);
        const low = mitigation === 'close' ? bar.close : bar.low;
        const high = mitigation === 'close' ? bar.close : bar.high;
        for (let i = 0; i < blocks.count; i++) {
          const isBroken = blocks.bias[i] === 1 ? low < blocks.low[i] : high > blocks.high[i];
          if (isBroken || blocks.high[i] < blocks.low[i]) wrong++;
        }
      }
      expect(wrong).toBe(0);
      expect(blocks.created).toBeGreaterThan(100);
    }
  });

  test('the published walk keeps some broken blocks for a bar', () => {
    const smc = new SmartMoneyConcepts({ pineCompat: true });
    const blocks = smc.internalBlocks as OrderBlocks;
    let broken = 0;
    for (const bar of BARS) {
      smc.update(bar);
      for (let i = 0; i < blocks.count; i++) {
        if (blocks.bias[i] === 1 ? bar.low < blocks.low[i] : bar.high > blocks.high[i]) broken++;
      }
    }
    expect(broken).toBeGreaterThan(0);
  });

  test('a tall origin bar gives sorted edges here and stored ones there', () => {
    const block = { bias: 1, high: 90, low: 110, originBar: 3, originTime: 0 };
    for (const pineCompat of [true, false]) {
      const blocks = new OrderBlocks({
        codeBase: 30,
        pineCompat,
        closeMitigates: false,
        maxAgeBars: 0,
      });
      blocks.create(block, 5, null);
      expect([blocks.high[0], blocks.low[0]]).toEqual(pineCompat ? [90, 110] : [110, 90]);
    }
  });

  test('structure does not depend on the switch', () => {
    const clean = new SmartMoneyConcepts();
    const pine = new SmartMoneyConcepts({ pineCompat: true });
    for (const bar of BARS) {
      clean.update(bar);
      pine.update(bar);
      expect(clean.internalBreaks).toEqual(pine.internalBreaks);
      expect(clean.swingBreaks).toEqual(pine.swingBreaks);
    }
  });
});

describe('order blocks', () => {
  test('expire by age, oldest first, and are never older than allowed', () => {
    const smc = new SmartMoneyConcepts({ obMaxAgeBars: 100 });
    const free = new SmartMoneyConcepts();
    const blocks = smc.internalBlocks as OrderBlocks;
    const codes = new Map<number, number>();
    let oldest = 0;
    BARS.forEach((bar, index) => {
      smc.update(bar, { event: (code) => codes.set(code, (codes.get(code) ?? 0) + 1) });
      free.update(bar);
      for (let i = 0; i < blocks.count; i++) {
        oldest = Math.max(oldest, index - blocks.createdBar[i]);
        if (i > 0 && blocks.createdBar[i] < blocks.createdBar[i - 1])
          oldest = Number.POSITIVE_INFINITY;
      }
    });
    expect(oldest).toBe(100);
    expect((codes.get(55) ?? 0) + (codes.get(56) ?? 0)).toBeGreaterThan(0);
    expect(blocks.created).toBe(free.internalBlocks?.created);
  });

  test('a list holds 100 at most and drops its oldest', () => {
    // Rising steps that never come back: every break leaves a demand block that stays.
    const smc = new SmartMoneyConcepts({ internalSize: 1, swingSize: 2 });
    const codes: number[] = [];
    for (const bar of risingSteps(2000)) {
      smc.update(bar, {
        event: (code) => {
          codes.push(code);
        },
      });
    }
    expect(smc.swingBlocks?.count).toBe(100);
    expect(codes.filter((code) => code === 69).length).toBe((smc.swingBlocks?.created ?? 0) - 100);
    expect(smc.swingBlocks?.id[99]).toBe((smc.swingBlocks?.created ?? 0) - 1);
  });

  test('the breaking bar is never the origin, the pivot bar can be', () => {
    const smc = new SmartMoneyConcepts();
    const blocks = smc.internalBlocks as OrderBlocks;
    let atPivot = 0;
    BARS.forEach((bar, index) => {
      const created = blocks.created;
      smc.update(bar);
      // A block broken by its own bar is gone already.
      if (blocks.created === created || blocks.id[blocks.count - 1] !== created) return;
      const origin = blocks.originBar[blocks.count - 1];
      const pivot = blocks.createdBias === 1 ? smc.internal.highBar : smc.internal.lowBar;
      expect(origin).toBeLessThan(index);
      expect(origin).toBeGreaterThanOrEqual(pivot);
      if (origin === pivot) atPivot++;
    });
    expect(atPivot).toBeGreaterThan(0);
  });
});

describe('parts', () => {
  const sets: [string, SmcOptions][] = [
    ['structure only', { internalBlocks: false, swingBlocks: false }],
    ['internal blocks', { swingBlocks: false, equalLevels: false, fairValueGaps: false }],
    ['gaps only', { internalBlocks: false, swingBlocks: false, equalLevels: false }],
  ];
  test.each(sets)('left out change nothing else: %s', (_, options) => {
    const whole = new SmartMoneyConcepts();
    const part = new SmartMoneyConcepts({ ...options });
    for (const bar of BARS) {
      whole.update(bar);
      part.update(bar);
      expect(part.internalBreaks.bias).toBe(whole.internalBreaks.bias);
      expect(part.swingBreaks.bias).toBe(whole.swingBreaks.bias);
      expect(part.trailing.top).toBe(whole.trailing.top);
      if (part.internalBlocks !== null) {
        expect(part.internalBlocks.count).toBe(whole.internalBlocks?.count);
      }
      if (part.gaps !== null) expect(part.gaps.count).toBe(whole.gaps?.count);
    }
  });
});

describe('options', () => {
  test('the confluence filter lets only some internal breaks through', () => {
    const all = countBreaks({});
    const some = countBreaks({ confluenceFilter: true });
    expect(some.internal).toBeGreaterThan(0);
    expect(some.internal).toBeLessThan(all.internal);
    expect(some.swing).toBe(all.swing);
  });

  test('the cumulative mean range is the sum of true ranges from bar 1 over the bar number', () => {
    const smc = new SmartMoneyConcepts({ volatilityFilter: 'cumulativeMeanRange' });
    let ranges = 0;
    let tall = 0;
    BARS.forEach((bar, t) => {
      smc.update(bar);
      if (t > 0) {
        const before = BARS[t - 1].close;
        ranges += Math.max(bar.high, before) - Math.min(bar.low, before);
      }
      const isTall = t > 0 && bar.high - bar.low >= (2 * ranges) / t;
      expect(smc.parsed?.highVolatility).toBe(Number(isTall));
      tall += Number(isTall);
    });
    expect(tall).toBeGreaterThan(0);
  });

  test('sizes and ages that make no sense are refused', () => {
    expect(() => new SmartMoneyConcepts({ swingSize: 0 })).toThrow(RangeError);
    expect(() => new SmartMoneyConcepts({ internalSize: 2.5 })).toThrow(RangeError);
    expect(() => new SmartMoneyConcepts({ obMaxAgeBars: -1 })).toThrow(RangeError);
  });
});

describe('pivots', () => {
  test('are those of the rule, bar by bar, for every size', () => {
    for (const size of [1, 2, 3, 5, 13, 50]) {
      const smc = new SmartMoneyConcepts({ swingSize: size });
      let leg = 0;
      const wrong: number[] = [];
      BARS.forEach((bar, t) => {
        smc.update(bar);
        if (t < size) return;
        const after = BARS.slice(t - size + 1, t + 1);
        const { high, low } = BARS[t - size];
        const isHigh = after.every((other) => high > other.high);
        const isLow = after.every((other) => low < other.low);
        const next = isHigh ? 0 : isLow ? 1 : leg;
        const confirmed = next === leg ? 0 : next === 0 ? 1 : -1;
        if (smc.swing.confirmed !== confirmed) wrong.push(t);
        leg = next;
      });
      expect(wrong).toEqual([]);
    }
  });

  test('zones divide the range between the trailing extremes', () => {
    const smc = new SmartMoneyConcepts();
    for (const bar of BARS) smc.update(bar);
    const { top, bottom } = smc.trailing;
    const range = top - bottom;
    expect(smc.trailing.premiumBottom()).toBeCloseTo(top - 0.05 * range, 9);
    expect(smc.trailing.equilibriumTop()).toBeCloseTo(bottom + 0.525 * range, 9);
    expect(smc.trailing.equilibrium()).toBeCloseTo(bottom + 0.5 * range, 9);
    expect(smc.trailing.equilibriumBottom()).toBeCloseTo(bottom + 0.475 * range, 9);
    expect(smc.trailing.discountTop()).toBeCloseTo(bottom + 0.05 * range, 9);
  });
});

function countBreaks(options: SmcOptions): { internal: number; swing: number } {
  const smc = new SmartMoneyConcepts(options);
  let internal = 0;
  let swing = 0;
  for (const bar of BARS) {
    smc.update(bar);
    internal += Number(smc.internalBreaks.bull > 0) + Number(smc.internalBreaks.bear > 0);
    swing += Number(smc.swingBreaks.bull > 0) + Number(smc.swingBreaks.bear > 0);
  }
  return { internal, swing };
}

function risingSteps(count: number): Bar[] {
  return Array.from({ length: count }, (_, t) => {
    // Four bars up, three part of the way back.
    const phase = t % 7;
    const close = 1000 + 2 * Math.floor(t / 7) * 5 + (phase < 4 ? 5 * phase : 15 - 4 * (phase - 3));
    return bar(t, { open: close - 1, high: close + 1, low: close - 2, close });
  });
}

/** Seeded prices on a grid, so that ties happen, with bursts of tall bars. */
function walk(count: number): Bar[] {
  let state = 99;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  let close = 60_000;
  return Array.from({ length: count }, (_, t) => {
    const size = random() < 0.04 ? 8 : 1;
    const snap = (x: number) => Math.round(x / 5) * 5;
    const open = close;
    close = snap(open + (random() - 0.5) * 120 * size);
    const high = Math.max(open, close) + snap(random() * 60 * size);
    const low = Math.min(open, close) - snap(random() * 60 * size);
    return bar(t, { open, high, low, close });
  });
}

function bar(t: number, prices: { open: number; high: number; low: number; close: number }): Bar {
  return { openTime: 1_700_000_100_000 + t * 180_000, ...prices, volume: 1, takerBuyVolume: 0.5 };
}
