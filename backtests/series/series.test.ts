import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Bars, createBars } from '../../data/bars/bars.ts';
import { AppError } from '../../src/engine/error.ts';
import { findModule, SERIES_MODULES } from './modules.ts';
import { checkSettings, type SeriesModule } from './series-module.ts';
import { cellText, writeEvents, writeSeries } from './write-series.ts';

const GOLDEN = resolve(import.meta.dirname, '../golden/synthetic');
const BARS = goldenBars();

describe.each(SERIES_MODULES.map((module) => [module.name, module] as const))('%s', (_, module) => {
  test('writes one row a bar with a cell for every column', () => {
    const lines = seriesLines(module, []);
    const width = lines[0].split(',').length;
    expect(lines.length).toBe(BARS.length + 1);
    expect(lines.filter((line) => line.split(',').length !== width)).toEqual([]);
    expect(lines[0].startsWith('openTime,')).toBe(true);
    expect(new Set(lines[0].split(',')).size).toBe(width);
    expect(lines.map((line) => line.split(',')[0]).slice(1)).toEqual(
      Array.from(BARS.openTime, String),
    );
    expect(lines.some((line) => /NaN|undefined|Infinity/.test(line))).toBe(false);
  });

  test('writes events in order with a cell for every column', () => {
    const lines = eventLines(module, []);
    const width = lines[0].split(',').length;
    expect(lines[0].startsWith('seq,bar,openTime,')).toBe(true);
    expect(lines.length).toBeGreaterThan(10);
    lines.slice(1).forEach((line, i) => {
      const cells = line.split(',');
      expect(cells.length).toBe(width);
      expect(cells[0]).toBe(String(i));
      expect(cells[2]).toBe(String(BARS.openTime[Number(cells[1])]));
    });
  });

  test('a shorter series is the beginning of a longer one', () => {
    const whole = seriesLines(module, []);
    const part: string[] = [];
    const bars = { ...BARS, length: 1777 };
    writeSeries({ module, settings: settings(module, []), bars, write: (text) => part.push(text) });
    expect(part.join('').trimEnd().split('\n')).toEqual(whole.slice(0, 1778));
  });

  test('every default is an allowed value, and says so when it is not', () => {
    for (const option of module.options) {
      const set = [`${option.name}=${option.default}`];
      expect(settings(module, set).values[option.name]).toBe(option.default);
      expect(() => settings(module, [`${option.name}=?`])).toThrow(AppError);
    }
  });
});

test('the event list of smc equals the golden file as text', () => {
  const golden = gunzipSync(readFileSync(`${GOLDEN}/synthetic_smc_events_close.csv.gz`));
  const lines = eventLines(findModule('smc'), ['mitigation=close']);
  expect(`${lines.join('\n')}\n`).toBe(golden.toString('utf8'));
});

test('settings change what is written', () => {
  const smc = findModule('smc');
  const plain = seriesLines(smc, []).join('\n');
  for (const set of ['mitigation=close', 'internal=7', 'pineCompat=off', 'obMaxAgeBars=50']) {
    expect(seriesLines(smc, [set]).join('\n')).not.toBe(plain);
  }
});

test('more factors give more columns', () => {
  const lines = seriesLines(findModule('supertrend-ai'), ['max=5']);
  expect(lines[0]).toContain('perf_8,trend_8,out_8');
});

describe('wrong settings', () => {
  const smc = findModule('smc');
  test.each([
    ['mitigatio=close', /no option "mitigatio"/, /did you mean mitigation/],
    ['mitigation=clse', /one of highLow, close/, /did you mean close/],
    ['internal=2.5', /whole number of at least 1/, undefined],
    ['internal=', /whole number/, undefined],
    ['internal', /not a setting/, /--set name=value/],
  ])('%s', (set, message, hint) => {
    const error = thrown(() => settings(smc, [set]));
    expect(error.code).toBe('USAGE_SET');
    expect(error.message).toMatch(message);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
  });

  test('right one by one and wrong together', () => {
    const module = findModule('supertrend-ai');
    const error = thrown(() => seriesLines(module, ['min=4']));
    expect(error.code).toBe('USAGE_SET');
  });

  test('unknown module', () => {
    const error = thrown(() => findModule('supertrend'));
    expect(error.code).toBe('USAGE_UNKNOWN_MODULE');
    expect(error.hint).toContain('supertrend-ai');
  });

  test('a preset where there is none', () => {
    const given = { symbol: 'X', timeframeMs: 180_000, set: [], preset: 'chart' };
    expect(thrown(() => checkSettings(smc, given)).code).toBe('USAGE_PRESET');
  });
});

test('a cell is the shortest text that reads back as the same number', () => {
  expect([0.1 + 0.2, 5, -0, 1e21, Number.NaN].map(cellText)).toEqual([
    '0.30000000000000004',
    '5',
    '0',
    '1e+21',
    '',
  ]);
});

function settings(module: SeriesModule, set: string[]) {
  return checkSettings(module, { symbol: BARS.symbol, timeframeMs: BARS.timeframeMs, set });
}

function seriesLines(module: SeriesModule, set: string[]): string[] {
  return lines((write) =>
    writeSeries({ module, settings: settings(module, set), bars: BARS, write }),
  );
}

function eventLines(module: SeriesModule, set: string[]): string[] {
  return lines((write) =>
    writeEvents({ module, settings: settings(module, set), bars: BARS, write }),
  );
}

function lines(run: (write: (text: string) => void) => number): string[] {
  let text = '';
  const count = run((piece) => {
    text += piece;
  });
  const all = text.trimEnd().split('\n');
  expect(all.length).toBe(count + 1);
  return all;
}

function thrown(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  return expect.fail('no AppError was thrown');
}

function goldenBars(): Bars {
  const text = gunzipSync(readFileSync(`${GOLDEN}/synthetic_bars.csv.gz`)).toString('utf8');
  const rows = text.trimEnd().split('\n').slice(1);
  const bars = createBars({
    symbol: 'SYNTHETIC',
    timeframeMs: 180_000,
    length: rows.length,
    source: { kind: 'file', names: ['synthetic_bars.csv.gz'] },
  });
  rows.forEach((line, i) => {
    const [, openTime, open, high, low, close, volume] = line.split(',').map(Number);
    bars.openTime[i] = openTime;
    bars.open[i] = open;
    bars.high[i] = high;
    bars.low[i] = low;
    bars.close[i] = close;
    bars.volume[i] = volume;
  });
  return bars;
}
