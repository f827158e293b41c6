import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../../src/engine/error.ts';
import { readBookFile } from './book-file.ts';
import {
  ROW_BUY,
  ROW_SELL,
  type Tape,
  type TapePart,
  type TapeRows,
  type TapeSpan,
  TapeWriter,
} from './tape.ts';
import { readTradeFile } from './trade-file.ts';

const DAY_MS = 86_400_000;
const TRADE_FILE =
  /^([A-Z0-9]{5,20})-(?:aggTrades|trades)-(\d{4})-(\d{2})(?:-(\d{2}))?\.(?:csv|csv\.gz|zip)$/;
const PLAIN_TRADES = /^([A-Z0-9]{5,20})[-_.].*trades.*\.(?:csv|csv\.gz|zip)$/i;
const BOOK_FILE = /\.(?:raw|raw\.gz|jsonl|jsonl\.gz|txt|txt\.gz)$/;

export interface FindTapes {
  /** Folder or file of Binance trade archives. */
  tradesPath?: string;
  /** Folder or file of raw websocket lines. */
  bookPath?: string;
  symbols: readonly string[];
  /** Files outside are not opened where their names tell it. */
  span: TapeSpan;
  onProgress?: (text: string) => void;
}

export interface FoundTapes {
  tapes: Tape[];
  paths: string[];
}

/**
 * Recorded trades and books of the symbols in a span of time. Archives named by day or month cover
 * it whole and are read when a run needs them; other files cover from their first row to their
 * last. Books count before trades where both are there.
 * @throws AppError DATA_NO_FILE, DATA_TRADES, DATA_BOOK
 */
export function findTapes(request: FindTapes): FoundTapes {
  const { symbols, span, onProgress } = request;
  const paths: string[] = [];
  const bySymbol = new Map<string, { books: TapePart[]; trades: TapePart[] }>();
  const entry = (symbol: string) => {
    const found = bySymbol.get(symbol) ?? { books: [], trades: [] };
    bySymbol.set(symbol, found);
    return found;
  };
  for (const path of filesOf(request.tradesPath, '--trades')) {
    const found = tradePart(path, span);
    if (found === undefined || !symbols.includes(found.symbol)) continue;
    entry(found.symbol).trades.push(found.part);
    paths.push(path);
  }
  for (const path of filesOf(request.bookPath, '--book')) {
    if (!BOOK_FILE.test(basename(path))) continue;
    onProgress?.(`reading ${basename(path)}`);
    const book = readBookFile(path);
    if (!symbols.includes(book.symbol) || book.rows.length === 0) continue;
    const part = bookPart(basename(path), book);
    if (part.toMs <= span.fromMs || part.fromMs >= span.toMs) continue;
    entry(book.symbol).books.push(part);
    paths.push(path);
  }
  const tapes = [...bySymbol].map(([symbol, { books, trades }]) => ({
    symbol,
    parts: [...books.map((book) => withTrades(book, trades)), ...trades],
  }));
  if (request.tradesPath !== undefined && ![...bySymbol.values()].some((e) => e.trades.length > 0))
    throw nothingFound(request.tradesPath, 'trades of the traded symbols in the span of the bars');
  if (request.bookPath !== undefined && ![...bySymbol.values()].some((e) => e.books.length > 0))
    throw nothingFound(request.bookPath, 'book of the traded symbols in the span of the bars');
  return { tapes: tapes.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)), paths };
}

function nothingFound(path: string, what: string): AppError {
  return new AppError(
    'DATA_NO_TAPE',
    `${path} holds no ${what}`,
    'trades: BTCUSDT-aggTrades-2024-10-18.zip or .csv; books: raw websocket lines, .raw.gz',
  );
}

function filesOf(path: string | undefined, flag: string): string[] {
  if (path === undefined) return [];
  if (!existsSync(path)) {
    throw new AppError('DATA_NO_FILE', `${path} does not exist`, `check ${flag}`);
  }
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(path, each.name))
    .sort();
}

function tradePart(path: string, span: TapeSpan): { symbol: string; part: TapePart } | undefined {
  const name = basename(path);
  const archive = TRADE_FILE.exec(name);
  if (archive !== null) {
    const [, symbol, year, month, day] = archive;
    const fromMs = Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1));
    const nextMonthMs = Date.UTC(Number(year), Number(month), 1);
    const toMs = day === undefined ? nextMonthMs : fromMs + DAY_MS;
    if (toMs <= span.fromMs || fromMs >= span.toMs) return undefined;
    const part = { fromMs, toMs, names: [name], bookSpans: [], rows: kept(path, [fromMs, toMs]) };
    return { symbol, part };
  }
  const plain = PLAIN_TRADES.exec(name);
  if (plain === null) return undefined;
  const rows = readTradeFile(path);
  if (rows.length === 0) return undefined;
  if (rows.atMs[rows.length - 1] <= span.fromMs || rows.atMs[0] >= span.toMs) return undefined;
  const part: TapePart = {
    fromMs: rows.atMs[0],
    toMs: rows.atMs[rows.length - 1],
    names: [name],
    bookSpans: [],
    rows: () => rows,
  };
  return { symbol: plain[1].toUpperCase(), part };
}

/** One file of all archives stays in memory: a day of BTCUSDT is some 60 MB. */
let newest: { path: string; rows: TapeRows } | undefined;

function kept(path: string, [fromMs, toMs]: readonly [number, number]): () => TapeRows {
  return () => {
    if (newest?.path === path) return newest.rows;
    const rows = readTradeFile(path);
    const lastMs = rows.atMs[rows.length - 1];
    if (rows.length === 0 || rows.atMs[0] < fromMs || lastMs >= toMs) {
      throw new AppError(
        'DATA_TRADES',
        `${basename(path)} holds trades of another day than its name says`,
        'download it again',
      );
    }
    newest = { path, rows };
    return rows;
  };
}

function bookPart(name: string, book: ReturnType<typeof readBookFile>): TapePart {
  const { rows, bookSpans } = book;
  const fromMs = rows.atMs[0];
  const toMs = rows.atMs[rows.length - 1];
  return { fromMs, toMs, names: [name], bookSpans, rows: () => rows };
}

/**
 * A recording of the book alone gets its trades from the archives of the same time: without trades
 * nothing tells the last price.
 */
function withTrades(book: TapePart, trades: readonly TapePart[]): TapePart {
  const rows = book.rows();
  for (let i = 0; i < rows.length; i++) {
    if (rows.kind[i] === ROW_BUY || rows.kind[i] === ROW_SELL) return book;
  }
  const same = trades.find((each) => each.fromMs <= book.fromMs && each.toMs >= book.toMs);
  if (same === undefined) {
    throw new AppError(
      'DATA_BOOK',
      `${book.names.join(', ')} holds no trades`,
      'record the trade stream too, or give the archive of that day with --trades',
    );
  }
  const merged = merge(rows, same.rows(), book);
  return {
    fromMs: book.fromMs,
    toMs: book.toMs,
    names: [...book.names, ...same.names],
    bookSpans: book.bookSpans,
    rows: () => merged,
  };
}

/** By time; a trade before what the book tells of the same instant. */
function merge(book: TapeRows, trades: TapeRows, span: TapeSpan): TapeRows {
  const out = new TapeWriter(book.length * 2);
  let next = 0;
  const copy = (from: TapeRows, i: number) =>
    out.add(from.atMs[i], from.kind[i], from.price[i], from.quantity[i]);
  while (next < trades.length && trades.atMs[next] < span.fromMs) next++;
  for (let i = 0; i < book.length; i++) {
    while (next < trades.length && trades.atMs[next] <= book.atMs[i]) copy(trades, next++);
    copy(book, i);
  }
  return out.done(trades.gaps.filter((gap) => gap.toMs > span.fromMs && gap.fromMs < span.toMs));
}
