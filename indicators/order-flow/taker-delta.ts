import type { Bar } from '../indicator.ts';

/**
 * Net taker volume of a bar, bought minus sold by takers, in base asset:
 * takerBuy - (volume - takerBuy). NaN where the source does not have taker volume.
 */
export function takerDelta(bar: Bar): number {
  return 2 * bar.takerBuyVolume - bar.volume;
}
