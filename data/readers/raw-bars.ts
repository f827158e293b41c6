/** Rows as read, before validation: any order, duplicates and all. Grows by doubling. */
export class RawBars {
  length = 0;
  openTime: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  takerBuyVolume: Float64Array;
  /** Line of the file that row 0 stands on, for messages. */
  firstLine = 1;

  constructor(capacity = 1_024) {
    this.openTime = new Float64Array(capacity);
    this.open = new Float64Array(capacity);
    this.high = new Float64Array(capacity);
    this.low = new Float64Array(capacity);
    this.close = new Float64Array(capacity);
    this.volume = new Float64Array(capacity);
    this.takerBuyVolume = new Float64Array(capacity);
  }

  /** Index of a fresh row, to be filled by the caller. */
  add(): number {
    if (this.length === this.openTime.length) this.grow();
    return this.length++;
  }

  private grow(): void {
    const capacity = this.length * 2;
    const copy = (column: Float64Array) => {
      const out = new Float64Array(capacity);
      out.set(column);
      return out;
    };
    this.openTime = copy(this.openTime);
    this.open = copy(this.open);
    this.high = copy(this.high);
    this.low = copy(this.low);
    this.close = copy(this.close);
    this.volume = copy(this.volume);
    this.takerBuyVolume = copy(this.takerBuyVolume);
  }
}
