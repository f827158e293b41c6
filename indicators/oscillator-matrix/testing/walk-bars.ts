import type { Bar } from '../../indicator.ts';

/** Seeded bars of a wandering price at a tick of 0.5, with trends, quiet stretches and volume. */
export function walkBars(length: number, seed: number): Bar[] {
  const random = generator(seed);
  const bars: Bar[] = [];
  let close = 20_000;
  let drift = 0;
  for (let i = 0; i < length; i++) {
    if (i % 120 === 0) drift = (random() - 0.5) * 16;
    const size = i % 700 < 500 ? 30 : 8;
    const open = close;
    const moved = drift + (random() + random() - 1) * size;
    close = Math.max(1000, Math.round(2 * (open + moved)) / 2);
    const high = Math.max(open, close) + Math.round(random() * size) / 2;
    const low = Math.min(open, close) - Math.round(random() * size) / 2;
    const volume = Math.round(1000 * (1 + 20 * random() * random())) / 1000;
    bars.push(bar({ index: i, open, high, low, close, volume }));
  }
  return bars;
}

/** One 3m bar; prices not given are the close. */
export function bar(of: {
  index: number;
  close: number;
  open?: number;
  high?: number;
  low?: number;
  volume?: number;
}): Bar {
  const { index, close, open = close, volume = 1 } = of;
  return {
    openTime: 1_700_000_100_000 + index * 180_000,
    open,
    high: of.high ?? Math.max(open, close),
    low: of.low ?? Math.min(open, close),
    close,
    volume,
    takerBuyVolume: Number.NaN,
  };
}

export function mirrored(bars: readonly Bar[], axis: number): Bar[] {
  return bars.map((b) => ({
    ...b,
    open: axis - b.open,
    high: axis - b.low,
    low: axis - b.high,
    close: axis - b.close,
  }));
}

/** Uniform numbers of 0..1 from a 32-bit counter and a hash of it. */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
  };
}
