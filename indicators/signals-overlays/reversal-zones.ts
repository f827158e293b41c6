import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import type { Bar } from '../indicator.ts';

const LENGTH = 100;
const WARM_UP_INDEX = 600;

/**
 * Reversal Zones: EMA(100) of the close and three bands on either side at 1.5, 2.25 and 3 ATR(100),
 * in quote currency. Documented by the original: an average, R1..R3 and S1..S3; lengths and
 * distances are our design. Shown from bar index 600. Mirrors exactly (R and S swap). O(1).
 */
export class ReversalZones {
  declare average: number;
  declare r1: number;
  declare r2: number;
  declare r3: number;
  declare s1: number;
  declare s2: number;
  declare s3: number;
  declare private readonly ema: Ema;
  declare private readonly atr: Atr;
  declare private index: number;

  constructor() {
    this.average = Number.NaN;
    this.r1 = Number.NaN;
    this.r2 = Number.NaN;
    this.r3 = Number.NaN;
    this.s1 = Number.NaN;
    this.s2 = Number.NaN;
    this.s3 = Number.NaN;
    this.ema = new Ema(LENGTH);
    this.atr = new Atr(LENGTH);
    this.index = -1;
  }

  update(bar: Bar): void {
    const { high, low, close } = bar;
    const average = this.ema.update(close);
    const atr = this.atr.update(high, low, close);
    if (++this.index < WARM_UP_INDEX) return;
    this.average = average;
    this.r1 = average + 1.5 * atr;
    this.r2 = average + 2.25 * atr;
    this.r3 = average + 3 * atr;
    this.s1 = average - 1.5 * atr;
    this.s2 = average - 2.25 * atr;
    this.s3 = average - 3 * atr;
  }
}
