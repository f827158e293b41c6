import { RollingSum } from './rolling-sum.ts';

/**
 * Chaikin money flow, -1..1: sum of clv * volume over sum of volume, both over `length` bars, where
 * clv = ((close - low) - (high - close)) / (high - low), 0 for a bar without height. Without any
 * volume 0. NaN until `length` bars were seen.
 */
export class Cmf {
  declare readonly length: number;
  declare value: number;
  declare private readonly flow: RollingSum;
  declare private readonly volume: RollingSum;

  /** @throws RangeError when `length` is not a positive whole number */
  constructor(length: number) {
    this.flow = new RollingSum(length);
    this.volume = new RollingSum(length);
    this.length = length;
    this.value = Number.NaN;
  }

  update(high: number, low: number, close: number, volume: number): number {
    const height = high - low;
    const clv = height === 0 ? 0 : (close - low - (high - close)) / height;
    const flow = this.flow.update(clv * volume);
    const total = this.volume.update(volume);
    return (this.value = total === 0 ? 0 : flow / total);
  }
}
