import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../data/testing/shared.ts';
import { AppError } from '../../src/engine/error.ts';
import { SERIES_MODULES } from '../series/modules.ts';
import { compareEvents, compareLines } from './compare-series.ts';
import { diffChart } from './diff-chart.ts';
import { diffJson, diffText, missedThresholds } from './diff-report.ts';
import { readChartExport } from './read-export.ts';
import { recogniseColumn, TOOLKIT_TITLES, targetName } from './recognise-column.ts';
import { parseTaFunction } from './ta-functions.ts';
import { madeRows, TITLES, tempFile } from './testing/made-export.ts';

const ROWS = madeRows(900);

type Time = (ms: number) => string;
const unix: Time = (ms) => String(ms / 1_000);
const zulu: Time = (ms) => new Date(ms).toISOString().replace('.000Z', 'Z');
const offset: Time = (ms) => `${new Date(ms + 10_800_000).toISOString().slice(0, 19)}+03:00`;

function exportText(options: { time?: Time; titles?: string; end?: string } = {}): string {
  const { time = unix, titles = TITLES, end = '\n' } = options;
  const lines = ROWS.map(({ time: ms, cells }) => [time(ms), ...cells].join(','));
  return [titles, ...lines].join(end) + end;
}

const chartOf = (text: string) => readChartExport(tempFile('BTCUSDT_3m.csv', text));

describe('reading an export', () => {
  test.each([
    ['unix seconds', exportText()],
    ['ISO Z', exportText({ time: zulu })],
    ['ISO with an offset', exportText({ time: offset })],
    ['a byte order mark and CRLF', `\uFEFF${exportText({ end: '\r\n' })}`],
  ])('%s gives the same bars and columns', (_, text) => {
    const chart = chartOf(text);
    expect(Array.from(chart.bars.openTime)).toEqual(ROWS.map((row) => row.time));
    expect(chart.bars.timeframeMs).toBe(180_000);
    expect(chart.hasVolume).toBe(false);
    expect(chart.columns.map((column) => column.label)).toEqual([
      'ta.ema(close, 20)',
      'EMA',
      'internalTrend',
    ]);
    // Literal NaN while the average is not warm.
    expect(chart.columns[0].values.findIndex((value) => !Number.isNaN(value))).toBe(19);
    expect(chart.columns[1].values[899]).toBe(ROWS[899].cells[5]);
  });

  test('repeated titles are numbered, a second High is no price', () => {
    const chart = chartOf(exportText({ titles: 'time,open,high,low,close,High,EMA,EMA' }));
    expect(chart.columns.map((column) => column.label)).toEqual(['High', 'EMA', 'EMA #2']);
    expect(chart.bars.high[5]).toBe(ROWS[5].cells[1]);
  });

  test('a header alone, and time that goes back, are refused', () => {
    expect(() => chartOf(`${TITLES}\n`)).toThrow(/a header and no rows; its columns: time \| open/);
    const [head, first, second] = exportText().split('\n');
    expect(() => chartOf([head, second, first].join('\n'))).toThrow(/does not come after/);
  });
});

describe('the comparison', () => {
  test('finds equal what is ours, by title and by map', () => {
    const diff = diffChart({ chart: chartOf(exportText()), maps: ['EMA=ta.ema(close, 50)'] });
    expect(diff.left).toEqual([]);
    expect(diff.compared.map((column) => column.target)).toEqual([
      'ta.ema(close, 20)',
      'ta.ema(close, 50)',
      'smc.internalTrend',
    ]);
    expect(diff.compared.map((column) => column.match.differing.length)).toEqual([0, 0, 0]);
    expect(missedThresholds(diff, { minCorrelation: 1, maxDiffering: 0 })).toEqual([]);
  });

  test('tells a wrong length, the bar it begins at, and misses the threshold', () => {
    const chart = chartOf(exportText());
    const diff = diffChart({ chart, maps: ['EMA=ta.ema(close, 40)'] });
    const { match } = diff.compared[1];
    expect(match.kind === 'line' && match.correlation < 1 && match.maxError > 0.1).toBe(true);
    expect(match.differing[0]).toBe(49);
    expect(missedThresholds(diff, { maxDiffering: 0 })).toHaveLength(1);
    expect(diffText(chart, diff)).toContain('first divergence at 2025-01-01 02:27');
    expect(JSON.parse(diffJson(chart, diff)).columns[1]).toMatchObject({
      column: 'EMA',
      series: 'ta.ema(close, 40)',
      firstDivergence: '2025-01-01T02:27:00.000Z',
    });
  });

  test('the sign of a direction counts', () => {
    const lines = exportText().split('\n');
    const turned = lines.map((text, i) => (i === 0 ? text : text.replace(/,-?1$/, ',1')));
    const diff = diffChart({ chart: chartOf(turned.join('\n')) });
    const { match } = diff.compared[1];
    expect(match.kind).toBe('line');
    expect(match.differing.length).toBeGreaterThan(100);
    expect(missedThresholds(diff, { minCorrelation: 0.9 })).toHaveLength(1);
  });

  test('a longer history given with bars is aligned by time', () => {
    const whole = chartOf(exportText()).bars;
    const lines = exportText().split('\n');
    const chart = chartOf([lines[0], ...lines.slice(301)].join('\n'));
    const alone = diffChart({ chart });
    const helped = diffChart({ chart, bars: whole });
    expect(alone.compared[0].match.differing.length).toBeGreaterThan(0);
    expect(helped.compared[0].match.differing).toEqual([]);
    expect(helped.compared[0].from).toBe(0);
  });

  test('refuses when nothing is comparable, with columns and the way to map them', () => {
    const text = exportText({ titles: 'time,open,high,low,close,A\u001b[31m,B,C' });
    const error = thrown(() => diffChart({ chart: chartOf(text) }));
    expect(error.code).toBe('DATA_NOTHING_COMPARABLE');
    expect(error.message).toContain('A?[31m: not recognised');
    expect(error.hint).toContain('--map "Column=ta.ema(close, 20)"');
  });

  test('a volume function without volume is left out with the reason', () => {
    const diff = diffChart({ chart: chartOf(exportText()), maps: ['EMA=ta.mfi(hlc3, 14)'] });
    expect(diff.left).toEqual([
      { label: 'EMA', why: 'needs volume: export it too, or give --bars' },
    ]);
  });

  test('a map to nothing of ours is refused', () => {
    const chart = chartOf(exportText());
    expect(thrown(() => diffChart({ chart, maps: ['EMA=ta.foo(3)'] })).code).toBe('USAGE_MAP');
    expect(thrown(() => diffChart({ chart, maps: ['Nope=smc.swingTrend'] })).hint).toContain('EMA');
  });
});

describe('figures', () => {
  test('of lines', () => {
    const theirs = Float64Array.of(9, 1, 2, 3, 4, Number.NaN);
    const ours = Float64Array.of(0, 1, 2, 3, 6, 5);
    const match = compareLines(theirs, ours, { from: 1, tolerance: 1e-9 });
    expect(match).toMatchObject({ bars: 4, rmse: 1, maxError: 2, differing: [4, 5] });
    expect(match.correlation).toBeCloseTo(8 / Math.sqrt(5 * 14), 12);
  });

  test('of events: one to one, within 0, 1 and 2 bars', () => {
    const at = (...bars: number[]) => Uint8Array.from({ length: 60 }, (_, i) => +bars.includes(i));
    const match = compareEvents(at(1, 10, 20, 30, 50), at(10, 21, 22, 32), { from: 5 });
    expect([match.theirs, match.ours]).toEqual([4, 4]);
    expect(match.within.map((one) => one.matched)).toEqual([1, 2, 3]);
    expect(match.within[1]).toMatchObject({ precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(match.offsets).toEqual([
      { offset: 0, count: 1 },
      { offset: 1, count: 1 },
      { offset: 2, count: 1 },
    ]);
    expect(match.unmatched).toBe(1);
    expect(match.differing).toEqual([20, 21, 22, 30, 32, 50]);
  });
});

describe('titles', () => {
  test.each([
    ['ta.ema(hl2,  20)', 'ta.ema(hl2, 20)'],
    ['ta.bb(close, 20, 2).upper', 'ta.bb(close, 20, 2).upper'],
    ['Premium Bottom', 'smc.premiumBottom'],
    ['smc.swingTrend', 'smc.swingTrend'],
    ['Trailing Stop', 'supertrend-ai.ts'],
  ])('%s is %s', (title, name) => {
    const target = recogniseColumn(title);
    expect(target === undefined ? undefined : targetName(target)).toBe(name);
  });

  test('a toolkit title means a column of its module, or names the module that is missing', () => {
    const built = SERIES_MODULES.map((module) => module.name);
    for (const [title, { module, column }] of Object.entries(TOOLKIT_TITLES)) {
      const unavailable = new Set<string>();
      const target = recogniseColumn(title, { unavailable });
      if (built.includes(module)) expect(target, title).toMatchObject({ module, column });
      else expect([...unavailable], title).toEqual([module]);
    }
  });

  test.each(['constructor', 'ta.ema(close)', 'ta.ema(foo, 3)', 'ta.sma(close, 2.5)', 'EMA', ''])(
    '"%s" is nothing of ours',
    (title) => {
      expect(recogniseColumn(title)).toBe(undefined);
      expect(parseTaFunction(title)).toBe(undefined);
    },
  );
});

const TA = sharedPath('golden/tradingview/ta');
describe.skipIf(TA === undefined)('real exports of Pine functions', () => {
  const files = TA === undefined ? [] : readdirSync(TA).filter((name) => name.endsWith('.csv'));

  test('agree on every bar or are refused with their columns', () => {
    const outcome = files.map((name) => outcomeOf(join(TA as string, name)));
    const compared = outcome.filter((one) => one.compared > 0);
    expect(outcome.every((one) => one.compared > 0 || one.refusal.includes('not recognised'))).toBe(
      true,
    );
    expect(compared.map((one) => one.differing)).toEqual(compared.map(() => 0));
    expect(compared.reduce((sum, one) => sum + one.compared, 0)).toBe(46);
  });
});

const CHARTS = sharedPath('data/tradingview');
describe.skipIf(CHARTS === undefined)('real chart exports', () => {
  const files = CHARTS === undefined ? [] : readdirSync(CHARTS);
  test.each(files)('%s ends in a correct report or a clear refusal', (name) => {
    const { compared, differing, refusal } = outcomeOf(join(CHARTS as string, name));
    if (name.startsWith('lulushu')) {
      // Its volume average; the other columns are of a study that is not ours.
      expect([compared, differing, refusal]).toEqual([1, 0, '']);
      return;
    }
    expect(refusal).toMatch(/no column that can be compared|a header and no rows; its columns/);
  });
});

const DAILY = sharedPath('data/tradingview/sinanartun_BTCUSDT_1D.csv.gz');
describe.skipIf(DAILY === undefined)('a real export with three columns called EMA', () => {
  test('agrees with averages of 7, 5 and 3 days but on its last, unclosed bar', () => {
    const chart = readChartExport(DAILY as string);
    const maps = ['EMA=ta.ema(close, 7)', 'EMA #2=ta.ema(close, 5)', 'EMA #3=ta.ema(close, 3)'];
    const diff = diffChart({ chart, maps, warmUpBars: 100 });
    const last = chart.bars.length - 1;
    expect(diff.compared.map((column) => column.match.differing)).toEqual([[last], [last], [last]]);
    expect(diffText(chart, diff)).toContain('only the last bar differs');
  });
});

function outcomeOf(path: string): { compared: number; differing: number; refusal: string } {
  try {
    const { compared } = diffChart({ chart: readChartExport(path), tolerance: 1e-9 });
    const differing = compared.reduce((sum, one) => sum + one.match.differing.length, 0);
    return { compared: compared.length, differing, refusal: '' };
  } catch (error) {
    if (error instanceof AppError) return { compared: 0, differing: 0, refusal: error.message };
    throw error;
  }
}

function thrown(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}
