import { describe, expect, test } from 'vitest';
import { simulateMarket } from '../../data/simulated/market.ts';
import { SIGNAL_PRESETS } from '../../strategy/presets/signal-presets.ts';
import { collectDrawings } from '../chart-drawings.ts';
import { costOf, type PineOptions, pineRows, pineScripts } from './pine.ts';

const [BARS] = simulateMarket({ seed: 12, days: 30, timeframeMs: 180_000 }).series;
const END_MS = BARS.openTime[BARS.length - 1] + 180_000;
const FROM_MS = BARS.openTime[2_000];
const DRAWINGS = collectDrawings(BARS, {
  signal: SIGNAL_PRESETS.sequence,
  biasTimeframeMs: 900_000,
  tickSize: 0.1,
  fromMs: FROM_MS,
  toMs: END_MS,
});
const TRADE = {
  id: '1',
  side: 'long',
  entryMs: FROM_MS,
  exitMs: FROM_MS + 1_800_000,
  entryPrice: 100.1,
  exitPrice: 101.2,
  quantity: 1,
  netPnl: 1,
} as const;
const OPTIONS: PineOptions = {
  symbol: 'BTCUSDT',
  timeframe: '3m',
  drawings: DRAWINGS,
  trades: [TRADE],
  endMs: END_MS,
  digits: 1,
};
const SCRIPTS = pineScripts(OPTIONS);

/** Rows as the script would read them: literals, ";" and ",". */
function rowsOf(script: string): number[][] {
  const literals = [...script.matchAll(/array\.push\(packed, "([^"]*)"\)/g)].map((m) => m[1]);
  return literals.flatMap((text) => text.split(';').map((row) => row.split(',').map(Number)));
}

describe('drawings', () => {
  test('blocks begin before they end, edges in order; breaks lie at their pivot', () => {
    expect(DRAWINGS.blocks.length).toBeGreaterThan(50);
    for (const block of DRAWINGS.blocks) {
      expect(block.top).toBeGreaterThan(block.bottom);
      if (!Number.isNaN(block.toMs)) expect(block.toMs).toBeGreaterThan(block.fromMs);
    }
    expect(DRAWINGS.breaks.length).toBeGreaterThan(50);
    for (const line of DRAWINGS.breaks) {
      const at = BARS.openTime.indexOf(line.fromMs);
      expect(line.price).toBe(line.side === 1 ? BARS.high[at] : BARS.low[at]);
      expect(line.toMs).toBeGreaterThan(line.fromMs);
      expect(line.toMs).toBeGreaterThanOrEqual(FROM_MS);
    }
  });
});

describe('the scripts', () => {
  test('hold every drawing once, in order', () => {
    const base = Number(/int BASE = (\d+)/.exec(SCRIPTS[0])?.[1]) / 60_000;
    const all = SCRIPTS.flatMap(rowsOf);
    const expected = pineRows(OPTIONS).map(([kind, from, price, to, price2]) => [
      kind,
      from - base,
      Number(price.toFixed(1)),
      to - base,
      Number(price2.toFixed(1)),
    ]);
    expect(all).toEqual(expected);
  });

  test('stay within the limits of drawings and of literals', () => {
    expect(SCRIPTS.length).toBeGreaterThan(1);
    for (const script of SCRIPTS) {
      const used = { boxes: 0, lines: 0, labels: 0 };
      for (const [kind] of rowsOf(script)) {
        const cost = costOf(kind);
        used.boxes += cost.boxes;
        used.lines += cost.lines;
        used.labels += cost.labels;
      }
      expect(Math.max(used.boxes, used.lines, used.labels)).toBeLessThanOrEqual(500);
      for (const literal of script.match(/"[^"]*"/g) ?? []) {
        expect(literal.length).toBeLessThan(4_096);
      }
      expect(script.length).toBeLessThan(80_000);
    }
  });

  test('begin with the version, balance brackets and quotes, indent as Pine asks', () => {
    for (const script of SCRIPTS) {
      expect(script.startsWith('//@version=6\n')).toBe(true);
      const code = script.replace(/^\/\/.*$/gm, '').replace(/"[^"\n]*"/g, '""');
      expect(code.split('(').length).toBe(code.split(')').length);
      // Blocks by fours; a wrapped line by a number that is no multiple of four.
      const lines = code.split('\n');
      lines.forEach((line, i) => {
        const indent = /^ */.exec(line)?.[0].length ?? 0;
        const isWrapped = lines[i - 1]?.endsWith(',') ?? false;
        expect(indent % 4 === 0).toBe(!isWrapped);
      });
      expect(code).not.toMatch(/[^\n\x20-\x7e]/);
    }
  });

  test('a hostile symbol cannot leave its literal', () => {
    const [script] = pineScripts({ ...OPTIONS, symbol: 'X"); evil("\n//' });
    expect(script).toContain('indicator("QCM Xevil 3m');
  });

  test('without drawings there is one script that draws nothing', () => {
    const none = { blocks: [], breaks: [], alerts: [] };
    const scripts = pineScripts({ ...OPTIONS, drawings: none, trades: [] });
    expect(scripts.length).toBe(1);
    expect(rowsOf(scripts[0])).toEqual([]);
  });
});
