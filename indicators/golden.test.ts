import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkSettings, type SeriesModule } from '../backtests/series/series-module.ts';
import { smcModule } from '../backtests/series/smc.ts';
import { supertrendAiModule } from '../backtests/series/supertrend-ai.ts';
import { cellText } from '../backtests/series/write-series.ts';
import type { Bar } from './indicator.ts';
import type { OrderBlocks } from './smart-money-concepts/order-blocks.ts';
import { SmartMoneyConcepts } from './smart-money-concepts/smart-money-concepts.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SHARED = process.env.QCM_SHARED ?? resolve(ROOT, '../shared');

/** The made-up series lives in the project; the one of real bars stays beside it. */
const SETS = [
  { name: 'synthetic', prefix: join(ROOT, 'backtests/golden/synthetic/synthetic'), bars: 3000 },
  { name: 'btc3m', prefix: join(SHARED, 'golden/luxalgo-open/btc3m'), bars: 12_000 },
];

/** Golden averages were rounded to 1e-10; every other cell is an exact double. */
const AVERAGE = 1e-6;
const SMC_AVERAGES = new Set(['atr200']);
const AI_EXACT = /^(n|mask|trend_)\d+$|^os$/;

const MITIGATIONS = [
  { file: 'hl', mitigation: 'highLow' },
  { file: 'close', mitigation: 'close' },
] as const;

for (const { name, prefix, bars: count } of SETS) {
  if (!existsSync(`${prefix}_bars.csv.gz`)) {
    console.warn(`SKIPPED: golden values ${name} are not at ${prefix}_* (set QCM_SHARED)`);
    describe.skip(`golden values ${name}`, () => {
      test('are absent', () => {});
    });
    continue;
  }

  describe(`golden values ${name}`, () => {
    const bars = readGoldenBars(`${prefix}_bars.csv.gz`);

    test('cover the bars', () => expect(bars.length).toBe(count));

    describe.each(MITIGATIONS)('Smart Money Concepts, mitigation $mitigation', (mode) => {
      const set = [`mitigation=${mode.mitigation}`];

      test('every state of every bar', () => {
        const golden = readTable(`${prefix}_smc_states_${mode.file}.csv.gz`);
        expectSeries({
          module: smcModule,
          set,
          bars,
          golden,
          isExact: (c) => !SMC_AVERAGES.has(c),
        });
      });

      test('every event in order', () => {
        const golden = readLines(`${prefix}_smc_events_${mode.file}.csv.gz`);
        const actual = eventLines(smcModule, set, bars);
        expect(actual.length).toBe(golden.length);
        for (let i = 0; i < golden.length; i++) {
          if (actual[i] !== golden[i]) expect.fail(`line ${i + 1}: ${actual[i]}, ${golden[i]}`);
        }
      });

      test('every order block from creation to end', () => {
        const golden = readLines(`${prefix}_smc_orderblocks_${mode.file}.csv.gz`);
        expect(orderBlockLines(bars, mode.mitigation)).toEqual(golden);
      });
    });

    test.each(['best', 'average', 'worst'])('SuperTrend AI, cluster %s', (cluster) => {
      const golden = readTable(`${prefix}_stai_${cluster}.csv.gz`);
      expectSeries({
        module: supertrendAiModule,
        set: [`cluster=${cluster}`],
        bars,
        golden,
        isExact: (column) => AI_EXACT.test(column),
      });
    });
  });
}

interface Table {
  columns: string[];
  rows: string[][];
}

/** Every golden column of every bar: empty cells equal, exact ones as text, averages within 1e-6. */
function expectSeries(options: {
  module: SeriesModule;
  set: string[];
  bars: readonly Bar[];
  golden: Table;
  isExact: (column: string) => boolean;
}): void {
  const { module, bars, golden, isExact } = options;
  const session = module.openSeries(settingsOf(module, options.set));
  const asked = golden.columns.filter((column) => !['bar', 'openTime', 'robust'].includes(column));
  const ours = asked.map((column) => session.columns.indexOf(column));
  expect(asked.filter((_, i) => ours[i] < 0)).toEqual([]);
  expect(session.columns.length).toBe(asked.length);
  const theirs = asked.map((column) => golden.columns.indexOf(column));
  const robust = golden.columns.indexOf('robust');
  const row = new Float64Array(session.columns.length);
  let skipped = 0;
  bars.forEach((bar, t) => {
    session.update(bar, row);
    // One bar of the made-up series is decided by the rounding of the golden's own runtime.
    if (robust >= 0 && golden.rows[t][robust] === '0') {
      skipped++;
      return;
    }
    asked.forEach((column, i) => {
      const cell = golden.rows[t][theirs[i]];
      const value = row[ours[i]];
      const same = isExact(column) || cell === '' ? cellText(value) === cell : near(value, cell);
      if (!same) expect.fail(`${column} of bar ${t}: ${value}, golden ${cell}`);
    });
  });
  expect(skipped).toBeLessThanOrEqual(1);
}

function near(value: number, cell: string): boolean {
  return Math.abs(value - Number(cell)) <= AVERAGE;
}

function eventLines(module: SeriesModule, set: string[], bars: readonly Bar[]): string[] {
  const session = module.openEvents(settingsOf(module, set));
  const lines = [`seq,bar,openTime,${session.columns.join(',')}`];
  bars.forEach((bar, index) => {
    session.update(bar, (cells) => {
      const text = cells.map((cell) => (typeof cell === 'number' ? cellText(cell) : cell));
      lines.push([lines.length - 1, index, bar.openTime, ...text].join(','));
    });
  });
  return lines;
}

interface BlockLife {
  head: (string | number)[];
  blocks: OrderBlocks;
  id: number;
  end: (string | number)[] | undefined;
}

/** Follows each block by its number: created by an event, ended when its list no longer has it. */
function orderBlockLines(bars: readonly Bar[], mitigation: 'highLow' | 'close'): string[] {
  const smc = new SmartMoneyConcepts({ mitigation, pineCompat: true });
  const internal = smc.internalBlocks as OrderBlocks;
  const swing = smc.swingBlocks as OrderBlocks;
  const made = new Map<OrderBlocks, number>();
  const lives: BlockLife[] = [];
  let open: BlockLife[] = [];
  bars.forEach((bar, index) => {
    smc.update(bar, {
      event: (code, a, b, refBar, refTime) => {
        if (![31, 32, 41, 42].includes(code)) return;
        const blocks = code < 40 ? internal : swing;
        const id = made.get(blocks) ?? 0;
        made.set(blocks, id + 1);
        const structure = code < 40 ? 'internal' : 'swing';
        const bias = code % 10 === 1 ? 1 : -1;
        const head = [lives.length, structure, bias, a, b, refBar, refTime, index, bar.openTime];
        const life: BlockLife = { head, blocks, id, end: undefined };
        lives.push(life);
        open.push(life);
      },
    });
    open = open.filter((life) => {
      const isLive = life.blocks.id.subarray(0, life.blocks.count).includes(life.id);
      if (!isLive) life.end = [index, bar.openTime, 'MITIGATED'];
      return isLive;
    });
  });
  const lines = lives.map((life) => [...life.head, ...(life.end ?? ['', '', 'LIVE'])].join(','));
  const title = 'id,structure,bias,barHigh,barLow,originBar,originTime,createdBar,createdTime';
  return [`${title},endBar,endTime,end`, ...lines];
}

function settingsOf(module: SeriesModule, set: string[]) {
  return checkSettings(module, { symbol: 'BTCUSDT', timeframeMs: 180_000, set });
}

function readLines(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
}

function readTable(path: string): Table {
  const [columns, ...rows] = readLines(path).map((line) => line.split(','));
  return { columns, rows };
}

function readGoldenBars(path: string): Bar[] {
  const { columns, rows } = readTable(path);
  const at = (name: string) => columns.indexOf(name);
  return rows.map((row) => ({
    openTime: Number(row[at('openTime')]),
    open: Number(row[at('open')]),
    high: Number(row[at('high')]),
    low: Number(row[at('low')]),
    close: Number(row[at('close')]),
    volume: Number(row[at('volume')]),
    takerBuyVolume: Number.NaN,
  }));
}
