import { Atr } from '../basic/atr.ts';
import { Ema } from '../basic/ema.ts';
import type { Bar } from '../indicator.ts';

const LENGTH = 100;
const WARM_UP_INDEX = 600;

/**
 * Reversal Zones: EMA(100) of the close and three bands on either side at 1.5, 2.25 and 3 ATR(100),
 * in quote currency. Documented by the original: an average, R1..R3 and S1..S3; lengths and
 * distances are our design. Shown from bar index 600. Mirrors exactly (R and S swap). O(1);
 * the bands are worked out when read.
 */
export class ReversalZones {
  declare average: number;
  declare private range: number;
  declare private readonly ema: Ema;
  declare private readonly atr: Atr;
  declare private index: number;

  constructor() {
    this.average = Number.NaN;
    this.range = Number.NaN;
    this.ema = new Ema(LENGTH);
    this.atr = new Atr(LENGTH);
    this.index = -1;
  }

  update(bar: Bar): void {
    const { high, low, close } = bar;
    const average = this.ema.update(close);
    const range = this.atr.update(high, low, close);
    if (++this.index < WARM_UP_INDEX) return;
    this.average = average;
    this.range = range;
  }

  get r1(): number {
    return this.average + 1.5 * this.range;
  }
  get r2(): number {
    return this.average + 2.25 * this.range;
  }
  get r3(): number {
    return this.average + 3 * this.range;
  }
  get s1(): number {
    return this.average - 1.5 * this.range;
  }
  get s2(): number {
    return this.average - 2.25 * this.range;
  }
  get s3(): number {
    return this.average - 3 * this.range;
  }
}
