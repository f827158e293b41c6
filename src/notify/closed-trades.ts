import { decode } from '../engine/journal-codec.ts';
import type { TradeRecord } from '../engine/trade-record.ts';
import { openForReading } from '../store/open-store.ts';

/** Enough for the last 500 of either side unless one side is four times as frequent. */
const TRADES_MAX = 2_500;

/** The last closed trades of a store, oldest first; read beside the process that writes it. */
export function lastTrades(folder: string, max = TRADES_MAX): TradeRecord[] {
  const db = openForReading(folder);
  try {
    const newest = 'SELECT text FROM trades ORDER BY closed_ms DESC LIMIT ?';
    const rows = db.prepare(newest).all(max);
    return rows.map((row) => decode(String(row.text)) as TradeRecord).reverse();
  } finally {
    db.close();
  }
}
