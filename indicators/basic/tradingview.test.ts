import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Atr } from './atr.ts';
import { Ema } from './ema.ts';
import { Mfi } from './mfi.ts';
import { Rma } from './rma.ts';
import { RollingMax, RollingMin } from './rolling-extreme.ts';
import { RollingSum } from './rolling-sum.ts';
import { Rsi } from './rsi.ts';
import { Sma } from './sma.ts';
import { RollingMedian, RollingPercentRank, SortedWindow } from './sorted-window.ts';
import { Stdev } from './stdev.ts';
import { SuperTrend } from './super-trend.ts';
import { TrueRange } from './true-range.ts';
import { Wma } from './wma.ts';

/** Real TradingView exports; not part of the project, so the suite says aloud when they are away. */
const ROOT = resolve(import.meta.dirname, '../..');
const SHARED = process.env.QCM_SHARED ?? resolve(ROOT, '../shared');
const FOLDER = join(SHARED, 'golden/tradingview/ta');
const RELATIVE = 1e-9;

interface Row {
  open: number;
  high: number;
  low: number;
  close: number;
  Volume: number;
  [title: string]: number;
}

type Compute = (row: Row) => number;

const hl2 = (r: Row) => (r.high + r.low) / 2;
const hlc3 = (r: Row) => (r.high + r.low + r.close) / 3;

/** file -> column -> our computation of it, from the averages and windows of this folder. */
const COLUMNS: Record<string, Record<string, () => Compute>> = {
  'ma.csv': {
    'ta.sma(close, 10)': () => one(new Sma(10), (r) => r.close),
    'ta.sma(hl2, 20)': () => one(new Sma(20), hl2),
    'ta.sma(hlc3, 15)': () => one(new Sma(15), hlc3),
    'ta.ema(close, 20)': () => one(new Ema(20), (r) => r.close),
    'ta.ema(ohlc4, 10)': () => one(new Ema(10), (r) => (r.open + r.high + r.low + r.close) / 4),
    'ta.rma(hlcc4, 5)': () => one(new Rma(5), (r) => (r.high + r.low + r.close + r.close) / 4),
    'ta.rma(high, 15)': () => one(new Rma(15), (r) => r.high),
    'ta.wma(close, 5)': () => one(new Wma(5), (r) => r.close),
    'ta.wma(close, 20)': () => one(new Wma(20), (r) => r.close),
    'ta.hma(close, 9)': () => hull(9),
    'ta.hma(close, 20)': () => hull(20),
    'ta.vwma(close, 20)': () => {
      const flow = new Sma(20);
      const volume = new Sma(20);
      return (r) => flow.update(r.close * r.Volume) / volume.update(r.Volume);
    },
  },
  'tr.csv': {
    'ta.tr(true)': () => {
      const range = new TrueRange();
      return (r) => range.update(r.high, r.low, r.close);
    },
    'ta.atr(14)': () => {
      const atr = new Atr(14);
      return (r) => atr.update(r.high, r.low, r.close);
    },
  },
  'mfi+rsi+stoch.csv': {
    'ta.rsi(close, 14)': () => one(new Rsi(14), (r) => r.close),
    'ta.mfi(close, 14)': () => {
      const mfi = new Mfi(14);
      return (r) => mfi.update(r.close, r.Volume);
    },
    'ta.stoch(close, high, low, 20)': () => channel(20, (c, h, l) => (100 * (c - l)) / (h - l)),
  },
  'wpr.csv': { 'ta.wpr(20)': () => channel(20, (c, h, l) => (100 * (c - h)) / (h - l)) },
  'range.csv': {
    'ta.range(close, 20)': () => {
      const highest = new RollingMax(20);
      const lowest = new RollingMin(20);
      return (r) => highest.update(r.close) - lowest.update(r.close);
    },
  },
  'highest+lowest.csv': {
    'ta.highest(10)': () => one(new RollingMax(10), (r) => r.high),
    'ta.highest(close, 10)': () => one(new RollingMax(10), (r) => r.close),
    'ta.lowest(10)': () => one(new RollingMin(10), (r) => r.low),
    'ta.lowest(close, 10)': () => one(new RollingMin(10), (r) => r.close),
    'ta.highestbars(10)': () => age(new RollingMax(10), (r) => r.high),
    'ta.highestbars(close, 10)': () => age(new RollingMax(10), (r) => r.close),
    'ta.lowestbars(10)': () => age(new RollingMin(10), (r) => r.low),
    'ta.lowestbars(close, 10)': () => age(new RollingMin(10), (r) => r.close),
  },
  'bb.csv': {
    'ta.bb(close, 20, 2).base': () => band(0),
    'ta.bb(close, 20, 2).upper': () => band(2),
    'ta.bb(close, 20, 2).lower': () => band(-2),
    'ta.bbw(close, 20, 2.1)': () => {
      const deviation = new Stdev(20);
      return (r) => {
        deviation.update(r.close);
        return (100 * 2 * 2.1 * deviation.value) / deviation.mean;
      };
    },
  },
  'kc.csv': {
    'ta.kc(close, 20, 2).base': () => keltner(0),
    'ta.kc(close, 20, 2).upper': () => keltner(2),
    'ta.kc(close, 20, 2).lower': () => keltner(-2),
    'ta.kcw(close, 20, 2.1, useTrueRange=false)': () => {
      const base = new Ema(20);
      const range = new Ema(20);
      return (r) => (2 * 2.1 * range.update(r.high - r.low)) / base.update(r.close);
    },
  },
  'macd.csv': {
    'ta.macd(close, 12, 26, 9).macd': () => macd((line) => line),
    'ta.macd(close, 12, 26, 9).signal': () => macd((_, signal) => signal),
    'ta.macd(close, 12, 26, 9).hist': () => macd((line, signal) => line - signal),
  },
  'tsi.csv': { 'ta.tsi(close, 12, 26)': strengthIndex },
  'dmi.csv': {
    'ta.dmi(17, 14).dip': () => directional((plus) => plus),
    'ta.dmi(17, 14).dim': () => directional((_, minus) => minus),
    'ta.dmi(17, 14).adx': () => directional((_, __, adx) => adx),
  },
  'cci+cmo+cog.csv': {
    'ta.cmo(close, 20)': () => {
      const up = new RollingSum(20);
      const down = new RollingSum(20);
      let before = Number.NaN;
      return (r) => {
        const change = r.close - before;
        before = r.close;
        const rises = up.update(Math.max(change, 0));
        const falls = down.update(Math.max(-change, 0));
        return (100 * (rises - falls)) / (rises + falls);
      };
    },
  },
  'min+max+median+mode.csv': {
    'median(close)': () => one(new RollingMedian(20), (r) => r.close),
  },
  'ppp.csv': {
    'ta.percentrank(close, 33)': () => one(new RollingPercentRank(33), (r) => r.close),
    // The titles name percentages of 0 and 30; every value is that of 20 %.
    'ta.percentile_nearest_rank(close, 20, 0)': () => percentile((sorted) => sorted.at(3)),
    'ta.percentile_linear_interpolation(close, 20, 30)': () =>
      percentile((sorted) => (sorted.at(3) + sorted.at(4)) / 2),
  },
  'supertrend.csv': {
    'ta.supertrend(3, 10).up': () => superTrendSide(1),
    'ta.supertrend(3, 10).down': () => superTrendSide(-1),
  },
};

/** file -> column -> why it is not compared. `*` stands for every other column of the file. */
const LEFT_OUT: Record<string, Record<string, string>> = {
  'accdist+pvi+pvt+wad+wvad.csv': { '*': 'no such volume index in the library' },
  'cci+cmo+cog.csv': {
    'ta.cci(close, 20)': 'no mean absolute deviation in the library',
    'ta.cog(close, 21)': 'no centre of gravity in the library',
  },
  'correlation.csv': { '*': 'the title does not say what is correlated with what' },
  'cross.csv': { '*': 'the title does not say which averages cross' },
  'falling+rising.csv': { '*': 'the title does not say which average' },
  'iii+nvi+obv.csv': { '*': 'no such volume index in the library' },
  'linreg.csv': { '*': 'no linear regression in the library' },
  'ma.csv': {
    'ta.alma(close, 5, 0.85, 6)': 'no Arnaud Legoux average in the library',
    'ta.alma(close, 10, 0.55, 12)': 'no Arnaud Legoux average in the library',
    'ta.swma(hlc3)': 'no symmetric average in the library',
  },
  'min+max+median+mode.csv': {
    'min(close)': 'minimum of all bars so far: nothing of ours',
    'max(close)': 'maximum of all bars so far: nothing of ours',
    'mode(close)': 'no mode in the library',
  },
  'pivot.csv': { '*': 'two-sided pivots; ours are legs, another rule' },
  'pivot_point_levels.csv': { '*': 'no daily pivot levels in the library' },
  'rci.csv': { '*': 'no rank correlation index in the library' },
  'sar.csv': { '*': 'no parabolic stop in the library' },
  'tr.csv': {
    'ta.tr(false)': 'empty on the first bar, where ours is high - low; else equal to ta.tr(true)',
    'ta.tr': 'as ta.tr(false)',
  },
  'valuewhen.csv': { '*': 'a selection function, and the titles do not name the averages' },
  'valuewhen_na.csv': { '*': 'a selection function, not an indicator' },
  'vwap.csv': { '*': 'no anchored volume-weighted price in the library' },
};

const BAR_TITLES = new Set(['time', 'open', 'high', 'low', 'close', 'Volume']);

/** The page of docs/; `npx vitest run -u indicators/basic` writes it anew. */
function page(): string {
  const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
  const compared = Object.entries(COLUMNS).flatMap(([file, columns]) =>
    Object.keys(columns).map((title) => row(file, `\`${title}\``)),
  );
  const leftOut = Object.entries(LEFT_OUT).flatMap(([file, reasons]) =>
    Object.entries(reasons).map(([title, why]) =>
      row(file, title === '*' ? 'all others' : `\`${title}\``, why),
    ),
  );
  return [
    '# Functions of Pine held against TradingView exports',
    '',
    `${compared.length} columns agree to 1e-9 on every row, warm-up and empty cells included. Written by`,
    'a test from what it compares.',
    '',
    row('export', 'column'),
    row('---', '---'),
    ...compared,
    '',
    '## Left out',
    '',
    row('export', 'column', 'why'),
    row('---', '---', '---'),
    ...leftOut,
    '',
  ].join('\n');
}

test('docs/TA-FUNCTIONS.md lists what is compared and why the rest is not', async () => {
  await expect(page()).toMatchFileSnapshot(join(ROOT, 'docs/TA-FUNCTIONS.md'));
});

if (existsSync(FOLDER)) {
  describe('TradingView exports', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.csv'));

    test('every column is compared or left out with a reason', () => {
      const open: string[] = [];
      for (const file of files) {
        const reasons = LEFT_OUT[file] ?? {};
        for (const title of readExport(file).titles) {
          // A source printed beside the results is an input, not a result.
          if (BAR_TITLES.has(title) || title === 'hl2') continue;
          const isCompared = COLUMNS[file]?.[title] !== undefined;
          const reason = reasons[title] ?? (isCompared ? undefined : reasons['*']);
          if (isCompared === (reason !== undefined)) open.push(`${file}: ${title}`);
        }
      }
      expect(open).toEqual([]);
    });

    const cases = Object.entries(COLUMNS).flatMap(([file, columns]) =>
      Object.entries(columns).map(([title, make]) => ({ file, title, make })),
    );
    test.each(cases)('$file $title', ({ file, title, make }) => {
      const { titles, rows } = readExport(file);
      expect(titles).toContain(title);
      const compute = make();
      let compared = 0;
      rows.forEach((row, i) => {
        const ours = compute(row);
        const theirs = row[title];
        // The export writes 0 where the down line has no value on the very first bar.
        if (title === 'ta.supertrend(3, 10).down' && i === 0 && theirs === 0) return;
        if (Number.isNaN(theirs) && Number.isNaN(ours)) return;
        const error = Math.abs(ours - theirs) / Math.max(Math.abs(theirs), 1e-6);
        if (!(error <= RELATIVE)) expect.fail(`row ${i}: ${ours}, exported ${theirs}`);
        compared++;
      });
      expect(compared).toBeGreaterThan(50);
    });
  });
} else {
  console.warn(`SKIPPED: TradingView exports are not at ${FOLDER} (set QCM_SHARED)`);
  describe.skip('TradingView exports', () => {
    test('are absent', () => {});
  });
}

function one(indicator: { update: (x: number) => number }, source: Compute): Compute {
  return (row) => indicator.update(source(row));
}

/** Pine counts back: minus the number of bars ago. */
function age(extreme: RollingMax | RollingMin, source: Compute): Compute {
  return (row) => {
    extreme.update(source(row));
    return 0 - extreme.age;
  };
}

function hull(length: number): Compute {
  const half = new Wma(Math.floor(length / 2));
  const whole = new Wma(length);
  const last = new Wma(Math.floor(Math.sqrt(length)));
  return (row) => last.update(2 * half.update(row.close) - whole.update(row.close));
}

function channel(
  length: number,
  place: (close: number, high: number, low: number) => number,
): Compute {
  const highest = new RollingMax(length);
  const lowest = new RollingMin(length);
  return (row) => place(row.close, highest.update(row.high), lowest.update(row.low));
}

function band(deviations: number): Compute {
  const deviation = new Stdev(20);
  return (row) => {
    deviation.update(row.close);
    return deviation.mean + deviations * deviation.value;
  };
}

function keltner(ranges: number): Compute {
  const base = new Ema(20);
  const trueRange = new TrueRange();
  const range = new Ema(20);
  let isFirst = true;
  return (row) => {
    const moved = trueRange.update(row.high, row.low, row.close);
    // Pine's plain `ta.tr`, which this channel uses, is empty on the first bar.
    const span = range.update(isFirst ? Number.NaN : moved);
    isFirst = false;
    const middle = base.update(row.close);
    return ranges === 0 ? middle : middle + ranges * span;
  };
}

function macd(pick: (line: number, signal: number) => number): Compute {
  const fast = new Ema(12);
  const slow = new Ema(26);
  const signal = new Ema(9);
  return (row) => {
    const line = fast.update(row.close) - slow.update(row.close);
    return pick(line, signal.update(line));
  };
}

function strengthIndex(): Compute {
  const long = [new Ema(26), new Ema(26)];
  const short = [new Ema(12), new Ema(12)];
  let before = Number.NaN;
  return (row) => {
    const change = row.close - before;
    before = row.close;
    const moved = short[0].update(long[0].update(change));
    return moved / short[1].update(long[1].update(Math.abs(change)));
  };
}

function directional(pick: (plus: number, minus: number, adx: number) => number): Compute {
  const range = new Rma(17);
  const plus = new Rma(17);
  const minus = new Rma(17);
  const adx = new Rma(14);
  const trueRange = new TrueRange();
  let before: Row | undefined;
  return (row) => {
    const span = trueRange.update(row.high, row.low, row.close);
    const up = before === undefined ? Number.NaN : row.high - before.high;
    const down = before === undefined ? Number.NaN : before.low - row.low;
    // The first bar has no true range in Pine's own tr, and no movement.
    const average = range.update(before === undefined ? Number.NaN : span);
    before = row;
    const known = !Number.isNaN(up);
    const rise = known ? (up > down && up > 0 ? up : 0) : Number.NaN;
    const fall = known ? (down > up && down > 0 ? down : 0) : Number.NaN;
    const dip = (100 * plus.update(rise)) / average;
    const dim = (100 * minus.update(fall)) / average;
    const sum = dip + dim;
    const index = adx.update(Math.abs(dip - dim) / (sum === 0 ? 1 : sum));
    return pick(dip, dim, 100 * index);
  };
}

function percentile(pick: (sorted: SortedWindow) => number): Compute {
  const sorted = new SortedWindow(20);
  return (row) => {
    sorted.update(row.close);
    return sorted.count < 20 ? Number.NaN : pick(sorted);
  };
}

function superTrendSide(side: number): Compute {
  const superTrend = new SuperTrend({ factor: 3, atrLength: 10 });
  return (row) => {
    superTrend.update(row.high, row.low, row.close);
    return superTrend.direction === side ? superTrend.value : Number.NaN;
  };
}

function readExport(file: string): { titles: string[]; rows: Row[] } {
  const lines = readFileSync(join(FOLDER, file), 'utf8').trim().split(/\r?\n/);
  const titles = splitCells(lines[0]);
  const rows = lines.slice(1).map((line) => {
    const cells = splitCells(line);
    return Object.fromEntries(
      titles.map((title, i) => [title, Number.parseFloat(cells[i])]),
    ) as Row;
  });
  return { titles, rows };
}

function splitCells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map((m) => m[1] ?? m[2] ?? '');
}
