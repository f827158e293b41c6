import { describe, expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { SIGNAL_PRESETS } from '../../strategy/presets/signal-presets.ts';
import { collectDrawings } from '../chart-drawings.ts';
import { runPageData, thinned } from './run-page-data.ts';

const [BARS] = simulateMarket({ seed: 6, days: 6, timeframeMs: 180_000 }).series;
const DRAWINGS = collectDrawings(BARS, {
  signal: SIGNAL_PRESETS.sequence,
  biasTimeframeMs: 900_000,
  tickSize: 0.1,
  fromMs: 0,
  toMs: Number.POSITIVE_INFINITY,
});
const DATA = runPageData({ bars: BARS, tick: 0.1, drawings: DRAWINGS, trades: [], equity: [] });

function unpack(text: string): Int32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

describe('packed data', () => {
  test('bars come back as they went in', () => {
    const close = unpack(DATA.bars.close);
    const time = unpack(DATA.bars.time);
    expect(close.length).toBe(BARS.length);
    for (let i = 0; i < BARS.length; i += 37) {
      expect(time[i] * 60_000).toBe(BARS.openTime[i]);
      expect(close[i] * 0.1).toBeCloseTo(BARS.close[i], 6);
    }
  });

  test('blocks lie at the bars of their origin and end', () => {
    const rows = unpack(DATA.blocks);
    expect(rows.length).toBe(5 * DRAWINGS.blocks.length);
    DRAWINGS.blocks.forEach((block, i) => {
      expect(BARS.openTime[rows[5 * i + 1]]).toBe(block.fromMs);
      const to = Number.isNaN(block.toMs) ? BARS.length - 1 : BARS.openTime.indexOf(block.toMs);
      expect(rows[5 * i + 2]).toBe(to);
    });
  });
});

test('a thinned curve keeps first, last, lowest and highest', () => {
  const points = Array.from({ length: 50_000 }, (_, i) => ({
    atMs: i * 60_000,
    equity: 10_000 + 500 * Math.sin(i / 700) + (i === 31_417 ? -4_000 : 0),
  }));
  const kept = thinned(points);
  expect(kept.length).toBeLessThan(4_100);
  const values = kept.map(([, equity]) => equity);
  const all = points.map((point) => Math.round(point.equity * 100) / 100);
  expect(Math.min(...values)).toBe(Math.min(...all));
  expect(Math.max(...values)).toBe(Math.max(...all));
  expect(kept[0][0]).toBe(0);
  expect(kept[kept.length - 1][0]).toBe(49_999 * 60);
});
