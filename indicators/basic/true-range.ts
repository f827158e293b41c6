/**
 * True range in price units: max(high - low, |high - previous close|, |low - previous close|), on
 * the first bar high - low. Has a value at once.
 */
export class TrueRange {
  declare value: number;
  declare private previousClose: number;

  constructor() {
    this.value = Number.NaN;
    this.previousClose = Number.NaN;
  }

  update(high: number, low: number, close: number): number {
    const before = this.previousClose;
    this.previousClose = close;
    return (this.value = trueRange(high, low, before));
  }
}

/** True range of one bar; `previousClose` is NaN on the first. */
export function trueRange(high: number, low: number, previousClose: number): number {
  // The previous close beyond the bar stretches the range; a NaN compares false and leaves it.
  const top = previousClose > high ? previousClose : high;
  const bottom = previousClose < low ? previousClose : low;
  return top - bottom;
}
