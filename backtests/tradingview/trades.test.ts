import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedPath } from '../../data/testing/shared.ts';
import { compareTrades, tradesF1, tradesText } from './compare-trades.ts';
import { readOwnTrades, readTradingViewTrades } from './read-trades.ts';
import { tempFile } from './testing/made-export.ts';

const HEAD = 'Trade #,Type,Date/Time,Signal,Price USDT,Position size (qty),Net P&L USDT,Net P&L %';
const LISTED = [
  HEAD,
  '1,Entry long,2025-01-02T03:00:00+0000,Long,100,2,10,5',
  '1,Exit long,2025-01-02T03:30:00+0000,XL,105,2,10,5',
  // Newer exports list the exit first.
  '2,Exit short,2025-01-02T06:30:00+0200,XS,110,1,-5,-5',
  '2,Entry short,2025-01-02T06:00:00+0200,Short,105,1,-5,-5',
  '3,Entry long,2025-01-03T00:00:00Z,Long,"1,120.5",1,0,0',
  '3,Exit long,2025-01-03T01:00:00Z,Open,1130,1,0,0',
].join('\r\n');
const OWN = [
  'trade_id,strategy,side,first_fill,closed,quantity,entry_price,exit_price,net_pnl',
  'a,s,long,2025-01-02T03:02:00Z,2025-01-02T03:30:00Z,2,100.1,105,9.5',
  'b,s,long,2025-01-02T04:00:00Z,2025-01-02T04:30:00Z,1,105,110,5',
  'c,s,long,,2025-01-02T05:30:00Z,0,,,0',
].join('\n');

const theirs = () => readTradingViewTrades(tempFile('list.csv', `\uFEFF${LISTED}`));
const ours = () => readOwnTrades(tempFile('trades.csv', OWN));

describe('a list of trades', () => {
  test('has two rows a trade, in either order, with offsets', () => {
    expect(theirs().slice(0, 2)).toEqual([
      {
        id: '1',
        side: 'long',
        entryMs: Date.UTC(2025, 0, 2, 3),
        exitMs: Date.UTC(2025, 0, 2, 3, 30),
        entryPrice: 100,
        exitPrice: 105,
        quantity: 2,
        netPnl: 10,
      },
      {
        id: '2',
        side: 'short',
        entryMs: Date.UTC(2025, 0, 2, 4),
        exitMs: Date.UTC(2025, 0, 2, 4, 30),
        entryPrice: 105,
        exitPrice: 110,
        quantity: 1,
        netPnl: -5,
      },
    ]);
  });

  test('an open trade has no exit; thousands may be parted', () => {
    expect(theirs()[2]).toMatchObject({ entryPrice: 1_120.5, exitMs: Number.NaN });
  });

  test('times without an offset are of the zone given', () => {
    const rows = [
      HEAD,
      '1,Entry long,2025-01-02 03:00,L,1,1,0,0',
      '1,Exit long,2025-01-03,X,1,1,0,0',
    ];
    const [trade] = readTradingViewTrades(tempFile('list.csv', rows.join('\n')), '-05:00');
    expect(trade.entryMs).toBe(Date.UTC(2025, 0, 2, 8));
    expect(trade.exitMs).toBe(Date.UTC(2025, 0, 3, 5));
  });

  test('another file is refused with its columns', () => {
    const path = tempFile('x.csv', 'time,open\nfoo,bar');
    expect(() => readTradingViewTrades(path)).toThrow(/no column for id; found time, open/);
  });
});

describe('matching', () => {
  test('pairs by side and time, each trade once', () => {
    const diff = compareTrades(theirs(), ours(), 6);
    expect(diff.pairs).toHaveLength(1);
    expect(diff.pairs[0]).toMatchObject({ entryMinutes: 2, exitMinutes: 0, netPnl: -0.5 });
    expect(diff.pairs[0].entryPriceBps).toBeCloseTo(10, 9);
    expect(diff.onlyTheirs.map((trade) => trade.id)).toEqual(['2', '3']);
    expect(diff.onlyOurs.map((trade) => trade.id)).toEqual(['b']);
    expect(tradesF1(diff)).toBe(2 / 5);
    expect(tradesText(diff)).toContain('#1 long 2025-01-02 03:00 at 100: entry 2 min 10 bps');
  });

  test('outside the time nothing is paired', () => {
    expect(compareTrades(theirs(), ours(), 1).pairs).toEqual([]);
  });
});

const FOLDER = sharedPath('golden/tradingview/trades');
describe.skipIf(FOLDER === undefined)('real lists of trades', () => {
  const files = FOLDER === undefined ? [] : readdirSync(FOLDER);
  test.each(files)('%s pairs with itself and not with its mirror', (name) => {
    const trades = readTradingViewTrades(join(FOLDER as string, name));
    expect(trades.length).toBeGreaterThan(50);
    const diff = compareTrades(trades, trades, 0);
    expect(tradesF1(diff)).toBe(1);
    expect(diff.pairs.every((one) => one.netPnl === 0)).toBe(true);
    const prices = trades.map((trade) => trade.entryPrice);
    expect(prices.every((price) => price > 0)).toBe(true);
    const turned = trades.map((trade) => {
      const side = trade.side === 'long' ? ('short' as const) : ('long' as const);
      return { ...trade, side, entryMs: trade.entryMs + 1 };
    });
    expect(compareTrades(trades, turned, 0).pairs).toEqual([]);
  });
});
