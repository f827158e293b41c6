import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Bar } from '../indicator.ts';
import {
  differingCells,
  readTable,
  secondImplementationBars,
  secondImplementationFolder,
} from '../oscillator-matrix/testing/second-implementation.ts';
import { SmartMoneyConcepts } from '../smart-money-concepts/smart-money-concepts.ts';
import { PRICE_ACTION_OUTPUTS } from './entries.ts';
import { PRICE_ACTION_PRESETS } from './presets.ts';
import { PriceActionConcepts, type PriceActionOptions } from './price-action-concepts.ts';
import { shownBlocks } from './shown-blocks.ts';
import { LiteralBlocks, literalStructure } from './testing/literal-price-action.ts';

const MINUTES_3 = 180_000;

const folder = secondImplementationFolder();
if (folder === null) {
  console.warn('SKIPPED: golden/second-implementation is not there; set QCM_SHARED');
}
describe.skipIf(folder === null)('the independent program', () => {
  test('gives the same 34 columns from row 2,200 on', () => {
    const options = { ...PRICE_ACTION_PRESETS.chart, tickSize: 0.01, barMs: MINUTES_3 };
    const differing = differingCells({
      indicator: new PriceActionConcepts(options),
      outputs: PRICE_ACTION_OUTPUTS,
      golden: readTable(resolve(folder!, 'btc-spot3m.price-action.csv.gz')),
      bars: secondImplementationBars(),
    });
    expect(differing).toEqual([]);
  });
});

describe('against the specification written out over whole arrays', () => {
  const bars = walk(2500, 5);

  test.each([5, 8])('breaks of structure, length %i', (length) => {
    const expected = literalStructure(bars, length);
    const pac = new PriceActionConcepts({ internalLength: length });
    bars.forEach((bar, t) => {
      pac.update(bar);
      const { internal } = pac.parts;
      expect([internal.bull, internal.bear, internal.trend], `bar ${t}`).toEqual(expected[t]);
    });
    expect(new Set(expected.flatMap((row) => row[0])).size).toBe(4);
  });

  const variants: PriceActionOptions[] = [
    {},
    { obInterval: 'originToPreBreak' },
    { obInterval: 'origin' },
    { obSplit: 'clv' },
    { obSplit: 'taker' },
    { obStrength: 'shareSide' },
    { obStrength: 'shareBoth' },
    { obMitigation: 'wick' },
    { obMitigation: 'average' },
    { obMaxAgeBars: 120 },
  ];
  test.each(variants)('blocks, %o', (options) => {
    const pac = new PriceActionConcepts({ ...options, tickSize: 0.1 });
    const literal = new LiteralBlocks(bars, { ...options, tickSize: 0.1 });
    bars.forEach((bar, t) => {
      pac.update(bar);
      const expected = literal.at(t);
      expect(blocksOf(pac, t), `bar ${t}`).toEqual(expected);
    });
    expect(literal.created).toBeGreaterThan(50);
  });
});

test('options that change results do', () => {
  const bars = walk(1200, 3);
  const plain = trace(new PriceActionConcepts(), bars);
  for (const options of [
    { obInterval: 'origin' },
    { obSplit: 'clv' },
    { obStrength: 'shareBoth' },
    { obMitigation: 'wick' },
    { obMaxAgeBars: 50 },
    { equalThreshold: 0.5 },
    { fvgThreshold: 0.5 },
    { internalLength: 6 },
  ] satisfies PriceActionOptions[]) {
    expect(trace(new PriceActionConcepts(options), bars)).not.toEqual(plain);
  }
});

test('a part that is left out changes nothing of the others', () => {
  const bars = walk(1200, 9);
  const all = new PriceActionConcepts();
  const some = new PriceActionConcepts({ parts: ['blocks'] });
  const least = new PriceActionConcepts({ parts: [] });
  for (const bar of bars) {
    for (const each of [all, some, least]) each.update(bar);
    expect(some.bullObTop).toBe(all.bullObTop);
    expect(some.bearObStrength).toBe(all.bearObStrength);
    expect(least.internalTrend).toBe(all.internalTrend);
    expect(least.iChochPlus).toBe(all.iChochPlus);
  }
  expect(least.bullObCount).toBeNaN();
  expect(some.eqh).toBeNaN();
});

test('one minute bars inside decide the intrabar split', () => {
  const bars = walk(900, 4);
  const plain = new PriceActionConcepts({ obSplit: 'polarity' });
  const same = new PriceActionConcepts({ obSplit: 'intrabar' });
  const half = new PriceActionConcepts({ obSplit: 'intrabar' });
  for (const bar of bars) {
    plain.update(bar);
    same.addIntrabar(bar);
    same.update(bar);
    half.addIntrabar({ ...bar, open: bar.low, close: bar.high });
    half.addIntrabar({ ...bar, open: bar.high, close: bar.low });
    half.update(bar);
    expect(same.bullObDominance).toBe(plain.bullObDominance);
  }
  expect(half.bullObDominance).toBe(50);
  expect(plain.bullObDominance).not.toBe(50);
});

test('equal levels and zones are those of the open Smart Money Concepts', () => {
  const pac = new PriceActionConcepts();
  const smc = new SmartMoneyConcepts();
  let equals = 0;
  for (const bar of walk(3000, 2)) {
    pac.update(bar);
    smc.update(bar);
    if (Number.isNaN(pac.eqh)) continue;
    expect([pac.eqh, pac.eql]).toEqual([smc.equalHigh, smc.equalLow]);
    expect(pac.premiumBottom).toBe(smc.trailing.premiumBottom());
    expect(pac.discountTop).toBe(smc.trailing.discountTop());
    equals += pac.eqh + pac.eql;
  }
  expect(equals).toBeGreaterThan(0);
});

test('a broken block is a breaker until price passes its other edge', () => {
  const pac = new PriceActionConcepts({ breakers: true, parts: ['blocks'] });
  let most = 0;
  let left = 0;
  for (const bar of walk(2500, 6)) {
    const { demand } = pac.parts.blocks!;
    const before = demand.breakers!.count;
    pac.update(bar);
    const breakers = demand.breakers!;
    expect(breakers.count).toBe(before - breakers.mitigated + demand.mitigated);
    for (let at = 0; at < breakers.count; at++) {
      expect(bar.close).toBeLessThanOrEqual(breakers.top(at));
    }
    most = Math.max(most, breakers.count);
    left += breakers.mitigated;
  }
  expect(most).toBeGreaterThan(3);
  expect(left).toBeGreaterThan(10);
});

test('a double gap is the overlap of two, an inverse one is the newest once it is broken', () => {
  const pac = new PriceActionConcepts({ parts: ['imbalances'] });
  const { imbalances } = pac.parts;
  const at = (i: number, low: number, high: number, close: number) =>
    pac.update(bar(i, { open: close, high, low, close }));
  at(0, 100, 101, 100.5);
  at(1, 101, 104, 103.5);
  at(2, 103, 105, 104);
  expect([pac.bullFvg, imbalances!.bulls.top(0), imbalances!.bulls.bottom(0)]).toEqual([
    1, 103, 101,
  ]);
  at(3, 101.5, 104, 102);
  at(4, 100.2, 102.5, 101.2);
  expect([pac.bearFvg, imbalances!.double]).toEqual([1, -1]);
  expect([imbalances!.doubleTop, imbalances!.doubleBottom]).toEqual([103, 102.5]);
  at(5, 101, 104, 103.5);
  expect(pac.bearFvgMitigated).toBe(1);
  expect([imbalances!.inverse, imbalances!.inverseTop, imbalances!.inverseBottom]).toEqual([
    1, 103, 102.5,
  ]);
});

test('grabs need a wick beyond and a close back', () => {
  const pac = new PriceActionConcepts({ parts: ['grabs'] });
  let grabs = 0;
  for (const bar of walk(3000, 8)) {
    pac.update(bar);
    const { lowLevel, lowBroken } = pac.parts.internal.pivots;
    const isGrab = lowBroken === 0 && bar.low < lowLevel && bar.close > lowLevel;
    if (Number.isNaN(pac.bullGrab)) continue;
    expect(pac.bullGrab).toBe(Number(isGrab));
    grabs += pac.bullGrab;
  }
  expect(grabs).toBeGreaterThan(20);
});

test('the chart shows the newest five, overlapping ones hidden', () => {
  const pac = new PriceActionConcepts({ parts: ['blocks'] });
  let hidden = 0;
  for (const bar of walk(2000, 12)) {
    pac.update(bar);
    const { supply } = pac.parts.blocks!;
    const all = shownBlocks(supply, { hideOverlap: false });
    const clear = shownBlocks(supply);
    expect(all.length).toBe(Math.min(5, supply.count));
    expect(all[0]?.id).toBe(clear[0]?.id);
    for (const [i, a] of clear.entries()) {
      for (const b of clear.slice(i + 1)) expect(a.bottom > b.top || a.top < b.bottom).toBe(true);
    }
    if (clear.length < all.length) hidden++;
  }
  expect(hidden).toBeGreaterThan(10);
});

test('after a gap events are silent for five bars while states go on', () => {
  const bars = walk(1600, 21);
  const shifted = bars.map((each, i) => ({
    ...each,
    openTime: each.openTime + (i >= 800 ? 10 * MINUTES_3 : 0),
  }));
  const plain = new PriceActionConcepts({ barMs: MINUTES_3 });
  const gapped = new PriceActionConcepts({ barMs: MINUTES_3 });
  let events = 0;
  bars.forEach((each, i) => {
    plain.update(each);
    gapped.update(shifted[i]);
    const isMuted = i >= 800 && i < 805;
    events += plain.enteredBullOb + plain.bullFvg + Math.abs(plain.iBos);
    expect(gapped.enteredBullOb).toBe(isMuted ? 0 : plain.enteredBullOb);
    expect(gapped.bullFvg).toBe(isMuted ? 0 : plain.bullFvg);
    expect(gapped.internalTrend).toBe(plain.internalTrend);
    expect(gapped.bullObTop).toBe(plain.bullObTop);
  });
  expect(events).not.toBe(0);
  gapped.update({ ...shifted[1599], openTime: shifted[1599].openTime + 300 * MINUTES_3 });
  expect(gapped.bars).toBe(1);
});

test('options outside their range are refused', () => {
  expect(() => new PriceActionConcepts({ internalLength: 0 })).toThrow(RangeError);
  expect(() => new PriceActionConcepts({ swingLength: 2.5 })).toThrow(RangeError);
  expect(() => new PriceActionConcepts({ obMaxAgeBars: -1 })).toThrow(RangeError);
});

function blocksOf(pac: PriceActionConcepts, t: number) {
  const { blocks } = pac.parts;
  return [blocks!.demand, blocks!.supply].map((list) => ({
    blocks: Array.from({ length: list.count }, (_, at) => ({
      top: list.top(at),
      bottom: list.bottom(at),
      originBar: list.originBar[at],
      createdBar: list.createdBar[at],
      volume: list.volume[at],
      dominance: list.dominance[at],
      strength: blocks!.strengthAt(list, at),
      isTapped: list.isTapped(at, t),
    })).sort((a, b) => a.createdBar - b.createdBar),
    mitigated: list.mitigated,
    within: list.within,
    entered: list.entered,
    pierced: list.pierced,
  }));
}

function trace(pac: PriceActionConcepts, bars: readonly Bar[]): number[][] {
  return bars.map((each) => {
    pac.update(each);
    return PRICE_ACTION_OUTPUTS.map((output) => output.read(pac));
  });
}

function bar(i: number, prices: Pick<Bar, 'open' | 'high' | 'low' | 'close'>): Bar {
  return { openTime: i * MINUTES_3, ...prices, volume: 1, takerBuyVolume: Number.NaN };
}

/** A seeded walk on a coarse grid: ties, flat bars and bars without volume are common. */
function walk(length: number, seed: number): Bar[] {
  let state = seed * 7919;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  let close = 1000;
  return Array.from({ length }, (_, i) => {
    const open = close;
    const width = 1 + 6 * random();
    close = Math.round((open + (random() - 0.5) * 2 * width) * 2) / 2;
    const isFlat = random() < 0.04;
    if (isFlat) close = open;
    const wick = () => (isFlat ? 0 : Math.round(random() * width * 2) / 2);
    const volume = random() < 0.03 ? 0 : Math.round(random() * 1000) / 8;
    return {
      openTime: i * MINUTES_3,
      open,
      high: Math.max(open, close) + wick(),
      low: Math.min(open, close) - wick(),
      close,
      volume,
      takerBuyVolume: volume * random(),
    };
  });
}
