import { expect, test } from 'vitest';
import type { WatchPicture } from './watch-reader.ts';
import { watchText } from './watch-text.ts';

const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const PICTURE: WatchPicture = {
  status: {
    atMs: AT_MS,
    label: 'paper BTCUSDT',
    mode: 'paper',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    ready: true,
    trouble: null,
    halts: ['operator'],
    equity: 10_012.5,
    openPackages: 1,
    positions: [{ symbol: 'BTCUSDT', quantity: -0.012 }],
    sequence: 7,
  },
  symbols: [
    {
      symbol: 'BTCUSDT',
      price: { atMs: 1, last: 99_000.5, bid: 99_000, ask: 99_001, mark: null, fundingRate: 1e-4 },
      cvd: { atMs: 1, day: '2026-01-02', value: -12.345, source: 'flow' },
      tags: { atMs: 1, tags: ['HTF_BULL', 'CVD_UP'] },
    },
    { symbol: 'ETHUSDT', price: null, cvd: null, tags: null },
  ],
  beta: { atMs: 1, main: 'BTCUSDT', legs: [{ symbol: 'ETHUSDT', beta: 1.234, correlation: 0.9 }] },
  alerts: [{ id: 'a', time: '2026-01-02T03:03:00.000Z', side: 'BUY', symbol: 'BTCUSDT', price: 1 }],
  notices: [{ id: 'n', atMs: AT_MS, level: 'alarm', code: 'POISONED', text: 'entries are off' }],
};

test('the table shows what is known, and a dash where nothing is', () => {
  expect(watchText(PICTURE, 'qcm')).toBe(`paper BTCUSDT (paper) 2026-01-02T03:04:05Z: well
equity 10012.50, open 1 (BTCUSDT -0.012)
entries halted: operator

symbol      last    bid    ask  mark   funding  CVD day  tags
BTCUSDT  99000.5  99000  99001     -  0.0100 %    -12.3  HTF_BULL CVD_UP
ETHUSDT        -      -      -     -         -        -
beta ETHUSDT 1.23, correlation 0.90

alert  2026-01-02T03:03:00.000Z BUY BTCUSDT at 1
alarm  2026-01-02T03:04:05Z POISONED: entries are off
`);
});

test('trouble, silence, nothing at all and no Redis are said', () => {
  const { status } = PICTURE;
  if (status === null) throw new Error('the picture has a status');
  const ill = { ...PICTURE, status: { ...status, trouble: 'no market data for 200 s' } };
  expect(watchText(ill, 'qcm')).toContain('no market data for 200 s');
  expect(watchText({ ...PICTURE, status: null }, 'qcm')).toContain('THE DAEMON IS SILENT');
  const empty = { status: null, symbols: [], beta: null, alerts: [], notices: [] };
  expect(watchText(empty, 'qcm')).toContain('nothing is published under qcm');
  expect(watchText(undefined, 'qcm')).toContain('Redis does not answer');
});
