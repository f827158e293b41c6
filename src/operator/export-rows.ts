import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../engine/error.ts';
import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import type { CashFlowRow, FillRow } from '../store/bookkeeper.ts';
import { refuseNewer, STORE_VERSION, storeVersion } from '../store/schema.ts';

export type ExportKind = 'trades' | 'fills' | 'funding' | 'transfers';

/** A row by column; numbers as they are, times as ISO text in UTC. */
export type ExportRow = Record<string, string | number | boolean | null>;

export interface ExportColumn {
  name: string;
  meaning: string;
}

/** What each export holds, in order; `--help` prints it. */
export const EXPORT_COLUMNS: Readonly<Record<ExportKind, readonly ExportColumn[]>> = {
  trades: columns(`
    trade_id       id of the package (the main position and its hedge legs)
    strategy       which strategy made it, and its tag
    symbol         symbol of the main position
    side           long or short
    opened_utc     first fill
    closed_utc     when everything of it was flat
    quantity       most that was held, base asset
    entry_price    average of the entry fills
    exit_price     average of the exit fills
    initial_stop   stop price at the entry
    exit_reason    why it ended
    gross_pnl      of the main position, before fees and funding, quote asset
    hedge_pnl      of the hedge legs, before fees and funding, quote asset
    fees           of the whole package, paid, quote asset
    funding        received (negative: paid), quote asset
    net_pnl        gross_pnl + hedge_pnl - fees + funding
    result_r       net_pnl over the planned risk
    maker_share    part of the notional that was filled as maker
    legs           hedge symbols, quantities and prices`),
  fills: columns(`
    time_utc       time of the fill as the engine heard it
    symbol         traded symbol
    side           buy or sell
    quantity       base asset
    price          quote asset per unit
    notional       quantity x price, quote asset
    fee            paid (negative: received), in fee_asset
    fee_asset      asset the fee was taken in
    liquidity      maker or taker
    origin         own, or whose order it was (liquidation, adl, settlement, user)
    order_id       our order id
    fill_id        the exchange's id, unique by symbol`),
  funding: columns(`
    time_utc       time of the settlement as the engine heard it
    symbol         symbol of the position
    rate           of this interval; positive: longs pay
    interval_hours hours between settlements
    mark           price it was computed at
    position       signed base quantity held (from the fills), negative: short
    amount         received (negative: paid), quote asset
    source         booked (the exchange's figure) or computed (-position x mark x rate)`),
  transfers: columns(`
    time_utc       time the engine heard of it
    asset          what was moved
    amount         deposited (negative: withdrawn)
    balance        of the asset, after it`),
};

/**
 * Rows of the books in a span of time, oldest first.
 * @throws AppError STORE_OLD for a file that no daemon of this version has opened yet
 */
export function exportRows(
  db: DatabaseSync,
  ask: { kind: ExportKind; fromMs: number; toMs: number },
): ExportRow[] {
  const version = storeVersion(db);
  refuseNewer(version);
  if (version < STORE_VERSION) {
    const hint = 'start the daemon once: it brings the file up to date, after making a copy';
    throw new AppError('STORE_OLD', 'this store was written by an older version', hint);
  }
  const { kind, ...span } = ask;
  switch (kind) {
    case 'trades':
      return tradeRows(db, span);
    case 'fills':
      return fillRows(db, span);
    case 'funding':
      return fundingRows(db, span);
    case 'transfers':
      return transferRows(db, span);
  }
}

interface Span {
  fromMs: number;
  toMs: number;
}

/** RFC 4180: commas, quotes and line ends in quotes; lines end in CR LF. */
export function csvText(kind: ExportKind, rows: readonly ExportRow[]): string {
  const names = EXPORT_COLUMNS[kind].map(({ name }) => name);
  const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function cell(value: ExportRow[string] | undefined): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function tradeRows(db: DatabaseSync, { fromMs, toMs }: Span): ExportRow[] {
  const sql = 'SELECT text FROM trades WHERE closed_ms >= ? AND closed_ms < ? ORDER BY closed_ms';
  const rows = db.prepare(sql).all(finite(fromMs), finite(toMs));
  const trades = rows.map(({ text }) => decode(String(text)) as TradeRecord);
  // A package that never filled moved no money.
  return trades.filter(({ quantity }) => quantity > 0).map(tradeRow);
}

function tradeRow(trade: TradeRecord): ExportRow {
  return {
    trade_id: trade.tradeId,
    strategy: `${trade.strategyId} ${trade.tag}`,
    symbol: trade.symbol,
    side: trade.direction === 1 ? 'long' : 'short',
    opened_utc: iso(trade.firstFillMs),
    closed_utc: iso(trade.closedMs),
    quantity: trade.quantity,
    entry_price: number(trade.entryPrice),
    exit_price: number(trade.exitPrice),
    initial_stop: number(trade.initialStop),
    exit_reason: trade.exitReason,
    gross_pnl: number(trade.grossPnl),
    hedge_pnl: number(trade.hedgePnl),
    fees: number(trade.fees),
    funding: number(trade.funding),
    net_pnl: number(trade.netPnl),
    result_r: number(trade.tradeR),
    maker_share: number(trade.makerShare),
    legs: trade.legs
      .filter(({ quantity }) => quantity > 0)
      .map((leg) => `${leg.symbol} ${leg.quantity} ${leg.entryPrice}>${leg.exitPrice}`)
      .join('; '),
  };
}

function fillRows(db: DatabaseSync, span: Span): ExportRow[] {
  return readFills(db, span).map(({ atMs, row }) => ({
    time_utc: iso(atMs),
    symbol: row.symbol,
    side: row.side,
    quantity: row.quantity,
    price: row.price,
    notional: number(row.notional),
    fee: number(row.fee),
    fee_asset: row.feeAsset,
    liquidity: row.isMaker ? 'maker' : 'taker',
    origin: row.origin,
    order_id: row.orderId,
    fill_id: row.fillId,
  }));
}

function fundingRows(db: DatabaseSync, { fromMs, toMs }: Span): ExportRow[] {
  const fills = readFills(db, { fromMs: Number.NEGATIVE_INFINITY, toMs });
  const held = new Map<string, number>();
  let next = 0;
  const out: ExportRow[] = [];
  const sql = `SELECT seq, at_ms, text FROM cash_flows WHERE kind = 'funding' AND at_ms < ?
    ORDER BY seq`;
  for (const { seq, at_ms, text } of db.prepare(sql).all(finite(toMs))) {
    for (; next < fills.length && fills[next].seq < Number(seq); next++) {
      const { symbol, side, quantity } = fills[next].row;
      const signed = side === 'buy' ? Number(quantity) : -Number(quantity);
      held.set(symbol, rounded((held.get(symbol) ?? 0) + signed));
    }
    const row = decode(String(text)) as Extract<CashFlowRow, { kind: 'funding' }>;
    const position = held.get(row.symbol) ?? 0;
    const isBooked = Number.isFinite(row.amount);
    // The venue tells the rate of every symbol, held or not.
    if (Number(at_ms) < fromMs || (!isBooked && position === 0)) continue;
    out.push({
      time_utc: iso(Number(at_ms)),
      symbol: row.symbol,
      rate: row.rate,
      interval_hours: row.intervalHours,
      mark: number(row.mark),
      position,
      amount: rounded(isBooked ? row.amount : -position * row.mark * row.rate),
      source: isBooked ? 'booked' : 'computed',
    });
  }
  return out;
}

function transferRows(db: DatabaseSync, { fromMs, toMs }: Span): ExportRow[] {
  const sql = `SELECT at_ms, text FROM cash_flows
    WHERE kind = 'transfer' AND at_ms >= ? AND at_ms < ? ORDER BY seq`;
  return db
    .prepare(sql)
    .all(finite(fromMs), finite(toMs))
    .map(({ at_ms, text }) => {
      const row = decode(String(text)) as Extract<CashFlowRow, { kind: 'transfer' }>;
      const { asset, amount, balance } = row;
      return { time_utc: iso(Number(at_ms)), asset, amount, balance };
    });
}

function readFills(
  db: DatabaseSync,
  { fromMs, toMs }: Span,
): { seq: number; atMs: number; row: FillRow }[] {
  const sql = 'SELECT seq, at_ms, text FROM fills WHERE at_ms >= ? AND at_ms < ? ORDER BY seq';
  return db
    .prepare(sql)
    .all(finite(fromMs), finite(toMs))
    .map(({ seq, at_ms, text }) => ({
      seq: Number(seq),
      atMs: Number(at_ms),
      row: decode(String(text)) as FillRow,
    }));
}

/** Sums of decimals in doubles, back on the eight digits that the venue counts in. */
function rounded(value: number): number {
  return Number(value.toFixed(8));
}

function number(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}

function finite(ms: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, ms));
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : '';
}

function columns(text: string): ExportColumn[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [name, ...words] = line.trim().split(/\s+/);
      return { name, meaning: words.join(' ') };
    });
}
