import { describe, expect, it } from 'vitest';
import type { Bar } from '../indicator.ts';
import { flatBar, randomBars } from './testing/market.ts';
import { VolumeProfile } from './volume-profile.ts';

/** Bars at single prices 0.5, 1.5, ... under a wide bar without volume that sets the range. */
function profileOf(volumes: readonly number[], valueAreaShare = 0.7): VolumeProfile {
  const rows = volumes.length;
  const profile = new VolumeProfile({ length: rows + 1, rows, valueAreaShare });
  profile.update(flatBar(0, 0, { high: rows, volume: 0 }));
  for (const [i, volume] of volumes.entries()) {
    profile.update(flatBar(1 + i, i + 0.5, { volume }));
  }
  return profile;
}

/** The same definitions, all anew for one window. */
function oracle(bars: readonly Bar[], rows: number, share: number) {
  const low = Math.min(...bars.map((bar) => bar.low));
  const high = Math.max(...bars.map((bar) => bar.high));
  const step = (high - low) / rows;
  const held = Array.from({ length: rows }, (_, row) => {
    const bottom = low + row * step;
    return bars.reduce((sum, bar) => {
      const overlap = Math.min(bar.high, bottom + step) - Math.max(bar.low, bottom);
      return sum + (overlap > 0 ? (bar.volume * overlap) / (bar.high - bar.low) : 0);
    }, 0);
  });
  const poc = held.indexOf(Math.max(...held));
  let [from, to] = [poc, poc];
  const sum = (a: number, b: number) => held.slice(Math.max(0, a), b).reduce((s, v) => s + v, 0);
  while (sum(from, to + 1) < share * sum(0, rows)) {
    const above = sum(to + 1, to + 3);
    const below = sum(from - 2, from);
    if (from === 0 || (to < rows - 1 && above >= below)) to = Math.min(rows - 1, to + 2);
    else from = Math.max(0, from - 2);
  }
  return {
    held,
    vpoc: low + (poc + 0.5) * step,
    val: low + from * step,
    vah: low + (to + 1) * step,
  };
}

describe('VolumeProfile', () => {
  it('finds the row with most volume and grows by the larger pair', () => {
    const profile = profileOf([1, 2, 10, 40, 20, 15, 8, 4]);
    expect(profile.vpoc).toBe(3.5);
    // 40 of 100; above 20 + 15 beats below 10 + 2: rows 3 to 5 hold 75.
    expect([profile.val, profile.vah]).toEqual([3, 6]);
  });

  it('grows downwards where more was traded, and stops at the edge', () => {
    const profile = profileOf([20, 15, 40, 12, 8, 3, 1, 1]);
    expect([profile.vpoc, profile.val, profile.vah]).toEqual([2.5, 0, 3]);
    const edge = profileOf([50, 10, 10, 10, 10, 10]);
    expect([edge.vpoc, edge.val, edge.vah]).toEqual([0.5, 0, 3]);
    const all = profileOf([1, 2, 3, 4, 5, 6], 1);
    expect([all.val, all.vah]).toEqual([0, 6]);
  });

  it('takes the row nearest the middle of equal ones', () => {
    expect(profileOf([5, 1, 1, 5, 1, 1]).vpoc).toBe(3.5);
    expect(profileOf([1, 1, 5, 1, 1, 5]).vpoc).toBe(2.5);
  });

  it('spreads the volume of a bar over its range', () => {
    const profile = new VolumeProfile({ length: 2, rows: 4 });
    profile.update(flatBar(0, 0, { high: 4, volume: 8 }));
    profile.update(flatBar(1, 1.5, { high: 3, volume: 6 }));
    const rows = [0, 1, 2, 3].map((row) => profile.volumeAt(row));
    expect(rows).toEqual([2, 4, 6, 2]);
  });

  it('equals a fresh count of its window at every bar, for thousands of bars', () => {
    const bars = randomBars(4000, { seed: 11 });
    const profile = new VolumeProfile({ length: 60, rows: 24 });
    for (const [i, bar] of bars.entries()) {
      profile.update(bar);
      if (i < 59 || i % 7 !== 0) continue;
      const fresh = oracle(bars.slice(i - 59, i + 1), 24, 0.7);
      expect(profile.vpoc).toBeCloseTo(fresh.vpoc, 6);
      expect(profile.val).toBeCloseTo(fresh.val, 6);
      expect(profile.vah).toBeCloseTo(fresh.vah, 6);
      for (const [row, volume] of fresh.held.entries()) {
        expect(profile.volumeAt(row)).toBeCloseTo(volume, 7);
      }
    }
  });

  it('is one price in a flat window and silent without volume', () => {
    const profile = new VolumeProfile({ length: 3, rows: 4 });
    for (let i = 0; i < 3; i++) profile.update(flatBar(i, 100));
    expect([profile.vpoc, profile.val, profile.vah]).toEqual([100, 100, 100]);
    for (let i = 3; i < 6; i++) profile.update(flatBar(i, 100, { volume: 0 }));
    expect([profile.vpoc, profile.val, profile.vah]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    profile.update(flatBar(6, 100, { volume: 1 }));
    expect(profile.vpoc).toBe(100);
  });

  it('refuses sizes that make no profile', () => {
    expect(() => new VolumeProfile({ length: 0 })).toThrow(RangeError);
    expect(() => new VolumeProfile({ rows: 0 })).toThrow(RangeError);
    expect(() => new VolumeProfile({ valueAreaShare: 0 })).toThrow(RangeError);
    expect(() => new VolumeProfile({ valueAreaShare: 1.1 })).toThrow(RangeError);
  });
});
