import { expect, test } from 'vitest';
import type { EngineEvent } from '../engine/event.ts';
import { testSession } from '../engine/testing/engine-fixture.ts';
import { BufferedStore } from '../store/buffered-store.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { csvText, EXPORT_COLUMNS, type ExportKind, exportRows } from './export-rows.ts';

const ALL = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 0, 5);

/** Sold 2 ETH on the first day, bought 0.5 back on the second; funding on both. */
function books() {
  const disk = new SqliteStore(':memory:');
  const store = new BufferedStore(disk);
  let seq = 0;
  const tell = (event: EngineEvent, atMs: number) =>
    store.append({ type: 'event', envelope: { seq: ++seq, atMs, source: 'venue', event } });
  const fill = { kind: 'order.filled', orderId: 'o', symbol: 'ETHUSDT', feeAsset: 'BNB' } as const;
  const more = { isMaker: true, origin: 'own', priceTicks: 300_012, feeUnits: 123_456 } as const;
  const funding = { kind: 'funding.settled', symbol: 'ETHUSDT', intervalHours: 8 } as const;
  const unbooked = { ...funding, rate: 0.0001, mark: 3_000, bookedUnits: undefined };
  tell(testSession(), START_MS);
  tell(unbooked, START_MS + 1);
  tell({ ...fill, ...more, fillId: 'f1', side: 'sell', lots: 2_000 }, START_MS + 2);
  tell(unbooked, START_MS + 3);
  tell({ ...fill, ...more, fillId: 'f2', side: 'buy', lots: 500 }, START_MS + DAY_MS);
  tell({ ...unbooked, bookedUnits: -45_000_000 }, START_MS + DAY_MS + 1);
  tell({ kind: 'account.reported', cashUnits: 7e8, transferUnits: 2e8 }, START_MS + DAY_MS + 2);
  store.commit();
  return disk.db;
}

test('fills as decimals, with the asset of the fee', () => {
  expect(exportRows(books(), { kind: 'fills', ...ALL })[0]).toEqual({
    time_utc: '2026-01-05T00:00:00.002Z',
    symbol: 'ETHUSDT',
    side: 'sell',
    quantity: '2.000',
    price: '3000.12',
    notional: 6000.24,
    fee: 0.00123456,
    fee_asset: 'BNB',
    liquidity: 'maker',
    origin: 'own',
    order_id: 'o',
    fill_id: 'f1',
  });
});

test('funding is booked, or computed from what was held; without a position there is none', () => {
  const rows = exportRows(books(), { kind: 'funding', ...ALL });
  expect(rows.map(({ position, amount, source }) => [position, amount, source])).toEqual([
    [-2, 0.6, 'computed'],
    [-1.5, -0.45, 'booked'],
  ]);
});

test('a span takes its first day whole and nothing of the day after', () => {
  const second = { fromMs: START_MS + DAY_MS, toMs: START_MS + 2 * DAY_MS };
  expect(exportRows(books(), { kind: 'fills', ...second })).toHaveLength(1);
  // The position of a span that begins later is still counted from the beginning.
  expect(exportRows(books(), { kind: 'funding', ...second })[0]).toMatchObject({ position: -1.5 });
  expect(exportRows(books(), { kind: 'transfers', ...second })).toEqual([
    { time_utc: '2026-01-06T00:00:00.002Z', asset: 'USDT', amount: 2, balance: 7 },
  ]);
});

test('every column is explained, and every row has exactly those', () => {
  const db = books();
  for (const kind of ['fills', 'funding', 'transfers'] as ExportKind[]) {
    const [row] = exportRows(db, { kind, ...ALL });
    expect(Object.keys(row)).toEqual(EXPORT_COLUMNS[kind].map(({ name }) => name));
  }
  for (const list of Object.values(EXPORT_COLUMNS)) {
    for (const { meaning } of list) expect(meaning.length).toBeGreaterThan(8);
  }
});

test('CSV quotes what needs it', () => {
  const row = { time_utc: 'a,b', asset: 'say "x"', amount: 1, balance: null };
  const text = csvText('transfers', [row]);
  expect(text).toBe('time_utc,asset,amount,balance\r\n"a,b","say ""x""",1,\r\n');
});

test('a store of an older version says what to do', () => {
  const db = books();
  db.exec('DELETE FROM migrations WHERE version > 1');
  expect(() => exportRows(db, { kind: 'fills', ...ALL })).toThrow(
    expect.objectContaining({ code: 'STORE_OLD' }),
  );
});
