import { parseTimeMs } from '../../data/readers/bar-time.ts';
import { type CsvTable, readCsvTable } from '../../data/readers/csv-table.ts';
import { readTextBytes } from '../../data/readers/open-file.ts';
import { AppError } from '../../src/engine/error.ts';

/** One trade of either side. NaN where the file has no value, as in a trade still open. */
export interface ListedTrade {
  /** The file's own number or id; hostile text. */
  id: string;
  side: 'long' | 'short';
  entryMs: number;
  exitMs: number;
  entryPrice: number;
  exitPrice: number;
  quantity: number;
  netPnl: number;
}

/** Titles by what they begin with: the currency and wording differ between versions. */
const TRADINGVIEW_TITLES = {
  id: /^trade #/i,
  type: /^type$/i,
  time: /^date/i,
  signal: /^signal/i,
  price: /^price/i,
  quantity: /^(position size \(qty\)|contracts|quantity|qty|size \(qty\))/i,
  netPnl: /^(net p&l|profit|p&l|net profit)(?! ?%)(?!.*%)/i,
} as const;

/**
 * Reads TradingView's "List of trades": two rows a trade, entry and exit in either order. Times
 * with an offset are taken as they are; times without one are `zone` (`+00:00` when left out).
 * @throws AppError DATA_* with file and line
 */
export function readTradingViewTrades(path: string, zone = '+00:00'): ListedTrade[] {
  if (!/^[+-]\d\d:\d\d$/.test(zone)) {
    throw new AppError('USAGE_ZONE', `"${zone}" is not an offset`, 'write --zone -05:00');
  }
  const table = readCsvTable(path, readTextBytes(path));
  const at = columnsOf(table, TRADINGVIEW_TITLES);
  const trades = new Map<string, ListedTrade>();
  table.rows.forEach((cells, index) => {
    const where = `${path}:${table.firstLine + index}`;
    const id = cells[at.id] ?? '';
    const type = /^(entry|exit) (long|short)$/i.exec(cells[at.type] ?? '');
    if (type === null) {
      throw new AppError('DATA_CELL', `${where}: "${cells[at.type] ?? ''}" is no type of a trade`);
    }
    const side = type[2].toLowerCase() as ListedTrade['side'];
    const trade = trades.get(id) ?? emptyTrade(id, side);
    trades.set(id, trade);
    trade.netPnl = plainNumber(cells[at.netPnl]);
    trade.quantity = plainNumber(cells[at.quantity]);
    const isExit = type[1].toLowerCase() === 'exit';
    // A trade still open has an exit row that is no exit.
    if (isExit && /^open$/i.test(cells[at.signal] ?? '')) return;
    const time = cells[at.time] ?? '';
    const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(time.slice(10));
    const ms = parseTimeMs(hasZone ? time : `${padded(time)}${zone}`, 'iso');
    if (Number.isNaN(ms)) throw new AppError('DATA_TIME', `${where}: "${time}" is not a time`);
    const price = plainNumber(cells[at.price]);
    if (isExit) [trade.exitMs, trade.exitPrice] = [ms, price];
    else [trade.entryMs, trade.entryPrice] = [ms, price];
  });
  const found = [...trades.values()];
  const broken = found.find((trade) => Number.isNaN(trade.entryMs));
  if (broken !== undefined) {
    throw new AppError('DATA_TRADES', `${path}: trade ${broken.id} has no entry row`);
  }
  return byEntry(found);
}

/** Reads the trades.csv that `qcm backtest` writes. @throws AppError DATA_* */
export function readOwnTrades(path: string): ListedTrade[] {
  const table = readCsvTable(path, readTextBytes(path));
  const at = columnsOf(table, {
    id: /^trade_id$/,
    side: /^side$/,
    entry: /^first_fill$/,
    exit: /^closed$/,
    entryPrice: /^entry_price$/,
    exitPrice: /^exit_price$/,
    quantity: /^quantity$/,
    netPnl: /^net_pnl$/,
  });
  const trades = table.rows.map((cells) => ({
    id: cells[at.id] ?? '',
    side: cells[at.side] === 'short' ? ('short' as const) : ('long' as const),
    entryMs: parseTimeMs(cells[at.entry] ?? '', 'iso'),
    exitMs: parseTimeMs(cells[at.exit] ?? '', 'iso'),
    entryPrice: plainNumber(cells[at.entryPrice]),
    exitPrice: plainNumber(cells[at.exitPrice]),
    quantity: plainNumber(cells[at.quantity]),
    netPnl: plainNumber(cells[at.netPnl]),
  }));
  // Without a fill there was no trade.
  return byEntry(trades.filter((trade) => !Number.isNaN(trade.entryMs)));
}

function columnsOf<Name extends string>(
  table: CsvTable,
  titles: Readonly<Record<Name, RegExp>>,
): Record<Name, number> {
  const at = {} as Record<Name, number>;
  for (const name of Object.keys(titles) as Name[]) {
    at[name] = table.titles.findIndex((title) => titles[name].test(title));
    if (at[name] >= 0) continue;
    throw new AppError(
      'DATA_COLUMNS',
      `${table.path}:1: no column for ${name}; found ${table.titles.slice(0, 20).join(', ')}`,
      'expected the "List of trades" export, or trades.csv of a backtest',
    );
  }
  return at;
}

function emptyTrade(id: string, side: ListedTrade['side']): ListedTrade {
  const none = Number.NaN;
  const prices = { entryPrice: none, exitPrice: none, quantity: none, netPnl: none };
  return { id, side, entryMs: none, exitMs: none, ...prices };
}

function byEntry(trades: ListedTrade[]): ListedTrade[] {
  return trades.sort((a, b) => a.entryMs - b.entryMs || (a.id < b.id ? -1 : 1));
}

/** `2022-01-05 17:00` and a bare date as full ISO text. */
function padded(time: string): string {
  return time.length <= 10 ? `${time}T00:00` : time.replace(' ', 'T');
}

/** Thousands may be parted by commas, a minus may be the typographic one. */
function plainNumber(text: string | undefined): number {
  const plain = (text ?? '').replace(/,/g, '').replace('\u2212', '-').trim();
  return plain === '' ? Number.NaN : Number(plain);
}
