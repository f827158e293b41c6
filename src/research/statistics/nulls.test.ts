import { describe, expect, it } from 'vitest';
import { simulateMarket } from '../../../data/simulated/market.ts';
import { Random } from '../../../data/simulated/random.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../engine/units.ts';
import { hashOf } from '../../market-data.ts';
import type { ResearchInput } from '../research-input.ts';
import { randomSchedule, templateOf } from './random-entry.ts';
import { randomEntryNull } from './random-entry-null.ts';
import { type TagSeries, tagSeries, tagSignificance } from './tag-significance.ts';

const BARS_A_DAY = 480;
const TIMEFRAME_MS = 3 * MINUTE_MS;

describe('random entries', () => {
  const plan = { timeoutMs: 30 * MINUTE_MS } as never;
  const templates = [3, 50, 51, 160].map((hour) => templateOf(plan, hour * HOUR_MS + 5));
  const options = { count: 100, fromMs: 0, toMs: 60 * 7 * DAY_MS, gapMs: HOUR_MS, seed: 1 };

  it('keep the hours of the week of the real ones and never overlap', () => {
    const schedule = randomSchedule(templates, options);
    expect(schedule).toHaveLength(100);
    for (const [i, { atMs, template }] of schedule.entries()) {
      expect(Math.floor(atMs / HOUR_MS) % 168).toBe(template.hourOfWeek);
      if (i > 0) expect(atMs - schedule[i - 1].atMs).toBeGreaterThanOrEqual(HOUR_MS);
    }
    expect(new Set(schedule.map(({ template }) => template.hourOfWeek)).size).toBe(4);
  });

  it('are fewer where the span is full', () => {
    const few = randomSchedule(templates, { ...options, toMs: 7 * DAY_MS });
    expect(few.length).toBeLessThan(8);
  });

  it('on a market without an edge are about as good as the real ones', () => {
    const made = simulateMarket({
      seed: 9,
      days: 40,
      timeframeMs: TIMEFRAME_MS,
      symbols: ['BTCUSDT'],
    });
    const [bars] = made.series;
    const startMs = bars.openTime[0];
    const endMs = startMs + 40 * DAY_MS;
    const data = {
      kind: 'simulated' as const,
      label: made.label,
      series: made.series,
      funding: [],
      events: [],
      manifest: [],
      findings: [],
      notes: [],
      dataHash: hashOf([made.label]),
      calendarHash: hashOf([]),
    };
    const input: ResearchInput = {
      data,
      base: { ignoreFile: true, env: {}, preset: 'smc-stand-in' },
      preset: 'smc-stand-in',
      mainSymbol: 'BTCUSDT',
      riskPercent: 0.75,
      startEquity: 10_000,
      span: { startMs, searchEndMs: endMs, endMs },
    };
    const result = randomEntryNull(input, { runs: 9, seed: 1 });
    expect(result.trades).toBeGreaterThan(50);
    expect(result.nulls).toHaveLength(9);
    expect(result.nullTrades).toBeGreaterThan(0.6 * result.trades);
    expect(result.nullTrades).toBeLessThan(1.5 * result.trades);
    // Both pay the same kind of costs: neither is above the other by more than chance.
    expect(Math.abs(result.meanR - result.nullMeanR)).toBeLessThan(0.25);
    expect(result.pValue).toBeGreaterThan(0.05);
  });
});

describe('significance of a tag', () => {
  const days = 60;
  const random = new Random(3, 1);
  const closesMs = Float64Array.from(
    { length: days * BARS_A_DAY },
    (_, i) => (i + 1) * TIMEFRAME_MS,
  );
  /** True in runs of some hours. */
  const tag = (name: string): TagSeries => {
    let on = 0;
    const long = Uint8Array.from(closesMs, () => {
      if (random.uniform() < 1 / 60) on = 1 - on;
      return on;
    });
    return { tag: name, long, short: long };
  };
  const [good, idle, never] = [tag('good'), tag('idle'), tag('never')];
  never.long.fill(0);
  const trades = Array.from({ length: 500 }, (_, i) => {
    const bar = Math.floor(((i + 0.5) / 500) * closesMs.length);
    const r = 0.67 * random.normal() + (good.long[bar] === 1 ? 0.3 : 0);
    return {
      decidedMs: closesMs[bar],
      direction: i % 2 === 0 ? (1 as const) : (-1 as const),
      tradeR: r,
    };
  });
  const rows = tagSignificance({
    trades,
    series: [good, idle, never],
    closesMs,
    timeframeMs: TIMEFRAME_MS,
    shifts: 400,
    seed: 1,
  });

  it('finds the tag that matters and its size', () => {
    expect(rows[0].effectR).toBeGreaterThan(0.15);
    expect(rows[0].effectR).toBeLessThan(0.45);
    expect(rows[0].pHolm).toBeLessThan(0.02);
  });

  it('does not find the idle one, and says nothing of one that is never true', () => {
    expect(rows[1].pValue).toBeGreaterThan(0.02);
    expect(rows[2]).toEqual({
      tag: 'never',
      with: 0,
      without: 500,
      effectR: undefined,
      pValue: undefined,
      pHolm: undefined,
    });
  });

  it('has no p-value where one side has under 30 trades', () => {
    const rare = tag('rare');
    rare.long.fill(0);
    for (let i = 0; i < 20; i++)
      rare.long[Math.floor(((i * 20 + 0.5) / 500) * closesMs.length)] = 1;
    const [row] = tagSignificance({
      trades,
      series: [rare],
      closesMs,
      timeframeMs: TIMEFRAME_MS,
      shifts: 50,
      seed: 1,
    });
    expect([row.with, row.without]).toEqual([20, 480]);
    expect(row.effectR).toBeDefined();
    expect(row.pValue).toBeUndefined();
  });

  it('is corrected for the number of tags', () => {
    expect(rows[0].pHolm).toBeCloseTo(2 * (rows[0].pValue ?? 0), 12);
  });

  it('reads both directions from the pipeline, at the close of signal bars', () => {
    const [bars] = simulateMarket({
      seed: 2,
      days: 6,
      timeframeMs: MINUTE_MS,
      symbols: ['BTCUSDT'],
    }).series;
    const made = tagSeries(bars, {
      signalTimeframeMs: TIMEFRAME_MS,
      biasTimeframeMs: 15 * MINUTE_MS,
      tickSize: 0.1,
    });
    expect(made.closesMs[0]).toBe(bars.openTime[0] + TIMEFRAME_MS);
    expect(made.closesMs).toHaveLength(6 * BARS_A_DAY);
    const [bias] = made.series;
    let both = 0;
    for (let i = 0; i < bias.long.length; i++) both += bias.long[i] & bias.short[i];
    expect(both).toBe(0);
    expect(bias.long.includes(1)).toBe(true);
    expect(bias.short.includes(1)).toBe(true);
  });
});
