import { AppError } from '../../src/engine/error.ts';

export type BarField = 'time' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'takerBuyVolume';

/** Titles that mean a field, compared without case, spaces, dots and underscores. */
const TITLES: Record<BarField, readonly string[]> = {
  time: ['time', 'opentime', 'timestamp', 'date', 'datetime', 'ts', 'unix', 'candlebegintime'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c', 'last'],
  volume: ['volume', 'v', 'vol', 'basevolume', 'volumebtc'],
  takerBuyVolume: [
    'takerbuyvolume',
    'takerbuybase',
    'takerbuybasevolume',
    'takerbuybaseassetvolume',
  ],
};

/** Column of each field; -1 when the source does not have it (volume and taker volume only). */
export type BarColumns = Record<BarField, number>;

/** @throws AppError DATA_COLUMNS naming what is missing and what was found */
export function findBarColumns(path: string, titles: readonly string[]): BarColumns {
  if (titles.length === 0) return { ...BINANCE_COLUMNS };
  const plain = titles.map((title) => title.toLowerCase().replace(/[\s._-]/g, ''));
  const find = (field: BarField) => plain.findIndex((title) => TITLES[field].includes(title));
  const columns = {} as BarColumns;
  for (const field of Object.keys(TITLES) as BarField[]) columns[field] = find(field);
  const required: BarField[] = ['time', 'open', 'high', 'low', 'close'];
  const missing = required.filter((field) => columns[field] < 0);
  if (missing.length > 0) {
    // The first line of a file that is no table may be endless.
    const found = titles.slice(0, 12).map((title) => title.slice(0, 40));
    throw new AppError(
      'DATA_COLUMNS',
      `${path}:1: no column for ${missing.join(', ')}; found ${found.join(', ')}`,
      'a bar file needs time, open, high, low, close (and volume)',
    );
  }
  return columns;
}

const BINANCE_COLUMNS: BarColumns = {
  time: 0,
  open: 1,
  high: 2,
  low: 3,
  close: 4,
  volume: 5,
  takerBuyVolume: 9,
};
