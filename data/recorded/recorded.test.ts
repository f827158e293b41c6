import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createBars } from '../bars/bars.ts';
import { agreementNote } from './agreement.ts';
import { parseBook } from './book-file.ts';
import { findTapes } from './find-tapes.ts';
import type { TapeRows } from './tape.ts';
import { parseTrades, readTradeFile } from './trade-file.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const table = (rows: TapeRows) =>
  Array.from({ length: rows.length }, (_, i) => [
    rows.atMs[i],
    'BSbatTx'[rows.kind[i]],
    rows.price[i],
    rows.quantity[i],
  ]);
const DAY = Date.UTC(2024, 9, 18);

describe('trade archives', () => {
  const expected = [
    [DAY + 3, 'B', 0.7097, 19],
    [DAY + 9, 'S', 0.7096, 2254.5],
  ];

  it('reads aggTrades with header, as futures archives have them', () => {
    const header =
      'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker';
    const text = `${header}\n17,0.7097,19.0,5,5,${DAY + 3},false\n18,0.7096,2254.5,6,9,${DAY + 9},true\n`;
    expect(table(parseTrades(bytes(text), 'x'))).toEqual(expected);
  });

  it('reads spot aggTrades: no header, microseconds, one more flag, no last newline', () => {
    const first = `17,0.70970000,19.00000000,5,5,${DAY + 3}123,False,True`;
    const text = `${first}\n18,0.70960000,2254.50000000,6,9,${DAY + 9}999,True,True`;
    expect(table(parseTrades(bytes(text), 'x'))).toEqual(expected);
  });

  it('reads single trades, whose ids may jump', () => {
    const header = 'id,price,qty,quote_qty,time,is_buyer_maker';
    const first = `5,0.7097,19,13.48,${DAY + 3},false`;
    const text = `${header}\n${first}\n7,0.7096,2254.5,1,${DAY + 9},true\n`;
    const rows = parseTrades(bytes(text), 'x');
    expect(table(rows)).toEqual(expected);
    expect(rows.gaps).toEqual([]);
  });

  it('names the gap where an aggregated id is missing', () => {
    const text = `17,1,1,5,5,1000,false\n18,1,1,5,5,2000,false\n20,1,1,5,5,9000,true\n`;
    expect(parseTrades(bytes(text), 'x').gaps).toEqual([{ fromMs: 2000, toMs: 9001 }]);
  });

  it.each([
    ['a,b\n', /line 2 is neither aggTrades nor trades/],
    ['17,1,1,5,5,1000,false\n18,1,x,5,5,1000,false\n', /line 2 is not a row of numbers/],
    ['17,1,1,5,5,1000,false\n18,1,1,5,5,999,false\n', /line 2 goes back in time/],
    ['17,1,1,5,5,1000,false\n18,0,1,5,5,1000,false\n', /line 2 has no price/],
    ['17,1,1,5,5,1000,false\n18,1,1,5,5,1000,?\n', /line 2 has no flag/],
  ])('refuses %j', (text, message) => {
    expect(() => parseTrades(bytes(text), 'x')).toThrow(message);
  });
});

const SHARED = process.env.QCM_SHARED ?? join(import.meta.dirname, '..', '..', '..', 'shared');
const ARCHIVE = join(SHARED, 'data', 'official-zip', 'futures-APEUSDT-aggTrades-2024-10-18.zip');
const hasArchive = existsSync(ARCHIVE);
if (!hasArchive) console.warn('SKIPPED: a real aggTrades archive: official-zip is not there.');

describe.skipIf(!hasArchive)('a day of APEUSDT as Binance archives it', () => {
  it('is read to the last row, without a gap, inside its day', () => {
    const rows = readTradeFile(ARCHIVE);
    expect([rows.length, rows.gaps]).toEqual([45_342, []]);
    expect(table(rows)[0]).toEqual([1_729_209_603_958, 'B', 0.7097, 19]);
    expect(rows.atMs[0]).toBeGreaterThanOrEqual(DAY);
    expect(rows.atMs[rows.length - 1]).toBeLessThan(DAY + 86_400_000);
    expect(Math.min(...rows.price)).toBeGreaterThan(0.5);
    expect(Math.max(...rows.price)).toBeLessThan(1);
  });
});

const line = (message: object, ns = '1729209600000000000') => `${ns} ${JSON.stringify(message)}`;
const stream = (data: object) => line({ stream: 'btcusdt@x', data });
const diff = (T: number, [pu, u]: [number, number], b: string[][], a: string[][] = []) =>
  stream({ e: 'depthUpdate', T, s: 'BTCUSDT', U: pu + 1, u, pu, b, a });
const ticker = (T: number, u: number, b: string, a: string) =>
  stream({ e: 'bookTicker', T, u, s: 'BTCUSDT', b, B: '1', a, A: '2' });
const trade = (T: number, p: string, m: boolean) =>
  stream({ e: 'trade', T, s: 'BTCUSDT', p, q: '0.5', m });
const snapshot = (T: number, lastUpdateId: number) =>
  line({ lastUpdateId, T, bids: [['99', '1']], asks: [['101', '2']] });

describe('book recordings', () => {
  it('lays the diffs that came before the snapshot and are newer over it', () => {
    const lines = [
      diff(10, [0, 5], [['98', '9']]),
      diff(20, [5, 8], [['99', '3']], [['102', '0']]),
      snapshot(15, 6),
      diff(30, [8, 9], [['99', '0']]),
    ];
    const { rows, bookSpans, symbol } = parseBook(bytes(lines.join('\n')), 'x');
    expect(symbol).toBe('BTCUSDT');
    expect(table(rows)).toEqual([
      [20, 'x', 0, 0],
      [20, 'b', 99, 1],
      [20, 'a', 101, 2],
      [20, 'b', 99, 3],
      [20, 'a', 102, 0],
      [30, 'b', 99, 0],
    ]);
    expect(bookSpans).toEqual([{ fromMs: 20, toMs: 30 }]);
  });

  it('is no book before a snapshot, and none after a break until the next one', () => {
    const lines = [
      trade(5, '100', false),
      diff(10, [0, 5], [['98', '9']]),
      snapshot(12, 5),
      diff(20, [5, 8], []),
      diff(30, [9, 10], [['97', '1']]),
      trade(35, '100.5', true),
      snapshot(40, 12),
      diff(50, [10, 14], [['96', '1']]),
    ];
    const { rows, bookSpans } = parseBook(bytes(lines.join('\n')), 'x');
    expect(bookSpans).toEqual([
      { fromMs: 12, toMs: 30 },
      { fromMs: 40, toMs: 50 },
    ]);
    expect(table(rows).filter(([, kind]) => kind === 'B' || kind === 'S')).toEqual([
      [5, 'B', 100, 0.5],
      [35, 'S', 100.5, 0.5],
    ]);
    expect(table(rows).at(-1)).toEqual([50, 'b', 96, 1]);
  });

  it('ignores a snapshot that lies before the first diff there is', () => {
    const lines = [diff(10, [20, 25], [['98', '9']]), snapshot(12, 5), trade(13, '1', true)];
    expect(parseBook(bytes(lines.join('\n')), 'x').bookSpans).toEqual([]);
  });

  it('does not revive with an older diff what a newer ticker has cleared', () => {
    const lines = [
      snapshot(1, 1),
      ticker(10, 9, '98', '100'),
      diff(
        11,
        [1, 8],
        [
          ['99', '5'],
          ['97', '4'],
        ],
      ),
    ];
    const { rows } = parseBook(bytes(lines.join('\n')), 'x');
    expect(table(rows).slice(3)).toEqual([
      [10, 't', 98, 1],
      [10, 'T', 100, 2],
      [11, 'b', 97, 4],
    ]);
  });

  it('keeps time from falling, in the order of the lines', () => {
    const lines = [trade(10, '1', true), trade(8, '2', true), trade(12, '3', true)];
    const { rows } = parseBook(bytes(lines.join('\n')), 'x');
    expect(table(rows).map(([atMs]) => atMs)).toEqual([10, 10, 12]);
  });

  it('refuses a line that is not a message', () => {
    expect(() => parseBook(bytes(`${trade(1, '1', true)}\n5 {"e":`), 'x')).toThrow(/line 2/);
  });
});

describe('recordings in a folder', () => {
  const AGG = 'BTCUSDT-aggTrades-2024-10-18.csv';
  const span = { fromMs: DAY, toMs: DAY + 86_400_000 };
  const folder = (files: Record<string, string | Uint8Array>) => {
    const path = mkdtempSync(join(tmpdir(), 'qcm-tapes-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    return path;
  };
  const row = (id: number, atMs: number) => `${id},100,1,1,1,${atMs},false\n`;

  it('takes archives of the traded symbols and of the span, and reads them when asked', () => {
    const tradesPath = folder({
      [AGG]: row(1, DAY + 5),
      'BTCUSDT-aggTrades-2024-10-19.csv': 'never read',
      'ETHUSDT-aggTrades-2024-10-18.csv': 'never read',
    });
    const { tapes } = findTapes({ tradesPath, symbols: ['BTCUSDT'], span });
    expect(tapes.map(({ symbol, parts }) => [symbol, parts.length])).toEqual([['BTCUSDT', 1]]);
    const [part] = tapes[0].parts;
    expect([part.fromMs, part.toMs, part.rows().length]).toEqual([span.fromMs, span.toMs, 1]);
  });

  it('refuses an archive that holds another day than its name says', () => {
    const tradesPath = folder({ [AGG]: row(1, DAY - 5) });
    const { tapes } = findTapes({ tradesPath, symbols: ['BTCUSDT'], span });
    expect(() => tapes[0].parts[0].rows()).toThrow(/another day/);
  });

  it('gives a book without trades the trades of the archive', () => {
    const tradesPath = folder({ [AGG]: row(1, DAY + 5) + row(2, DAY + 25) + row(3, DAY + 99) });
    const lines = [snapshot(DAY + 10, 1), diff(DAY + 20, [1, 2], []), diff(DAY + 30, [2, 3], [])];
    const packed = gzipSync(bytes(`${lines.join('\n')}\n${ticker(DAY + 30, 4, '99', '101')}`));
    const bookPath = folder({ 'b.raw.gz': packed });
    const { tapes } = findTapes({ tradesPath, bookPath, symbols: ['BTCUSDT'], span });
    expect(tapes[0].parts.map(({ bookSpans }) => bookSpans.length)).toEqual([1, 0]);
    const kinds = table(tapes[0].parts[0].rows()).map(
      ([atMs, kind]) => `${Number(atMs) - DAY}${kind}`,
    );
    expect(kinds).toEqual(['10x', '10b', '10a', '25B', '30t', '30T']);
    expect(() => findTapes({ bookPath, symbols: ['BTCUSDT'], span })).toThrow(/holds no trades/);
  });

  it('says so when a given path holds nothing of use', () => {
    const symbols = ['BTCUSDT'];
    expect(() => findTapes({ tradesPath: folder({}), symbols, span })).toThrow(/holds no trades/);
    expect(() => findTapes({ bookPath: folder({}), symbols, span })).toThrow(/holds no book/);
    const old = folder({ 'b.raw': `${snapshot(DAY - 9, 1)}\n${trade(DAY - 5, '1', true)}\n` });
    expect(() => findTapes({ bookPath: old, symbols, span })).toThrow(/in the span of the bars/);
    expect(() => findTapes({ bookPath: 'nowhere', symbols, span })).toThrow(/does not exist/);
  });
});

describe('trades and bars of one market', () => {
  const bars = createBars({
    symbol: 'BTCUSDT',
    timeframeMs: 60_000,
    length: 1,
    source: { kind: 'simulated', names: [] },
  });
  bars.openTime[0] = 0;
  bars.high[0] = 101;
  bars.low[0] = 99;
  const tapeOf = (high: string) => {
    const text = `1,99,1,1,1,0,false\n2,${high},1,1,1,500,true\n`;
    const rows = parseTrades(bytes(text), 'x');
    const part = { fromMs: 0, toMs: 60_000, names: ['x'], bookSpans: [], rows: () => rows };
    return [{ symbol: 'BTCUSDT', parts: [part] }];
  };

  it('agree silently, differ a little with a note, and are refused when they differ', () => {
    expect(agreementNote(bars, tapeOf('101'))).toBeUndefined();
    expect(agreementNote(bars, tapeOf('101.001'))).toMatch(/1 of 1 bars .* 0.10 bps/);
    expect(() => agreementNote(bars, tapeOf('101.1'))).toThrow(/differ by 9.9 bps/);
  });
});
