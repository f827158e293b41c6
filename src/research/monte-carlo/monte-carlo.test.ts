import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY0, trade } from '../../../backtests/metrics/testing/trade-fixture.ts';
import { tradesCsv } from '../../../backtests/report/csv.ts';
import { Random } from '../../../data/simulated/random.ts';
import { DAY_MS, HOUR_MS } from '../../engine/units.ts';
import { type PathTrade, walkAccount } from './account-walk.ts';
import { pathDays } from './path-days.ts';
import { readRun } from './read-run.ts';
import { blockPaths, shuffledPaths } from './trade-paths.ts';

const plain = { riskPercent: 1, hasBreakers: false, ruinFraction: 0.7 };

function day(...rs: number[]): PathTrade[] {
  return rs.map((r) => ({ r, direction: 1 }));
}

describe('a path of the account', () => {
  it('compounds at a fixed fraction and measures drawdown and streaks', () => {
    const path = walkAccount([day(1, -2), day(), day(3, 1)], plain);
    expect(path.end).toBeCloseTo(1.01 * 0.98 * 1.03 * 1.01, 12);
    expect(path.maxDrawdown).toBeCloseTo(0.02, 12);
    expect([path.lossStreak, path.winStreak, path.underWaterDays]).toEqual([1, 2, 2]);
    expect([path.trades, path.isRuined, path.isStopped]).toEqual([4, false, false]);
  });

  it('counts ruin at 70 % of the start, and goes on', () => {
    const path = walkAccount([day(-20), day(-15), day(60)], plain);
    expect([path.isRuined, path.ruinDay]).toEqual([true, 1]);
    expect(path.end).toBeGreaterThan(1);
    expect(path.isStopped).toBe(true);
  });

  it('is throttled in a drawdown: half risk at 8 % and beyond', () => {
    const fallen = walkAccount([day(-8), day(-1)], { ...plain, hasBreakers: true });
    expect(fallen.end).toBeCloseTo(0.92 * (1 - 0.01 * 0.5), 12);
    const shallow = walkAccount([day(-2), day(-1)], { ...plain, hasBreakers: true });
    expect(shallow.end).toBeCloseTo(0.98 * (1 - 0.01 * 0.75), 12);
  });

  it('keeps a side out for the day at -3 R, the other one still trades', () => {
    const down = (r: number): PathTrade => ({ r, direction: -1 });
    // The account is at -1.2 R: only longs have lost 3.
    const days = [[down(2), ...day(-3.2, -1), down(1)]];
    const path = walkAccount(days, { ...plain, hasBreakers: true });
    expect([path.keptOut, path.trades]).toEqual([1, 3]);
    expect(walkAccount(days, plain).keptOut).toBe(0);
  });

  it('ends the day at -3 account-R for both sides', () => {
    const days: PathTrade[][] = [[...day(-3.2), { r: 5, direction: -1 }], day(1)];
    const path = walkAccount(days, { ...plain, hasBreakers: true });
    expect([path.keptOut, path.trades]).toEqual([1, 2]);
  });

  it('under water to the end counts to the end', () => {
    expect(walkAccount([day(1), day(-1), day(), day()], plain).underWaterDays).toBe(4);
  });
});

describe('paths of a year', () => {
  // Losing weeks and winning weeks: clusters.
  const clustered = Array.from({ length: 140 }, (_, d) =>
    day(...(Math.floor(d / 7) % 2 === 0 ? [-0.9, -0.9] : [1, 1])),
  );
  const options = { riskPercent: 1, paths: 400, seed: 1 };

  it('by blocks have deeper drawdowns than the shuffle, which tears clusters apart', () => {
    const blocks = blockPaths(clustered, { ...options, hasBreakers: false, days: 140 });
    const shuffle = shuffledPaths(clustered, options);
    expect(blocks.maxDrawdown[2]).toBeGreaterThan(1.3 * shuffle.maxDrawdown[2]);
  });

  it('by shuffle all end where the measured trades did', () => {
    const { end } = shuffledPaths(clustered, options);
    const measured = walkAccount(clustered, plain).end;
    for (const value of end) expect(value).toBeCloseTo(measured, 9);
  });

  it('repeat by seed', () => {
    const once = blockPaths(clustered, { ...options, hasBreakers: true });
    expect(blockPaths(clustered, { ...options, hasBreakers: true })).toEqual(once);
    expect(blockPaths(clustered, { ...options, seed: 2, hasBreakers: true })).not.toEqual(once);
  });

  it('give the ruin of a random walk: about P(min <= ln 0.7)', () => {
    // Four trades a day of +-1 R at 1 %: a year is 1,460 steps. With log drift v = -s^2/2 the
    // reflection principle gives Phi((b - vT)/(s sqrt T)) + e^(2vb/s^2) Phi((b + vT)/(s sqrt T)).
    const random = new Random(4, 5);
    const days = Array.from({ length: 4_000 }, () =>
      day(...Array.from({ length: 4 }, () => (random.uniform() < 0.5 ? 1 : -1))),
    );
    const flat = days.flat();
    const lean = flat.reduce((sum, { r }) => sum + r, 0) / flat.length;
    const centred = days.map((trades) =>
      trades.map(({ r }) => ({ r: r - lean, direction: 1 as const })),
    );
    const { ruinShare, ruinInterval } = blockPaths(centred, {
      riskPercent: 1,
      paths: 2_000,
      seed: 3,
      hasBreakers: false,
    });
    // s = 0.01, T = 1,460, b = ln 0.7 = -0.3567: Phi(-0.7424) + 1/0.7 Phi(-1.1245) = 0.4153.
    expect(ruinShare).toBeGreaterThan(0.34);
    expect(ruinShare).toBeLessThan(0.45);
    expect(ruinInterval.low).toBeLessThan(ruinShare);
  });

  it('do not exist without a trade', () => {
    expect(() => blockPaths([[], []], { ...options, hasBreakers: true })).toThrow(/no trades/);
  });
});

describe('a finished run', () => {
  it('is read from its files, empty days kept', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qcm-'));
    const closedMs = DAY0 + 2 * DAY_MS + HOUR_MS;
    writeFileSync(
      join(folder, 'trades.csv'),
      tradesCsv([trade({ tradeR: -0.5, closedMs, direction: -1 })]),
    );
    const span = {
      from: new Date(DAY0).toISOString(),
      to: new Date(DAY0 + 4 * DAY_MS).toISOString(),
    };
    const summary = { label: 'x', span, config: { risk: { perTradePercent: 0.5 } } };
    writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
    const run = readRun(folder);
    expect(run.riskPercent).toBe(0.5);
    expect(pathDays(run.trades, run)).toEqual([[], [], [{ r: -0.5, direction: -1 }], []]);
  });

  it('that is none is refused by the name of what is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'qcm-'));
    expect(() => readRun(folder)).toThrow(/trades.csv does not exist/);
    writeFileSync(join(folder, 'trades.csv'), 'a,b\n1,2\n');
    writeFileSync(join(folder, 'summary.json'), '{}');
    expect(() => readRun(folder)).toThrow(/no column side/);
  });
});
