import type { Bar } from '../../indicator.ts';

/** Uniform numbers in (0, 1) from a seed; the same on every run. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
}

/** Standard normal numbers from uniform ones (Box and Muller). */
export function gaussian(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** A random walk in 3m bars from 1970 on, whose taker flow leans the way price goes. */
export function randomBars(count: number, { seed = 1 } = {}): Bar[] {
  const random = seededRandom(seed);
  const normal = gaussian(random);
  let close = 30_000;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close = open * Math.exp(0.001 * normal());
    const volume = 50 * Math.exp(0.7 * normal());
    const lean = (close / open - 1) * 200 + 0.2 * normal();
    return {
      openTime: i * 180_000,
      open,
      high: Math.max(open, close) * (1 + 0.0008 * random()),
      low: Math.min(open, close) * (1 - 0.0008 * random()),
      close,
      volume,
      takerBuyVolume: volume * Math.max(0, Math.min(1, 0.5 + lean)),
    };
  });
}

/** A bar at one price. */
export function flatBar(openTime: number, price: number, change: Partial<Bar> = {}): Bar {
  const bar = { openTime, open: price, high: price, low: price, close: price };
  return { ...bar, volume: 10, takerBuyVolume: 5, ...change };
}
