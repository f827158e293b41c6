import { describe, expect, it } from 'vitest';
import { DAY0, resultOf, trade } from '../../../backtests/metrics/testing/trade-fixture.ts';
import type { BacktestResult } from '../../../backtests/run-options.ts';
import type { TradeRecord } from '../../engine/trade-record.ts';
import { DAY_MS, HOUR_MS } from '../../engine/units.ts';
import { daySeries } from '../statistics/day-series.ts';
import { randomDesign, spaceOf } from './setting-space.ts';
import type { DesignTrial, TrialDesign } from './trial-design.ts';
import { walkForward, windowsOf } from './walk-forward.ts';
import { DesignOptimiser, tradesIn } from './window-optimiser.ts';

const DAYS = 20;
const endMs = DAY0 + DAYS * DAY_MS;

/** `perDay` trades a day whose R a function of the day tells. */
function madeTrades(rOf: (day: number, i: number) => number, perDay = 20): TradeRecord[] {
  return Array.from({ length: DAYS * perDay }, (_, k) => {
    const day = Math.floor(k / perDay);
    const atMs = DAY0 + day * DAY_MS + (k % perDay) * HOUR_MS;
    const tradeR = rOf(day, k % perDay);
    const closedMs = atMs + HOUR_MS / 2;
    return trade({ tradeId: `t${k}`, decidedMs: atMs, closedMs, tradeR, netPnl: 10 * tradeR });
  });
}

function designOf(lists: Record<string, TradeRecord[]>): TrialDesign {
  const span = { startMs: DAY0, endMs, startEquity: 10_000, riskPercent: 0.1 };
  const trials = Object.entries(lists).map(
    ([name, trades]): DesignTrial => ({
      sets: [`exit.timeoutMinutes=${name}`],
      trades,
      days: daySeries(trades, span),
    }),
  );
  return { ...span, trials };
}

/** A run of the trades that close in the window, on an account of 10,000. */
function testRun(trades: readonly TradeRecord[], window: { fromMs: number; toMs: number }) {
  const inside = tradesIn({ trades }, window);
  const result = resultOf([], 0);
  let equity = 10_000;
  const points = inside.map((each) => {
    equity += each.netPnl;
    return { atMs: each.closedMs, equity };
  });
  const start = { atMs: window.fromMs, equity: 10_000 };
  return {
    ...result,
    trades: inside,
    startMs: window.fromMs,
    endMs: window.toMs,
    endEquity: equity,
    equity: [start, ...points],
    days: [start],
  } satisfies BacktestResult;
}

const firstHalfWins = madeTrades((day, i) => (day < 10 ? 1 : -1) * (i % 3 === 0 ? -0.6 : 0.6));
const secondHalfWins = madeTrades((day, i) => (day < 10 ? -1 : 1) * (i % 3 === 0 ? -0.6 : 0.6));

describe('windows', () => {
  it('follow each other by the length of the test', () => {
    const windows = windowsOf({ startMs: DAY0, endMs, trainDays: 9, testDays: 3 });
    expect(windows.map(({ test }) => (test.fromMs - DAY0) / DAY_MS)).toEqual([9, 12, 15]);
    for (const { train, test } of windows) expect(train.toMs).toBe(test.fromMs);
  });

  it('longer than the data are refused with its length', () => {
    expect(() => windowsOf({ startMs: DAY0, endMs, trainDays: 90, testDays: 30 })).toThrow(
      /train 90 d \+ test 30 d do not fit into the 20.0 days/,
    );
  });
});

describe('a choice', () => {
  it('sees its window alone and purges what is open at its end', async () => {
    const open = trade({ decidedMs: DAY0 + HOUR_MS, closedMs: DAY0 + DAY_MS + 1, tradeR: 50 });
    const window = { fromMs: DAY0, toMs: DAY0 + DAY_MS };
    expect(tradesIn({ trades: [open] }, window)).toEqual([]);
    const design = designOf({ 30: firstHalfWins, 60: secondHalfWins });
    const optimiser = new DesignOptimiser(design);
    const early = await optimiser.best({ fromMs: DAY0, toMs: DAY0 + 8 * DAY_MS });
    const late = await optimiser.best({ fromMs: DAY0 + 12 * DAY_MS, toMs: endMs });
    expect(early.sets).toEqual(['exit.timeoutMinutes=30']);
    expect(late.sets).toEqual(['exit.timeoutMinutes=60']);
    expect([early.trials, early.judged, early.trades]).toEqual([2, 2, 160]);
  });

  it('is none without 100 trades', async () => {
    const few = designOf({ 30: firstHalfWins.slice(0, 99) });
    const choice = await new DesignOptimiser(few).best({ fromMs: DAY0, toMs: endMs });
    expect(choice.sets).toBeUndefined();
    expect([choice.judged, choice.trades]).toEqual([0, 99]);
  });

  it('takes a trial within the drawdown limit before a better one beyond it', async () => {
    const wild = madeTrades((day) => (day % 2 === 0 ? 9 : -5));
    const design = { ...designOf({ 30: wild, 60: firstHalfWins }), riskPercent: 0.2 };
    const window = { fromMs: DAY0, toMs: DAY0 + 8 * DAY_MS };
    const choice = await new DesignOptimiser(design).best(window);
    expect(choice.isFeasible).toBe(true);
    expect(choice.sets).toEqual(['exit.timeoutMinutes=60']);
  });

  it('of an objective that is no number is refused with the settings', async () => {
    const broken = designOf({ 30: madeTrades(() => Number.NaN) });
    await expect(new DesignOptimiser(broken).best({ fromMs: DAY0, toMs: endMs })).rejects.toThrow(
      /objective is NaN for exit.timeoutMinutes=30/,
    );
  });
});

describe('walk forward', () => {
  const lists: Record<string, TradeRecord[]> = { 30: firstHalfWins, 60: secondHalfWins };
  const walk = (trainDays: number, testDays: number) =>
    walkForward({
      startMs: DAY0,
      endMs,
      trainDays,
      testDays,
      optimiser: new DesignOptimiser(designOf(lists)),
      runTest: (sets, window) => testRun(lists[sets[0]?.split('=')[1] ?? '30'], window),
    });

  it('stitches out-of-sample equity without a gap', async () => {
    const result = await walk(6, 2);
    expect(result.slices).toHaveLength(7);
    let level = 1;
    for (const slice of result.slices) level *= 1 + slice.returnFraction;
    expect(result.returnFraction).toBeCloseTo(level - 1, 12);
    const times = result.equity.map(({ atMs }) => atMs);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  it('shows the cost of a market that turned: chosen on wins, traded at losses', async () => {
    const result = await walk(6, 2);
    const turned = result.slices.find((slice) => slice.test.fromMs === DAY0 + 10 * DAY_MS);
    expect(turned?.choice.profitFactor).toBeGreaterThan(1.5);
    expect(turned?.profitFactor).toBeLessThan(0.6);
    expect(result.trialsRead).toBe(14);
  });

  it('tells how often a value was chosen', async () => {
    const { stability } = await walk(6, 2);
    const counts = stability[0].chosen.map(({ count }) => count);
    expect(stability[0].path).toBe('exit.timeoutMinutes');
    expect(counts.reduce((a, b) => a + b, 0)).toBe(7);
    expect(stability[0].share).toBe(counts[0] / 7);
  });

  it('counts a window that kept the preset as such', async () => {
    const design = designOf(lists);
    const [first, second] = design.trials;
    const kept = { ...design, trials: [{ ...first, sets: [] }, second] };
    const { stability } = await walkForward({
      startMs: DAY0,
      endMs,
      trainDays: 6,
      testDays: 4,
      optimiser: new DesignOptimiser(kept),
      runTest: (_, window) => testRun(firstHalfWins, window),
    });
    expect(stability[0].chosen).toEqual([
      { value: '(as in the preset)', count: 2 },
      { value: '60', count: 1 },
    ]);
  });

  it('judges against 1.4 with enough trades, and is INSUFFICIENT without', async () => {
    expect((await walk(6, 2)).verdict).toBe('target missed');
    const short = await walk(4, 16);
    expect(short.slices[0].isInsufficient).toBe(true);
    expect(short.verdict).toBe('INSUFFICIENT');
    expect(short.why[0]).toMatch(/1 of 1 train windows have no trial with 100 trades/);
  });
});

describe('a fixed design', () => {
  it('begins with the preset, repeats by seed and never twice the same point', () => {
    const space = spaceOf('sequence');
    const design = randomDesign(space, { trials: 200, seed: 3 });
    expect(design[0]).toEqual([]);
    expect(design[1]).toHaveLength(space.length);
    expect(new Set(design.map(String)).size).toBe(200);
    expect(randomDesign(space, { trials: 200, seed: 3 })).toEqual(design);
    expect(randomDesign(space, { trials: 200, seed: 4 })).not.toEqual(design);
  });

  it('larger than its space is refused', () => {
    const space = [{ path: 'a', values: ['1', '2', '3', '4'] }];
    expect(() => randomDesign(space, { trials: 3, seed: 1 })).toThrow(/do not fit a space of 4/);
    expect(() => spaceOf('documents')).toThrow(/no search space for the preset "documents"/);
  });
});
