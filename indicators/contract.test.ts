import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { INDICATORS } from './catalog.ts';
import type { Bar, Indicator, IndicatorEntry, Output } from './indicator.ts';
import { loadState, saveState } from './state.ts';

const TICK = 0.1;
const BARS = 4000;
const MINUTES_3 = 180_000;
const START = 1_700_000_100_000;
/** Averages and sums may round differently when all prices are scaled. */
const RELATIVE = 1e-9;

/** A running sum exists from its first bar on; its change, which rules read, sets the warm-up. */
const EARLY: ReadonlySet<string> = new Set(['cvd']);

interface Ticks {
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  takerBuyVolume: number;
}

const WALK = randomWalk(BARS, 7);

test('every entries.ts is listed in the catalogue', () => {
  const listed = readFileSync(join(import.meta.dirname, 'catalog.ts'), 'utf8');
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => existsSync(join(import.meta.dirname, name, 'entries.ts')));
  expect(folders.filter((name) => !listed.includes(`'./${name}/entries.ts'`))).toEqual([]);
  expect(folders.length).toBeGreaterThan(1);
});

test('names are unique', () => {
  const names = INDICATORS.map((entry) => entry.name);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(INDICATORS.map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
  const bars = toBars(WALK, TICK);
  const rows = run(entry, entry.create(TICK), bars);

  test('is silent until warm', () => {
    const { warmUpBars } = entry.create(TICK);
    for (let i = 0; i < warmUpBars - 1; i++) {
      entry.outputs.forEach((output, c) => {
        const value = rows[i][c];
        const silent = Number.isNaN(value) || (value === 0 && isMark(output));
        if (EARLY.has(output.name)) return;
        if (!silent) expect.fail(`${output.name} is ${value} at ${i}, warm at ${warmUpBars - 1}`);
      });
    }
  });

  test('has its first value with bar number warmUpBars, stays finite, and says something', () => {
    const { warmUpBars } = entry.create(TICK);
    const firsts = entry.outputs.flatMap((output, c) => {
      if (output.sparse === true || isMark(output) || EARLY.has(output.name)) return [];
      return [rows.findIndex((row) => Number.isFinite(row[c]))];
    });
    if (firsts.length > 0) expect(Math.min(...firsts)).toBe(warmUpBars - 1);
    expectFinite(entry, rows);
    const says = (value: number) => value !== 0 && !Number.isNaN(value);
    const live = entry.outputs.filter((_, c) => rows.some((row) => says(row[c])));
    expect(live.map((output) => output.name)).not.toEqual([]);
    const dead = entry.outputs.filter((_, c) => rows.every((row) => Number.isNaN(row[c])));
    expect(dead.map((output) => output.name)).toEqual([]);
  });

  test('refuses a value that is no number and a time that does not advance', () => {
    const fields = ['open', 'high', 'low', 'close', 'volume'] as const;
    const indicator = entry.create(TICK);
    for (let i = 0; i < 600; i++) indicator.update({ ...bars[i] });
    const next = bars[600];
    for (const field of fields) {
      for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => indicator.update({ ...next, [field]: wrong })).toThrow(RangeError);
      }
    }
    for (const back of [0, MINUTES_3]) {
      const openTime = bars[599].openTime - back;
      expect(() => indicator.update({ ...next, openTime })).toThrow(RangeError);
    }
    indicator.update({ ...next });
    expectSameRow(entry, read(entry, indicator), rows[600], 600);
  });

  test('a second run over fresh bar objects gives the same', () => {
    const copies = bars.map((bar) => Object.freeze({ ...bar }));
    expectSameRows(entry, run(entry, entry.create(TICK), copies), rows);
  });

  test('every prefix gives what the whole gave there', () => {
    for (const length of [1, 2, 199, 200, 1234, 3001]) {
      const prefix = run(entry, entry.create(TICK), bars.slice(0, length));
      expectSameRows(entry, prefix, rows.slice(0, length));
    }
  });

  test('saved and loaded midway equals never stopped', () => {
    for (const stop of [1, 57, 999, 2500]) {
      const first = entry.create(TICK);
      run(entry, first, bars.slice(0, stop));
      const state = structuredClone(saveState(first));
      const second = entry.create(TICK);
      loadState(second, state);
      const rest = run(entry, second, bars.slice(stop));
      expectSameRows(entry, rest, rows.slice(stop), stop);
    }
  });

  // Powers of two scale without any rounding, so nothing at all may be decided otherwise.
  test.each([
    [1024, 0],
    [1 / 1024, 0],
    [1000, entry.knifeEdgeShareMax ?? 0],
    [1 / 1000, entry.knifeEdgeShareMax ?? 0],
  ])('prices and tick times %s scale the outputs by unit', (scale, wrongShareMax) => {
    const isPowerOfTwo = Number.isInteger(Math.log2(scale));
    const tick = isPowerOfTwo ? TICK * scale : scale > 1 ? 100 : 0.0001;
    const market = isPowerOfTwo ? bars.map((bar) => times(bar, scale)) : toBars(WALK, tick);
    const scaled = run(entry, entry.create(tick), market);
    const wrong: string[] = [];
    for (let i = 0; i < rows.length; i++) {
      const differing = entry.outputs.filter((output, c) => {
        return !isClose(scaled[i][c], rows[i][c] * scaleOf(output, scale), output);
      });
      if (differing.length > 0) wrong.push(`${differing.map((o) => o.name).join(', ')} at ${i}`);
    }
    if (wrong.length > wrongShareMax * rows.length) {
      expect.fail(`${wrong.length} bars, first ${wrong[0]}`);
    }
  });

  if (entry.mirror === 'exact') {
    test('mirrored prices mirror the outputs', () => {
      // Whole numbers: the mirror image is then exact, and so are sums of ranges.
      const axis = 2_000_000;
      const plain = run(entry, entry.create(1), toBars(WALK, 1));
      const mirrored = (entry.createMirrored ?? entry.create)(1);
      const image = run(
        entry,
        mirrored,
        toBars(
          WALK.map((bar) => mirror(bar, axis)),
          1,
        ),
      );
      const columns = new Map(entry.outputs.map((output, c) => [output.name, c]));
      for (let i = 0; i < plain.length; i++) {
        entry.outputs.forEach((output, c) => {
          if (output.mirrorValue === false) return;
          const from = columns.get(output.mirrorOf ?? output.name) ?? -1;
          const expected = turned(output, plain[i][from], axis);
          if (isClose(image[i][c], expected, output)) return;
          expect.fail(`${output.name} at ${i}: ${image[i][c]} instead of ${expected}`);
        });
      }
    });
  }

  test('gaps, bars without volume and flat prices are taken', () => {
    for (const [name, odd] of Object.entries(oddMarkets(bars))) {
      const out = run(entry, entry.create(TICK), odd);
      for (const row of out) {
        for (const value of row) {
          if (Math.abs(value) === Number.POSITIVE_INFINITY) expect.fail(`${name}: infinite`);
        }
      }
      // Without any volume there may be no value; a gap over 200 bars may restart a module.
      if (!name.startsWith('no ') && name !== 'large gap') expectFinite(entry, out);
    }
  });
});

function run(entry: IndicatorEntry, indicator: Indicator, bars: readonly Bar[]): Float64Array[] {
  const shared = { ...bars[0] };
  return bars.map((bar) => {
    indicator.update(Object.isFrozen(bar) ? bar : Object.assign(shared, bar));
    return read(entry, indicator);
  });
}

function read(entry: IndicatorEntry, indicator: Indicator): Float64Array {
  return Float64Array.from(entry.outputs, (output) => output.read(indicator));
}

function isMark(output: Output<Indicator>): boolean {
  return ['event', 'flag', 'direction', 'count'].includes(output.unit);
}

/** Once an output has a value it keeps having one; a sparse one may lose it, none is infinite. */
function expectFinite(entry: IndicatorEntry, rows: readonly Float64Array[]): void {
  entry.outputs.forEach((output, c) => {
    let hasBegun = false;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i][c];
      if (Number.isFinite(value)) hasBegun = true;
      else if (!Number.isNaN(value) || (hasBegun && output.sparse !== true)) {
        expect.fail(`${output.name} is ${value} at ${i}`);
      }
    }
  });
}

function expectSameRows(
  entry: IndicatorEntry,
  actual: readonly Float64Array[],
  expected: readonly Float64Array[],
  offset = 0,
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expectSameRow(entry, actual[i], expected[i], i + offset);
}

function expectSameRow(
  entry: IndicatorEntry,
  actual: Float64Array,
  expected: Float64Array,
  index: number,
): void {
  for (let c = 0; c < expected.length; c++) {
    if (Object.is(actual[c], expected[c])) continue;
    expect.fail(`${entry.outputs[c].name} at ${index}: ${actual[c]} instead of ${expected[c]}`);
  }
}

function isClose(actual: number, expected: number, output: Output<Indicator>): boolean {
  if (Number.isNaN(actual) && Number.isNaN(expected)) return true;
  if (isMark(output)) return actual === expected;
  const size = Math.max(Math.abs(expected), output.unit === 'ratio' ? 1 : 1e-12);
  return Math.abs(actual - expected) <= RELATIVE * size;
}

function scaleOf(output: Output<Indicator>, scale: number): number {
  return output.unit === 'price' ? scale : 1;
}

function times(bar: Bar, scale: number): Bar {
  const { open, high, low, close } = bar;
  return { ...bar, open: open * scale, high: high * scale, low: low * scale, close: close * scale };
}

function turned(output: Output<Indicator>, value: number, axis: number): number {
  if (typeof output.mirrorValue === 'function') return output.mirrorValue(value, axis);
  if (output.unit === 'price') return axis - value;
  if (output.unit === 'direction') return 0 - value;
  return value;
}

function mirror(bar: Ticks, axis: number): Ticks {
  return {
    open: axis - bar.open,
    high: axis - bar.low,
    low: axis - bar.high,
    close: axis - bar.close,
    volume: bar.volume,
    takerBuyVolume: bar.volume - bar.takerBuyVolume,
  };
}

function toBars(walk: readonly Ticks[], tick: number): Bar[] {
  // Dividing by a whole number gives the double nearest to the decimal price; multiplying by a
  // tick like 0.1 would not, and equal prices could become unequal.
  const price = (ticks: number) => (tick < 1 ? ticks / Math.round(1 / tick) : ticks * tick);
  return walk.map((bar, i) => ({
    openTime: START + i * MINUTES_3,
    open: price(bar.open),
    high: price(bar.high),
    low: price(bar.low),
    close: price(bar.close),
    volume: bar.volume,
    takerBuyVolume: bar.takerBuyVolume,
  }));
}

function oddMarkets(bars: readonly Bar[]): Record<string, Bar[]> {
  const price = bars[0].close;
  const still = { open: price, high: price, low: price, close: price };
  return {
    'small gaps': bars.map((bar, i) => later(bar, Math.floor(i / 500) * 10)),
    'large gap': bars.map((bar, i) => later(bar, i < 1000 ? 0 : 1000)),
    'no volume': bars.map((bar) => ({ ...bar, volume: 0, takerBuyVolume: 0 })),
    'no taker volume': bars.map((bar) => ({ ...bar, takerBuyVolume: Number.NaN })),
    'flat from the start': bars.map((bar) => ({ ...bar, ...still })),
    'flat stretch': bars.map((bar, i) => (i > 600 && i < 1100 ? { ...bar, ...still } : bar)),
  };
}

function later(bar: Bar, bars: number): Bar {
  return { ...bar, openTime: bar.openTime + bars * MINUTES_3 };
}

/** Seeded prices in ticks: changing volatility, trends and ranges, jumps, a coarse grid for ties. */
function randomWalk(length: number, seed: number): Ticks[] {
  const random = generator(seed);
  const gauss = () => random() + random() + random() + random() - 2;
  const out: Ticks[] = [];
  let close = 600_000;
  let volatility = 400;
  let drift = 0;
  for (let i = 0; i < length; i++) {
    if (i % 150 === 0) drift = gauss() * 60;
    volatility = Math.min(2000, Math.max(80, volatility * (1 + 0.15 * gauss())));
    const grid = i % 900 < 150 ? 50 : 1;
    const snap = (ticks: number) => Math.round(ticks / grid) * grid;
    const open = close;
    const jump = random() < 0.005 ? gauss() * 8 * volatility : 0;
    close = Math.min(
      1_400_000,
      Math.max(200_000, snap(open + drift + gauss() * volatility + jump)),
    );
    const high = snap(Math.max(open, close) + random() * volatility);
    const low = snap(Math.min(open, close) - random() * volatility);
    const volume = Math.round((5 + 40 * random() * random()) * 1000) / 1000;
    const share = Math.min(
      0.95,
      Math.max(0.05, 0.5 + (close - open) / (8 * volatility) + 0.2 * gauss()),
    );
    out.push({
      open,
      high: Math.max(high, open, close),
      low: Math.min(low, open, close),
      close,
      volume,
      takerBuyVolume: volume * share,
    });
  }
  return out;
}

/** A small 32-bit generator (mulberry32's mixing): the same numbers on every machine. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
