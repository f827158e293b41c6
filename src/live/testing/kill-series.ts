import { expect } from 'vitest';
import { Random } from '../../../data/simulated/random.ts';
import { stateFolder } from '../../store/testing/store-fixture.ts';
import {
  type Books,
  drawAim,
  NO_BOOKS,
  type Phase,
  phaseOf,
  readBooks,
  replay,
  runPaper,
} from './kill-rig.ts';

/** So that there are ends to compare; a run that is killed always would also never get to its end. */
const KILLS_A_STATE = 8;

/** Time limit of a test: a kill takes 1 to 2 s on two free cores. */
export const killsLimitMs = (kills: number) => 60_000 + kills * 12_000;

export interface Series {
  kills: number;
  states: number;
  phases: Record<Phase, number>;
}

interface Whole {
  equity: string;
  books: Books;
}

/**
 * Kills paper runs at seeded moments, two of them at a time, and starts them again. After each kill
 * fills, trades and positions on the disk must be the beginning of an unbroken run's, and after the
 * last one the run must end where that one does, with a journal that replays to its digest.
 */
export async function killSeries(kills: number, seed: number): Promise<Series> {
  const whole = await unbroken();
  const series: Series = {
    kills: 0,
    states: 0,
    phases: { start: 0, restore: 0, 'in a commit': 0, 'in a trade': 0, flat: 0 },
  };
  // Few kills are quicker with one end to compare.
  const lanes = Array.from({ length: kills > KILLS_A_STATE ? 2 : 1 }, (_, i) =>
    lane({ whole, series, random: new Random(seed, i), isDone: () => series.kills >= kills }),
  );
  await Promise.all(lanes);
  return series;
}

async function unbroken(): Promise<Whole> {
  const state = stateFolder();
  const { code, text } = await runPaper(state);
  expect(code, text).toBe(0);
  const books = readBooks(state);
  expect(books.positions).toEqual({});
  expect(books.trades.length).toBeGreaterThan(5);
  return { equity: equityIn(text), books };
}

interface Lane {
  whole: Whole;
  series: Series;
  random: Random;
  isDone: () => boolean;
}

async function lane(lane: Lane): Promise<void> {
  const { series, random, isDone } = lane;
  let turn = Math.floor(random.uniform() * 6);
  while (!isDone()) {
    const state = stateFolder();
    series.states++;
    const aims: string[] = [];
    let before = NO_BOOKS;
    for (let i = 0; i < KILLS_A_STATE && !isDone(); i++) {
      const aim = drawAim(random, turn++);
      aims.push(`${aim.at} ${aim.count} +${aim.delayMs.toFixed(1)} ms`);
      const run = await runPaper(state, aim);
      // It had come to its end before its time.
      if (run.code === 0) break;
      expect(run.code, run.text).toBe(null);
      const after = readBooks(state);
      expectBeginning(after, lane.whole.books, aims);
      series.phases[phaseOf(run, before, after)]++;
      series.kills++;
      before = after;
    }
    await expectEnd(state, lane.whole, aims);
  }
}

function expectBeginning(books: Books, whole: Books, aims: readonly string[]): void {
  const what = aims.join('; ');
  expect(books.fills, what).toEqual(whole.fills.slice(0, books.fills.length));
  expect(books.trades, what).toEqual(whole.trades.slice(0, books.trades.length));
}

async function expectEnd(state: string, whole: Whole, aims: readonly string[]): Promise<void> {
  const what = aims.join('; ');
  // The lock went with each process, and the store opens to a commit.
  const { code, text } = await runPaper(state);
  expect(code, `${what}\n${text}`).toBe(0);
  expect(equityIn(text), what).toBe(whole.equity);
  const { fills, trades, positions } = readBooks(state);
  expect({ fills, trades, positions }, what).toEqual({
    fills: whole.books.fills,
    trades: whole.books.trades,
    positions: {},
  });
  const again = await replay(state);
  expect(again.text, what).toContain('the same decisions');
  expect(again.code).toBe(0);
}

function equityIn(text: string): string {
  return /equity ([0-9.]+) USDT, open packages 0/.exec(text)?.[1] ?? text;
}
