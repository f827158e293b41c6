import { expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { INDICATORS } from '../../indicators/catalog.ts';
import { SIGNAL_PRESETS } from '../../strategy/presets/signal-presets.ts';
import { EXPIRIES, expiryTable, measureExpiries } from './block-expiry.ts';
import { measureWarmUp, type WarmUpOfColumn } from './warm-up.ts';
import { INDICATOR_SUBJECTS, TAG_SUBJECTS } from './warm-up-subjects.ts';
import { indicatorTable, slowestTag, tagTable } from './warm-up-table.ts';

const [BARS] = simulateMarket({ seed: 5, days: 6, timeframeMs: 180_000 }).series;

const quick: WarmUpOfColumn = { column: 'quick', bars: 7, isOpen: false, compared: 9 };
const slow: WarmUpOfColumn = { column: 'slow', bars: 70, isOpen: false, compared: 9 };
const open: WarmUpOfColumn = { column: 'open', bars: 95, isOpen: true, compared: 9 };
const blank: WarmUpOfColumn = { column: 'blank', bars: 0, isOpen: false, compared: 0 };

test('an indicator has one line: the slowest, what never converges, what had no data', () => {
  const lines = indicatorTable([{ name: 'x', columns: [quick, slow, open, blank] }]).split('\n');
  expect(lines[2]).toBe('| x | 2 | 70 (slow) | open | blank |');
});

test('a tag has one line, a variant one column', () => {
  const lines = tagTable([
    { name: 'a', columns: [quick, open] },
    { name: 'b', columns: [{ ...quick, bars: 8 }, blank] },
  ]).split('\n');
  expect(lines[0]).toBe('| tag | a | b |');
  expect(lines.slice(2)).toEqual(['| quick | 7 | 8 |', '| open | never | no data |']);
});

test('one tag that never converges makes the history needed infinite', () => {
  expect(slowestTag([{ name: 'a', columns: [quick, slow] }])).toBe(70);
  expect(slowestTag([{ name: 'a', columns: [quick, open] }])).toBe(Number.POSITIVE_INFINITY);
});

test('every member of the catalog is measured, and each runs', () => {
  const names = INDICATOR_SUBJECTS.map((subject) => subject.name);
  for (const entry of INDICATORS) expect(names).toContain(`${entry.module}/${entry.name}`);
  for (const subject of [...INDICATOR_SUBJECTS, ...TAG_SUBJECTS]) {
    const run = () => subject.open(BARS, 0.1);
    const columns = measureWarmUp(BARS, { open: run, starts: [0], bars: 300 });
    // A start at the first bar is the full run.
    expect(columns.map((column) => column.bars)).toEqual(columns.map(() => 0));
  }
});

test('a running total of flow never converges, its change over 5 bars does', () => {
  const flow = INDICATOR_SUBJECTS.find(({ name }) => name === 'order-flow/taker-cvd');
  const run = () => flow!.open(BARS, 0.1);
  const columns = measureWarmUp(BARS, { open: run, starts: [400], bars: 1_000 });
  expect(columns.map(({ column, isOpen }) => [column, isOpen])).toEqual([
    ['cvd', true],
    ['cvdChange', false],
  ]);
});

test('a shorter life of blocks never gives more hits; the chosen one is marked', () => {
  const results = measureExpiries(BARS, { tickSize: 0.1, starts: [500], bars: 2_000 });
  expect(results.map((result) => result.maxAgeBars)).toEqual(EXPIRIES);
  const [forever] = results;
  const shortest = results[results.length - 1];
  expect(forever.hits).toBeGreaterThan(shortest.hits);
  expect(shortest.hits).toBeGreaterThan(0);
  const chosen = SIGNAL_PRESETS.sequence.obMaxAgeBars;
  expect(EXPIRIES).toContain(chosen);
  expect(expiryTable(results)).toContain(`| ${chosen} (chosen) |`);
});
