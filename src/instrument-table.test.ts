import { describe, expect, it } from 'vitest';
import { createBars } from '../data/bars/bars.ts';
import { Instrument } from './engine/instrument.ts';
import { bracketsFor, instrumentFor } from './instrument-table.ts';

function bars(symbol: string, closes: number[]) {
  const source = { kind: 'simulated' as const, names: [] };
  const out = createBars({ symbol, timeframeMs: 60_000, length: closes.length, source });
  out.close.set(closes);
  return out;
}

describe('typed-in filters', () => {
  it('are the perpetual’s where the prices fit its tick', () => {
    const { spec, note } = instrumentFor(bars('BTCUSDT', [60_000.1, 59_999.9]));
    expect([spec.tickSize, note]).toEqual(['0.10', undefined]);
    expect(new Instrument(spec).tick).toBe(0.1);
  });

  it('get a finer tick, and say so, where the prices have more digits', () => {
    const { spec, note } = instrumentFor(bars('BTCUSDT', [60_000.1, 59_999.87]));
    expect(spec.tickSize).toBe('0.01');
    expect(note).toContain('finer');
  });

  it('do not exist for other symbols', () => {
    expect(() => instrumentFor(bars('XRPUSDT', [1]))).toThrow(/no filters are known/);
  });

  it('have the cumulative amounts the venue publishes', () => {
    const cums = bracketsFor('BTCUSDT').map((tier) => Math.round(tier.cum));
    expect(cums).toEqual([0, 300, 1_500, 12_000, 132_000, 482_000, 2_982_000]);
  });
});
